//! Replacing a live database by what was restored beside it, and taking that back.
//!
//! The live database works on while the backup is restored and compared. Then nobody gets in for a
//! moment, both names change in one transaction, and the old database is kept under another name until
//! [`finish`] drops it; [`undo`] exchanges the two again. Whatever happens, the name leads to one of the
//! two, whole.

mod exchange;
mod keep;
pub(crate) mod mark;
pub(crate) mod names;
pub(crate) mod properties;
pub(crate) mod rules;
pub(crate) mod settle;

use std::{
    pin::pin,
    time::{Duration, Instant},
};

use dbkit::{Clock, DatabaseUrl, Identifier, guard::Permit, scratch::ScratchDatabase};

use crate::{
    Backup, BackupEvent, Means, RestoreError, RestoreOptions, Restored,
    event::SwapStep,
    restore::{
        admit_over,
        work::{Ready, Work, until},
    },
    server::Server,
    verify,
};
use exchange::Exchange;
pub(crate) use exchange::comment_literal;
use mark::Aside;
use properties::Properties;

pub use exchange::ExchangeError;
pub use keep::{Finished, Kept, Undone, finish, kept, undo};
pub use rules::DatabaseFinding;

/// How long it may take until everybody is out.
const PATIENCE: Duration = Duration::from_secs(20);

/// A live database that was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swapped {
    /// What has its name now.
    pub restored: Restored,
    /// The name under which the old one is kept.
    pub kept: String,
    /// How long nobody could get in.
    pub closed_for: Duration,
}

/// Restores `backup` beside the database at `url`, and gives it that one's name.
///
/// What belongs to a database as a whole is taken from the live one: owner, privileges, settings,
/// connection limit, comment and tablespace. When `stop` resolves before the exchange, everything is as
/// it was; the exchange itself is not stopped.
pub async fn swap(
    backup: &Backup,
    url: &DatabaseUrl,
    options: &RestoreOptions,
    permit: &Permit,
    means: Means<'_>,
    clock: &dyn Clock,
    stop: impl Future<Output = ()>,
) -> Result<Swapped, RestoreError> {
    let begun = Instant::now();
    let work = Work { backup, options, means };
    let mut stop = pin!(stop);
    let _shared = verify::share(backup)?;
    if backup.manifest.selection.is_some() {
        return Err(RestoreError::Partial(backup.manifest.id.clone()));
    }
    let mut server = enter(url, options, permit).await?;
    admit_over(&mut server, backup, options).await?;
    let live = replaceable(&mut server, &options.database).await?;
    let ready = until(stop.as_mut(), work.prepare(&mut server)).await?;
    let beside = names::being_restored(options.run);
    let database = work.create(&ready, &server, &beside, &tablespace(&live)).await?;
    let filled = until(stop, fill(work, &ready, &database, &mut server, &live)).await;
    let swapped = match filled {
        Ok((content, oid)) => {
            let at = clock.now();
            let restored = Restored::new(options.database.clone(), &content, ready.close, begun);
            replace(&mut server, work, &live, (&beside, oid), at).await.map(|(kept, closed_for)| {
                let elapsed = begun.elapsed();
                Swapped { restored: Restored { elapsed, ..restored }, kept, closed_for }
            })
        }
        Err(failure) => Err(failure),
    };
    match swapped {
        Ok(swapped) => {
            let _ = database.keep();
            server.close().await;
            Ok(swapped)
        }
        // What is there under which name is not known, so nothing is dropped.
        Err(failure @ RestoreError::HalfWay { .. }) => {
            let _ = database.keep();
            Err(failure)
        }
        Err(failure) => Err(work.discard(database, failure).await),
    }
}

/// Enters the server, says that this run is alive, and keeps others from replacing the same database.
pub(crate) async fn enter(
    url: &DatabaseUrl,
    options: &RestoreOptions,
    permit: &Permit,
) -> Result<Server, RestoreError> {
    let database = options.database.clone();
    if permit.database() != database {
        return Err(RestoreError::OtherPermit {
            permitted: permit.database().to_owned(),
            database,
        });
    }
    let mut server = Server::open(url, &database).await?;
    server.live(options.run).await?;
    server.claim(&database, options.lock_wait).await?;
    Ok(server)
}

/// What belongs to the live database, if it can be renamed.
async fn replaceable(server: &mut Server, database: &str) -> Result<Properties, RestoreError> {
    let live = properties::read(server, database).await?;
    let live = live.ok_or_else(|| RestoreError::NoSuchDatabase(database.to_owned()))?;
    if !live.allows_connections {
        return Err(RestoreError::Closed(database.to_owned()));
    }
    let count = format!(
        "SELECT count(*) FROM pg_prepared_xacts p JOIN pg_database d ON d.datname = p.database
         WHERE d.oid = {}",
        live.oid
    );
    let (count,): (i64,) = server.row("count the prepared transactions", &count).await?;
    if count > 0 {
        return Err(RestoreError::Prepared { database: database.to_owned(), count });
    }
    Ok(live)
}

fn tablespace(live: &Properties) -> String {
    match live.tablespace.as_str() {
        "pg_default" => String::new(),
        other => format!(" TABLESPACE {}", Identifier(other)),
    }
}

/// Fills the new database, and gives it what belongs to the live one; its content and its number.
async fn fill(
    work: Work<'_>,
    ready: &Ready<'_>,
    database: &ScratchDatabase,
    server: &mut Server,
    live: &Properties,
) -> Result<(crate::Content, i64), RestoreError> {
    let content = work.fill(ready, database.url()).await?;
    work.means.report.report(&BackupEvent::Swapping { step: SwapStep::Analysing });
    analyse(database.url()).await?;
    let name = database.url().database();
    server
        .execute(&format!("make `{name}` like the live one"), &live.belongings.statements(&name))
        .await?;
    let found = properties::read(server, &name).await?;
    let oid = found.ok_or(RestoreError::NoSuchDatabase(name))?.oid;
    Ok((content, oid))
}

/// Gathers what the planner needs to know, which is in no archive before PostgreSQL 18.
pub(crate) async fn analyse(url: &DatabaseUrl) -> Result<(), RestoreError> {
    let mut server = Server::inside(url).await?;
    server.execute("analyse the tables", "ANALYZE").await?;
    server.close().await;
    Ok(())
}

/// Exchanges the live database and the new one; the name of the old one, and for how long nobody got in.
async fn replace(
    server: &mut Server,
    work: Work<'_>,
    live: &Properties,
    next: (&str, i64),
    at: chrono::DateTime<chrono::Utc>,
) -> Result<(String, Duration), RestoreError> {
    let (name, run) = (work.options.database.as_str(), work.options.run);
    let kept = keep::free_name(server, name, run).await?;
    let backup = Some(work.backup.manifest.id.to_string());
    let comment = live.belongings.comment.clone();
    let aside = Aside { run, of: name.to_owned(), replaced_by: next.1, backup, at, comment };
    let exchange = Exchange {
        run,
        name,
        live,
        next,
        comment: live.belongings.comment.as_deref(),
        aside: &aside,
        kept: &kept,
        patience: PATIENCE,
    };
    let closed_for = settle::exchange(server, &exchange, work.means.report).await?;
    Ok((kept, closed_for))
}
