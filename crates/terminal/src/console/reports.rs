//! Listeners that turn events into what a person reads.

use std::fmt;

use dbkit::{ConnectEvent, Report};

use super::Console;

impl Report<ConnectEvent> for Console {
    fn report(&self, event: &ConnectEvent) {
        let ConnectEvent::Retrying { attempt, pause, cause } = event;
        let pause = pause.as_secs_f32();
        self.note(&format!("attempt {attempt} failed, next in {pause:.1} s: {cause}"));
    }
}

/// Shows every event as the step that starts now, in the event's own words.
pub struct Steps<'a>(&'a Console);

impl Console {
    /// A listener for events that read as steps.
    pub fn steps(&self) -> Steps<'_> {
        Steps(self)
    }
}

impl<E: fmt::Display> Report<E> for Steps<'_> {
    fn report(&self, event: &E) {
        self.0.step(&event.to_string());
    }
}
