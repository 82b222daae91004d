//! The audit trail of a database that is replaced, and of the one that takes its place.

use dbkit::{
    DatabaseUrl,
    audit::{self, Operation, Outcome},
    connect,
};
use serde_json::Value;
use terminal::{Context, Failure, Opened};

/// How an operation ended, and what is known of it.
type Ending = (Outcome, Value);

/// Runs `work`, which replaces what `opened` is connected to, between its intent and its result.
///
/// The intent stands in what is replaced, and so does the result, where that is kept under the name that
/// `kept` knows. In what takes its place, both are written afterwards: its own trail knows nothing of it.
pub(super) async fn replaced<T>(
    context: &Context,
    opened: Opened,
    command: &str,
    break_glass: Option<&str>,
    kept: impl Fn(&T) -> Option<String>,
    work: impl AsyncFnOnce() -> Result<T, Failure>,
) -> Result<T, Failure> {
    context.told_as(command);
    let operation = context.operation(command);
    let intent = context.intent(break_glass);
    audit::begin(&opened.db, &operation, intent.clone(), context.clock.now())
        .await
        .map_err(|error| Failure::database(error).context("cannot write the audit trail"))?;
    // A connection of ours would be cut off like anybody's.
    let _ = opened.db.close().await;
    let result = work().await;
    let ending = context.outcome(&result);
    let written = match &result {
        Ok(done) => {
            let kept = kept(done).map(|name| opened.url.with_database(&name));
            in_both(context, &opened.url, kept, &operation, (intent, ending)).await
        }
        Err(_) => end(context, &opened.url, &operation, ending).await,
    };
    if let Err(error) = written {
        context.console.warn(&format!("the result is not in the audit trail: {error}"));
    }
    result
}

async fn in_both(
    context: &Context,
    url: &DatabaseUrl,
    kept: Option<DatabaseUrl>,
    operation: &Operation,
    (intent, ending): (Value, Ending),
) -> anyhow::Result<()> {
    let db = connect(url, &context.connect_options(), &()).await?;
    audit::begin(&db, operation, intent, context.clock.now()).await?;
    let (outcome, detail) = ending.clone();
    audit::finish(&db, operation, outcome, detail, context.clock.now()).await?;
    db.close().await?;
    match kept {
        Some(kept) => end(context, &kept, operation, ending).await,
        None => Ok(()),
    }
}

async fn end(
    context: &Context,
    url: &DatabaseUrl,
    operation: &Operation,
    (outcome, detail): Ending,
) -> anyhow::Result<()> {
    let db = connect(url, &context.connect_options(), &()).await?;
    audit::finish(&db, operation, outcome, detail, context.clock.now()).await?;
    db.close().await?;
    Ok(())
}
