//! Listening to what a migration sends over the live connection.
//!
//! A recording connection in between would change what a migration can do (a row it reads could no longer
//! be asked by position, and streams would fail), so the live run uses the real one, and this listens to the
//! driver's own log. It hears every statement when it has ended, in PostgreSQL's words; bound values are shown
//! as `$1`.

use std::{
    fmt::Debug,
    sync::{Arc, Mutex, PoisonError},
};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    instrument::WithSubscriber as _,
    span,
};

use crate::statements::split;

/// Where sqlx logs statements.
const TARGET: &str = "sqlx::query";

/// Hears the statements that a future sends.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ear(Arc<Mutex<Vec<String>>>);

impl Ear {
    /// Runs `work` and hears what it sends. Statements that other tasks send are not heard.
    pub(crate) async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        work.with_subscriber(Listener(self.clone())).await
    }

    /// How many statements have ended so far, well or not.
    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// What was heard, each as often as it was sent.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was heard; a statement that was sent several times in a row is told once.
    pub(crate) fn statements(&self) -> Vec<String> {
        collapsed(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Each run of equal statements as one, with the number of times.
fn collapsed(statements: &[String]) -> Vec<String> {
    let runs = statements.chunk_by(|a, b| a == b);
    runs.map(|run| match run.len() {
        1 => run[0].clone(),
        times => format!("{}\n-- {times} times", run[0]),
    })
    .collect()
}

/// Whether every statement only defines objects, so that a schema that is as before proves that nothing of
/// them is left. A block, a call or a query may have changed rows.
pub(crate) fn only_define(sent: &[String]) -> bool {
    const DEFINING: [&str; 7] = ["alter", "comment", "create", "drop", "lock", "reset", "set"];
    // CREATE TABLE … AS brings rows, but they go with their table.
    sent.iter().flat_map(|text| split(text)).all(|sql| sql.begins_with(&DEFINING))
}

struct Listener(Ear);

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == TARGET
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut heard = Heard::default();
        event.record(&mut heard);
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).push(heard.sql());
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// The two fields of the driver's event: the first words, and all of them where there are more.
#[derive(Default)]
struct Heard {
    summary: String,
    statement: String,
}

impl Heard {
    fn sql(self) -> String {
        let whole = self.statement.trim();
        if whole.is_empty() { self.summary } else { whole.to_owned() }
    }
}

impl Visit for Heard {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.clone_into(&mut self.statement),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_change_rows_does_not_only_define() {
        let check = |sql: &str| only_define(&[sql.to_owned()]);
        assert!(
            check("CREATE INDEX CONCURRENTLY i ON t (a)") && check("\nALTER TABLE t ADD a int;")
        );
        assert!(!check("DO $$ BEGIN END $$") && !check("SET a = 1; UPDATE t SET a = 1"));
    }

    #[test]
    fn equal_statements_in_a_row_are_told_once() {
        let sent = ["a", "b", "b", "b", "a"].map(str::to_owned);
        assert_eq!(collapsed(&sent), ["a", "b\n-- 3 times", "a"]);
    }
}
