//! Doing something with its intent and its result in the trail of the backups.

use dbkit::audit::Operation;
use terminal::{Context, Failure};

use super::explain;
use crate::{
    FolderError, Store,
    trail::{self, TrailError},
};

/// What depends on the trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Something is replaced or lost: what cannot be written down is not done.
    Destroys,
    /// Something is added, or merely noted: a backup is worth more than its record.
    Adds,
}

/// Runs `work`, which `command` names, between its intent and its result in the trail of `store`.
pub async fn recorded<T>(
    context: &Context,
    store: &Store,
    command: &str,
    weight: Weight,
    work: impl AsyncFnOnce() -> Result<T, Failure>,
) -> Result<T, Failure> {
    context.told_as(command);
    let operation = context.operation(command);
    let begun = trail::begin(store, &operation, context.intent(None), context.clock.now()).await;
    match begun {
        Ok(()) => {}
        Err(error) if weight == Weight::Destroys || is_hopeless(&error) => {
            return Err(explain::trail(error));
        }
        // Then there is no backup either, which is the error to show.
        Err(TrailError::Folder(_)) => return work().await,
        Err(error) => {
            warn(context, "this", &error);
            return work().await;
        }
    }
    let result = work().await;
    // What is cleaned up behind it must be done before this program ends.
    store.settled().await;
    finish(context, store, &operation, &result).await;
    result
}

/// Whether nothing else can be done in a store either, so that the same wait would come once more.
fn is_hopeless(error: &TrailError) -> bool {
    let TrailError::Folder(FolderError::Objects(error)) = error else { return false };
    error.trouble().is_of_all()
}

async fn finish<T>(
    context: &Context,
    store: &Store,
    operation: &Operation,
    result: &Result<T, Failure>,
) {
    let (outcome, detail) = context.outcome(result);
    let finished = trail::finish(store, operation, outcome, detail, context.clock.now()).await;
    if let Err(error) = finished {
        // The work is done or undone already; a missing result is a finding of its own.
        warn(context, "the result", &error);
    }
}

fn warn(context: &Context, what: &str, error: &TrailError) {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    let cause = cause.unwrap_or_default();
    context.console.warn(&format!("{what} is not in the trail of the backups: {error}{cause}"));
}
