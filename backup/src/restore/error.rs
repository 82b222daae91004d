//! Why a backup was not restored.

use std::{io, process::ExitStatus, time::Duration};

use dbkit::scratch::ScratchError;

use crate::{
    Complaint, Difference, ExchangeError, Finding, NoClient, PasswordError, ServerError,
    SnapshotError, VerifyError, complaint,
};

/// Why nothing was restored. Unless it says otherwise, everything is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The backup cannot be read, or not be unpacked.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// The backup is not what it was.
    #[error("{id} is damaged: {}", listed(findings))]
    Damaged {
        /// The backup.
        id: crate::BackupId,
        /// What is wrong with it.
        findings: Vec<Finding>,
    },
    /// The content was recorded in a way that this version cannot recompute.
    #[error("the content was recorded as `{0}`, which is not known here")]
    UnknownFingerprint(String),
    /// Only some tables are in it, and a whole database was to be replaced.
    #[error("{0} holds a part of the database alone")]
    Partial(crate::BackupId),
    /// No installed `pg_restore` can read the archive.
    #[error(transparent)]
    NoClient(#[from] NoClient),
    /// The new database was not created; one of that name may be there already.
    #[error(transparent)]
    Create(ScratchError),
    /// The password cannot be handed to `pg_restore`.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// A client program did not start.
    #[error("cannot run {program}")]
    Start {
        /// `pg_restore` or `psql`.
        program: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A client program failed.
    #[error("{program} failed ({status}): {}", complaint::essence(stderr))]
    Restore {
        /// `pg_restore` or `psql`.
        program: &'static str,
        /// Why, as far as its words tell.
        complaint: Complaint,
        /// How it ended.
        status: ExitStatus,
        /// The end of what it said.
        stderr: String,
    },
    /// A client program took too long.
    #[error("{program} was not done after {} s", limit.as_secs())]
    TooLong {
        /// `pg_restore` or `psql`.
        program: &'static str,
        /// How long it could take.
        limit: Duration,
    },
    /// The script ended the transaction that it was carried out in.
    #[error("the archive ended the transaction of the restore: what it did may have stayed")]
    NotOneTransaction,
    /// The server, or what was restored, cannot be read.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The server refused something that is done to a database as a whole.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// What was restored is not what was recorded.
    #[error("the restored database differs: {}", listed(differences))]
    Differs {
        /// What differs.
        differences: Vec<Difference>,
    },
    /// It is a copy that holds nothing personal, and so is no production.
    #[error("{0} is sanitised: it is no copy of a production database")]
    Sanitised(crate::BackupId),
    /// It is a backup of a database of another name.
    #[error("{id} is a backup of `{of}`, not of `{database}`")]
    OfAnother {
        /// The backup.
        id: crate::BackupId,
        /// The database that it is of.
        of: String,
        /// The one that was to be replaced.
        database: String,
    },
    /// It is a backup of a database of that name on another server.
    #[error("{id} is a backup of another server, which was at {of}")]
    OfAnotherServer {
        /// The backup.
        id: crate::BackupId,
        /// Where that server was.
        of: String,
    },
    /// There is nothing that could be replaced.
    #[error("database `{0}` does not exist")]
    NoSuchDatabase(String),
    /// Nobody may get in; a run that died may have left it so.
    #[error("database `{0}` lets nobody in")]
    Closed(String),
    /// Transactions that were prepared hold the database, whoever is connected.
    #[error("{count} prepared transactions are in `{database}`")]
    Prepared {
        /// The database.
        database: String,
        /// How many.
        count: i64,
    },
    /// A subscription cannot be dropped and made again in a transaction.
    #[error("`{database}` has subscriptions: {}", names.join(", "))]
    Subscriptions {
        /// The database.
        database: String,
        /// Their names.
        names: Vec<String>,
    },
    /// The permit is for another database.
    #[error("the permit is for `{permitted}`, not for `{database}`")]
    OtherPermit {
        /// The database that may be replaced.
        permitted: String,
        /// The one that was to be.
        database: String,
    },
    /// Somebody stayed in the database, or the server refused the exchange.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// It is not known in which state the server is: the connection broke in the moment of the exchange.
    #[error("`{database}` may let nobody in: the exchange broke off, and so did the way back")]
    HalfWay {
        /// The database.
        database: String,
        /// Why the exchange broke off.
        #[source]
        failure: Box<ExchangeError>,
    },
    /// Nothing is kept of the database.
    #[error("nothing is kept of `{0}`")]
    NothingKept(String),
    /// Another database has the name now.
    #[error("`{database}` is not the database any more that replaced `{kept}`")]
    ReplacedSince {
        /// The database.
        database: String,
        /// What is kept.
        kept: String,
    },
    /// A table that was asked for is not in the backup.
    #[error("not in the backup: {}", tables.join(", "))]
    NoSuchTables {
        /// The tables, as they were asked for.
        tables: Vec<String>,
    },
    /// Something needs a table that would be dropped and made again.
    #[error("these need the tables that would be replaced: {}", dependents.join(", "))]
    Dependents {
        /// What, as PostgreSQL describes it.
        dependents: Vec<String>,
    },
    /// The caller asked to stop.
    #[error("the restore was stopped")]
    Stopped,
    /// It failed, and the new database could not be dropped again.
    #[error("database `{database}` is incomplete and could not be dropped ({cleanup})")]
    LeftBehind {
        /// The new database.
        database: String,
        /// Why it could not be dropped.
        cleanup: Box<ScratchError>,
        /// Why the restore failed.
        #[source]
        failure: Box<RestoreError>,
    },
}

/// The first few, since every table of a database may differ.
pub(crate) fn listed<T: ToString>(items: &[T]) -> String {
    const SHOWN: usize = 3;
    let mut shown: Vec<_> = items.iter().take(SHOWN).map(ToString::to_string).collect();
    if items.len() > SHOWN {
        shown.push(format!("and {} more", items.len() - SHOWN));
    }
    shown.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_cut() {
        assert_eq!(listed(&["a", "b"]), "a; b");
        assert_eq!(listed(&["a", "b", "c", "d", "e"]), "a; b; c; and 2 more");
    }
}
