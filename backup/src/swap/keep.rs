//! What is kept of databases that were replaced: seen, exchanged back, or dropped.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use dbkit::{Clock, DatabaseUrl, Identifier, Literal, Report, guard::Permit};
use serde::Serialize;
use uuid::Uuid;

use super::{
    PATIENCE, enter,
    exchange::Exchange,
    mark::{Aside, Mark},
    names, properties, replaceable, settle,
};
use crate::{
    BackupEvent, RestoreError, RestoreOptions,
    server::{Server, ServerError},
};

/// A database that was replaced and is still there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Its name now.
    pub database: String,
    /// The name that it had.
    pub of: String,
    /// The backup that took its place; nothing, if that was an undo.
    pub backup: Option<String>,
    /// When it was replaced.
    pub at: DateTime<Utc>,
    /// How large it is, in bytes.
    pub bytes: u64,
    #[serde(skip)]
    aside: Aside,
    #[serde(skip)]
    oid: i64,
}

/// What an undo did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// The database.
    pub database: String,
    /// The name that its content had.
    pub was: String,
    /// The name under which the content is kept that it had; nothing, if the database was gone.
    pub kept: Option<String>,
    /// How long nobody could get in.
    #[serde(skip)]
    pub closed_for: Duration,
}

/// What was dropped in the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finished {
    /// The database whose former contents they were.
    pub database: String,
    /// What was dropped.
    pub dropped: Vec<String>,
    /// How much room that gave, in bytes.
    pub bytes: u64,
}

/// Lists what is kept on the server of `url`, newest first: of one database, or of all.
pub async fn kept(url: &DatabaseUrl, database: Option<&str>) -> Result<Vec<Kept>, RestoreError> {
    let mut server = Server::open(url, database.unwrap_or_default()).await?;
    let mut kept = all(&mut server).await?;
    server.close().await;
    kept.retain(|kept| database.is_none_or(|database| kept.of == database));
    Ok(kept)
}

/// Gives a database that was replaced its name back; what has the name now is kept in its turn.
///
/// That is the one that was replaced last, or the one that is called `which`.
pub async fn undo(
    url: &DatabaseUrl,
    options: &RestoreOptions,
    which: Option<&str>,
    permit: &Permit,
    clock: &dyn Clock,
    report: &dyn Report<BackupEvent>,
) -> Result<Undone, RestoreError> {
    let name = options.database.as_str();
    let mut server = enter(url, options, permit).await?;
    let is_meant =
        |kept: &Kept| kept.of == name && which.is_none_or(|which| which == kept.database);
    let kept = all(&mut server).await?.into_iter().find(is_meant);
    let kept = kept.ok_or_else(|| RestoreError::NothingKept(which.unwrap_or(name).to_owned()))?;
    let undone = if properties::read(&mut server, name).await?.is_none() {
        bring_back(&mut server, &kept).await?
    } else {
        exchange_back(&mut server, options, &kept, clock.now(), report).await?
    };
    server.close().await;
    Ok(undone)
}

async fn exchange_back(
    server: &mut Server,
    options: &RestoreOptions,
    Kept { database: was, aside: former, oid, .. }: &Kept,
    at: DateTime<Utc>,
    report: &dyn Report<BackupEvent>,
) -> Result<Undone, RestoreError> {
    let name = options.database.as_str();
    let live = replaceable(server, name).await?;
    if live.oid != former.replaced_by {
        return Err(RestoreError::ReplacedSince { database: name.to_owned(), kept: was.clone() });
    }
    let kept = free_name(server, name, options.run).await?;
    let (run, of, comment) = (options.run, name.to_owned(), live.belongings.comment.clone());
    let exchange = Exchange {
        run,
        name,
        live: &live,
        next: (was, *oid),
        comment: former.comment.as_deref(),
        aside: &Aside { run, of, replaced_by: *oid, backup: None, at, comment },
        kept: &kept,
        patience: PATIENCE,
    };
    let closed_for = settle::exchange(server, &exchange, report).await?;
    Ok(Undone { database: name.to_owned(), was: was.clone(), kept: Some(kept), closed_for })
}

/// Gives the name back that nothing has any more.
async fn bring_back(server: &mut Server, kept: &Kept) -> Result<Undone, RestoreError> {
    let begun = Instant::now();
    let (was, name) = (Identifier(&kept.database), Identifier(&kept.of));
    let end = format!(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datid = {}",
        kept.oid
    );
    let _: (i64,) = server.row("end the sessions", &end).await?;
    let open = settle::open_sql(&kept.of, kept.aside.comment.as_deref());
    let sql = format!("BEGIN; ALTER DATABASE {was} RENAME TO {name}; {open}; COMMIT");
    server.execute("rename the database", &sql).await?;
    let (database, was) = (kept.of.clone(), kept.database.clone());
    Ok(Undone { database, was, kept: None, closed_for: begun.elapsed() })
}

/// Drops what is kept of a database: after that, there is no way back but a backup.
pub async fn finish(
    url: &DatabaseUrl,
    options: &RestoreOptions,
    permit: &Permit,
) -> Result<Finished, RestoreError> {
    let name = options.database.clone();
    let mut server = enter(url, options, permit).await?;
    let mut kept = all(&mut server).await?;
    kept.retain(|kept| kept.of == name);
    if kept.is_empty() {
        return Err(RestoreError::NothingKept(name));
    }
    if properties::read(&mut server, &name).await?.is_none() {
        // What is kept is all that there is.
        return Err(RestoreError::NoSuchDatabase(name));
    }
    let (mut dropped, mut bytes) = (Vec::new(), 0);
    for kept in kept {
        let sql = format!("DROP DATABASE {} WITH (FORCE)", Identifier(&kept.database));
        server.execute(&format!("drop `{}`", kept.database), &sql).await?;
        bytes += kept.bytes;
        dropped.push(kept.database);
    }
    server.close().await;
    Ok(Finished { database: name, dropped, bytes })
}

/// A name under which `run` can keep `database`.
pub(super) async fn free_name(
    server: &mut Server,
    database: &str,
    run: Uuid,
) -> Result<String, ServerError> {
    let taken: Vec<(String,)> =
        server.rows("list the databases", "SELECT datname::text FROM pg_database").await?;
    Ok(names::kept(database, run, |name| taken.iter().any(|(taken,)| taken == name)))
}

async fn all(server: &mut Server) -> Result<Vec<Kept>, ServerError> {
    let sql = format!(
        "SELECT oid::bigint, datname::text, shobj_description(oid, 'pg_database'),
             CASE WHEN has_database_privilege(oid, 'CONNECT') THEN pg_database_size(oid) END
         FROM pg_database
         WHERE starts_with(shobj_description(oid, 'pg_database'), {})",
        Literal(Mark::BEGINNING)
    );
    let rows: Vec<(i64, String, Option<String>, Option<i64>)> =
        server.rows("list the databases", &sql).await?;
    let mut all: Vec<_> = rows.into_iter().filter_map(kept_of).collect();
    all.sort_by_key(|kept| std::cmp::Reverse(kept.at));
    Ok(all)
}

fn kept_of(
    (oid, database, comment, bytes): (i64, String, Option<String>, Option<i64>),
) -> Option<Kept> {
    let Some(Mark::Aside(aside)) = Mark::of(comment.as_deref()) else { return None };
    Some(Kept {
        database,
        of: aside.of.clone(),
        backup: aside.backup.clone(),
        at: aside.at,
        bytes: bytes.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default(),
        oid,
        aside,
    })
}
