//! Giving a new database what belonged to the one that was backed up, and is in no archive.

use dbkit::Identifier;

use super::RestoreError;
use crate::{
    Manifest,
    server::{Server, ServerError},
    swap::{comment_literal, properties},
};

/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
const INSUFFICIENT_PRIVILEGE: &str = "42501";
const UNDEFINED_OBJECT: &str = "42704";

/// Gives `database` the recorded owner, privileges, settings, limit and comment, all of them or none; why
/// none, where the role may not do that or another one does not exist. What is in the database is the
/// same without.
pub(super) async fn give(
    server: &mut Server,
    database: &str,
    manifest: &Manifest,
) -> Result<Option<String>, RestoreError> {
    match give_all(server, database, manifest).await {
        Ok(()) => Ok(None),
        Err(refused) => match (refused.code().as_deref(), refused.message()) {
            (Some(INSUFFICIENT_PRIVILEGE | UNDEFINED_OBJECT), Some(reason)) => {
                Ok(Some(reason.to_owned()))
            }
            _ => Err(refused.into()),
        },
    }
}

async fn give_all(
    server: &mut Server,
    database: &str,
    manifest: &Manifest,
) -> Result<(), ServerError> {
    let recorded = properties::recorded(server, &manifest.source).await?;
    let comment = comment_literal(recorded.comment.as_deref());
    let name = Identifier(database);
    let statements =
        recorded.statements(database) + &format!("COMMENT ON DATABASE {name} IS {comment};");
    server.execute(&format!("make `{database}` like the one that was backed up"), &statements).await
}
