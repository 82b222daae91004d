//! How a library tells the outside world what it is doing.
//!
//! A tool's library reports events of its own type; who listens (a progress
//! bar, JSON lines, the audit log, a webhook, a test) is the caller's choice.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

/// Something that listens to events.
pub trait Report<E>: Send + Sync {
    /// Takes note of one event. Must return quickly and must not fail.
    fn report(&self, event: &E);
}

/// An event that reads as a sentence, for a listener that shows it to people.
pub trait Sentence: fmt::Display {
    /// Whether it says how something ended, and so stays on the screen.
    fn is_outcome(&self) -> bool;
}

/// Nobody listens.
impl<E> Report<E> for () {
    fn report(&self, _event: &E) {}
}

/// Remembers every event, for tests.
impl<E: Clone + Send> Report<E> for Mutex<Vec<E>> {
    fn report(&self, event: &E) {
        self.lock().unwrap_or_else(PoisonError::into_inner).push(event.clone());
    }
}

/// Both listen, in order.
impl<E, A: Report<E>, B: Report<E>> Report<E> for (A, B) {
    fn report(&self, event: &E) {
        self.0.report(event);
        self.1.report(event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_listeners_hear_the_same_events_in_order() {
        let (first, second) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
        let both = (first, second);
        both.report(&1);
        both.report(&2);
        assert_eq!(both.0.into_inner().unwrap(), [1, 2]);
        assert_eq!(both.1.into_inner().unwrap(), [1, 2]);
    }
}
