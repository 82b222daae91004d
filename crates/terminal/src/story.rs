//! What is known of a run while it lasts, for the audit trail and for whoever is told how it ends.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};

use crate::context::Context;

/// What is known of a run so far.
#[derive(Debug, Default)]
pub(crate) struct Story(Mutex<Known>);

/// The same, to be read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// What it does, once it does something that others are told of.
    pub(crate) command: Option<String>,
    /// The database that it has come to.
    pub(crate) database: Option<String>,
    /// What else it found out, by name.
    pub(crate) facts: Map<String, Value>,
}

impl Known {
    /// A fact that is a text.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.facts.get(name).and_then(Value::as_str).map(str::to_owned)
    }

    /// A fact that is a number.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.facts.get(name).and_then(Value::as_u64)
    }
}

impl Story {
    pub(crate) fn known(&self) -> Known {
        self.inner().clone()
    }

    fn inner(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Context {
    /// From here on, whoever listens at `NOTIFY_URL` is told how this run ends, as the end of `command`.
    /// What is audited is told in any case.
    pub fn told_as(&self, command: &str) {
        self.story.inner().command = Some(command.to_owned());
    }

    /// Says which database this run is about. One that is opened is known in any case.
    pub fn about_database(&self, database: &str) {
        self.story.inner().database = Some(database.to_owned());
    }

    /// Adds to what the audit trail keeps of this run: its next intent, and every result. Whoever is told of
    /// its end hears `backup` (an id), `bytes` and `class` (of a finding).
    pub fn fact(&self, name: &str, value: impl Into<Value>) {
        self.story.inner().facts.insert(name.to_owned(), value.into());
    }
}
