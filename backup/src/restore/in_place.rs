//! Restoring into the live database itself, in one transaction: for a role that may not create databases.
//!
//! Everything in it goes and is made again; others wait or see what was there before. What came out is
//! compared with the manifest before the transaction is committed, by the very session that made it.

use std::{
    pin::pin,
    time::{Duration, Instant},
};

use dbkit::{DatabaseUrl, guard::Permit};

use super::{
    Means, RestoreError, RestoreOptions, Restored, admit_over, clear,
    close::Close,
    look::look,
    psql::Psql,
    work::{Part, Ready, TABLE_LOCK, Work, until},
};
use crate::{
    Backup, BackupEvent, Comparison, content, manifest::Content, server::Server, swap, verify,
};

const TRANSACTION: &str = "SELECT txid_current()";

const SUBSCRIPTIONS: &str = "
SELECT subname::text FROM pg_subscription s
JOIN pg_database d ON d.oid = s.subdbid AND d.datname = current_database()";

/// Puts `backup` in the place of everything that is in the database at `url`.
pub async fn in_place(
    backup: &Backup,
    url: &DatabaseUrl,
    options: &RestoreOptions,
    permit: &Permit,
    means: Means<'_>,
    stop: impl Future<Output = ()>,
) -> Result<Restored, RestoreError> {
    let begun = Instant::now();
    let work = Work { backup, options, means };
    let mut stop = pin!(stop);
    let _shared = verify::share(backup)?;
    if backup.manifest.selection.is_some() {
        return Err(RestoreError::Partial(backup.manifest.id.clone()));
    }
    let mut server = swap::enter(url, options, permit).await?;
    admit_over(&mut server, backup, options).await?;
    refuse_subscriptions(url).await?;
    let ready = until(stop.as_mut(), work.prepare(&mut server)).await?;
    let mut psql = work.psql(&ready, url)?;
    let replacing = in_time(replace(work, &ready, &mut psql), options.limit);
    let replaced = until(stop, replacing).await;
    let content = conclude(psql, replaced, options, &mut server).await?;
    swap::analyse(url).await?;
    server.close().await;
    Ok(Restored::new(options.database.clone(), &content, Close::ALL, begun))
}

async fn refuse_subscriptions(url: &DatabaseUrl) -> Result<(), RestoreError> {
    let mut inside = Server::inside(url).await?;
    let names: Result<Vec<(String,)>, _> =
        inside.rows("list the subscriptions", SUBSCRIPTIONS).await;
    inside.close().await;
    // A role that may not see them may not have made any either.
    let names: Vec<_> = names.unwrap_or_default().into_iter().map(|(name,)| name).collect();
    if names.is_empty() {
        return Ok(());
    }
    Err(RestoreError::Subscriptions { database: url.database(), names })
}

async fn replace(
    work: Work<'_>,
    ready: &Ready<'_>,
    psql: &mut Psql,
) -> Result<Option<Content>, RestoreError> {
    let manifest = &work.backup.manifest;
    let clear = clear::sql(&manifest.extensions);
    let Some(transaction) = begin(psql, &clear).await? else { return Ok(None) };
    work.means.report.report(&BackupEvent::Restoring { database: work.options.database.clone() });
    psql.silently().await?;
    work.feed(ready, psql, Part::Whole).await?;
    psql.aloud().await?;
    if !is_in(psql, &transaction).await? {
        return Ok(None);
    }
    let Some(found) = look(psql, manifest, |_, _| true).await? else { return Ok(None) };
    let differences = content::compare(&manifest.content, &found, Comparison::Content);
    if differences.is_empty() {
        Ok(Some(found))
    } else {
        Err(RestoreError::Differs { differences })
    }
}

/// Does `work`, which must not take longer than `limit`.
pub(super) async fn in_time<T>(
    work: impl Future<Output = Result<T, RestoreError>>,
    limit: Duration,
) -> Result<T, RestoreError> {
    let late = |_| Err(RestoreError::TooLong { program: "psql", limit });
    tokio::time::timeout(limit, work).await.unwrap_or_else(late)
}

/// Begins a transaction with `first`; what tells it from others, or nothing if that failed.
pub(super) async fn begin(
    psql: &mut Psql,
    first: &str,
) -> Result<Option<Vec<String>>, RestoreError> {
    psql.get_to_know().await?;
    psql.silently().await?;
    psql.say("SET client_min_messages = warning").await?;
    psql.say(&format!("BEGIN; SET LOCAL lock_timeout = {}", TABLE_LOCK.as_millis())).await?;
    psql.say(first).await?;
    psql.aloud().await?;
    psql.ask(TRANSACTION).await
}

/// Whether the session is still in that transaction; not, if it has ended with an error.
pub(super) async fn is_in(psql: &mut Psql, transaction: &[String]) -> Result<bool, RestoreError> {
    match psql.ask(TRANSACTION).await? {
        None => Ok(false),
        Some(now) if now == transaction => Ok(true),
        Some(_) => Err(RestoreError::NotOneTransaction),
    }
}

/// Commits what turned out as it was recorded, and nothing else.
pub(super) async fn conclude(
    mut psql: Psql,
    replaced: Result<Option<Content>, RestoreError>,
    options: &RestoreOptions,
    server: &mut Server,
) -> Result<Content, RestoreError> {
    match replaced {
        Ok(Some(content)) => {
            psql.say("COMMIT").await?;
            psql.finish(options.limit).await?;
            Ok(content)
        }
        // It has ended, and its last words say why.
        Ok(None) => {
            psql.finish(options.limit).await?;
            Err(RestoreError::NotOneTransaction)
        }
        Err(failure @ (RestoreError::Stopped | RestoreError::TooLong { .. })) => {
            psql.abort(server).await?;
            Err(failure)
        }
        Err(failure) => {
            psql.say("ROLLBACK").await?;
            psql.finish(options.limit).await?;
            Err(failure)
        }
    }
}
