//! Restoring a backup, and proving that what came out is what was written down.
//!
//! Whichever way, the backup is read to its end before anything is touched, and what was restored is
//! counted, and hashed unless that was done before, before anybody gets to see it:
//!
//! - [`restore`](fn@restore) into a new database, all of the backup or some tables of it;
//! - [`swap`](crate::swap()) beside the live database, which then gives its name away;
//! - [`in_place`](crate::in_place()) into the live database, in one transaction;
//! - [`tables`](crate::restore_tables()) of it, in one transaction as well.

mod admit;
mod belongings;
mod clear;
mod close;
mod error;
mod in_place;
pub(crate) mod locale;
mod look;
mod psql;
mod read_back;
mod script;
pub(crate) mod selection;
pub(crate) mod some;
pub(crate) mod surroundings;
mod tool;
pub(crate) mod work;

use std::{
    pin::pin,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use dbkit::{DatabaseUrl, Environment, Report, scratch};
use uuid::Uuid;

use crate::{
    Backup, BackupEvent, Comparison, Opening, Programs, manifest::Content, server::Server,
    swap::names, verify,
};

pub(crate) use admit::admit_over;
pub use admit::{Origin, admit};
pub use error::RestoreError;
pub use in_place::in_place;
pub use selection::{InvalidTable, TableName};
pub use some::restore_tables;

use close::Close;
use work::{Work, until};

/// To whom the restored objects belong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ownership {
    /// To the roles that owned them, with the privileges that were granted. A role that does not
    /// exist on this server is an error: a database that nobody may use is not restored.
    #[default]
    AsRecorded,
    /// To the role that restores, and nothing is granted to anybody. For another server.
    Restorer,
}

/// How a backup is restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Into a new database.
    NewDb,
    /// Beside the live database, which then gives its name away.
    Swap,
    /// Into the live database, in one transaction.
    InPlace,
    /// Some tables into the live database, in one transaction.
    Tables,
}

impl Way {
    /// Whether something that is there would be replaced.
    pub fn replaces(self) -> bool {
        self != Self::NewDb
    }
}

/// What it takes to restore.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// What opens the backup, and whose word counts.
    pub opening: &'a Opening,
    /// The client programs.
    pub programs: &'a Programs,
    /// Who is told how it goes on.
    pub report: &'a dyn Report<BackupEvent>,
}

/// What to restore into.
#[derive(Clone, Debug)]
pub struct RestoreOptions {
    /// The name of the database, the new one or the one that is replaced.
    pub database: String,
    /// The tables that are wanted; all of the backup, if there are none.
    pub tables: Vec<TableName>,
    /// This run, which names what it makes until that is complete and compared.
    pub run: Uuid,
    /// To whom its objects belong.
    pub ownership: Ownership,
    /// How closely what was restored is compared. Where nothing is said, value by value, unless a
    /// [`drill`](crate::drill()) on a server of the same major version has done so. What is restored in one
    /// transaction is always compared value by value.
    pub comparison: Option<Comparison>,
    /// Where a backup may be from that replaces something.
    pub origin: Origin,
    /// What kind of database the operator says it is.
    pub environment: Environment,
    /// How long a client program may take.
    pub limit: Duration,
    /// How long to wait while another run replaces the same database.
    pub lock_wait: Duration,
}

/// A database that was restored and found the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Its name.
    pub database: String,
    /// How many tables were compared.
    pub tables: usize,
    /// How many rows they have together.
    pub rows: u64,
    /// How closely they were compared.
    pub compared: Comparison,
    /// When every value was compared before, if that is why the rows were only counted now.
    pub proven_at: Option<DateTime<Utc>>,
    /// Why the new database does not have the owner, privileges and settings of the one that was backed up, if
    /// it does not.
    pub not_like_it: Option<String>,
    /// Foreign keys that were left out, because the tables that they refer to were not wanted.
    pub left_out: Vec<String>,
    /// How long everything took.
    pub elapsed: Duration,
}

impl Restored {
    pub(crate) fn new(database: String, content: &Content, close: Close, begun: Instant) -> Self {
        let rows = content.tables.iter().map(|table| table.rows).sum();
        Self {
            database,
            tables: content.tables.len(),
            rows,
            compared: close.comparison,
            proven_at: close.proven_at,
            not_like_it: None,
            left_out: Vec::new(),
            elapsed: begun.elapsed(),
        }
    }
}

/// Restores `backup` into a new database on the server of `maintenance`.
///
/// `maintenance` is any database on that server. The new database is called
/// `seaworthy_restore_<run>` until it was found equal to the manifest, so that its name never leads
/// to a part of it. When `stop` resolves, the restore ends and the new database is dropped; a call
/// that is merely dropped leaves it behind under that name.
pub async fn restore(
    backup: &Backup,
    maintenance: &DatabaseUrl,
    options: &RestoreOptions,
    means: Means<'_>,
    stop: impl Future<Output = ()>,
) -> Result<Restored, RestoreError> {
    let begun = Instant::now();
    let work = Work { backup, options, means };
    let mut stop = pin!(stop);
    let _shared = verify::share(backup)?;
    let selection = selection::of(&backup.manifest, &options.tables)?;
    let mut server = Server::open(maintenance, &options.database).await?;
    server.live(options.run).await?;
    server.claim(&options.database, options.lock_wait).await?;
    scratch::require_free(server.url(), &options.database).await.map_err(RestoreError::Create)?;
    let ready = until(stop.as_mut(), work.prepare(&mut server)).await?;
    let mut database =
        work.create(&ready, &server, &names::being_restored(options.run), "").await?;
    let url = database.url().clone();
    let filling = async {
        let content = match &selection {
            Some(selection) => some::fill(work, &ready, &url, selection).await?,
            None => work.fill(&ready, &url).await?,
        };
        let not_like_it = match (&selection, options.ownership) {
            (None, Ownership::AsRecorded) => {
                belongings::give(&mut server, &url.database(), &backup.manifest).await?
            }
            _ => None,
        };
        database.rename(&options.database).await.map_err(RestoreError::Create)?;
        Ok((content, not_like_it))
    };
    match until(stop, filling).await {
        Ok((content, not_like_it)) => {
            server.close().await;
            let left_out = selection.map(|selection| selection.left_out).unwrap_or_default();
            let restored = Restored::new(database.keep().database(), &content, ready.close, begun);
            Ok(Restored { not_like_it, left_out, ..restored })
        }
        Err(failure) => Err(work.discard(database, failure).await),
    }
}
