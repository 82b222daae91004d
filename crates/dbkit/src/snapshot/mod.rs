//! Copies of a database on its own server, made and brought back in a moment.
//!
//! A snapshot of `app` called `before` is the database `app_snapshot_before`, to which nobody can
//! connect, so that it stays as it was. PostgreSQL copies a database only while nobody is connected to
//! it. Privileges on the database itself and its own settings (`ALTER DATABASE … SET`) are not
//! copied.

mod error;

use serde::Serialize;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use uuid::Uuid;

use crate::{
    DatabaseUrl, Identifier,
    connect::{ConnectError, ConnectOptions, connect_session},
    guard::Permit,
    scratch::{self, ScratchError},
};

pub use error::{Session, SnapshotError};

/// The server cuts off longer names without an error.
const LONGEST_NAME: usize = 63;

/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
const OBJECT_IN_USE: &str = "55006";

/// A database, with its snapshots.
#[derive(Debug)]
pub struct Snapshots {
    database: String,
    maintenance: DatabaseUrl,
}

/// A snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    /// Its name, without that of the database.
    pub name: String,
    /// The database that it is.
    pub database: String,
    /// How large it is on disk.
    pub bytes: i64,
}

/// The database that a restored one has taken the place of.
#[derive(Debug)]
#[must_use = "discard it, or it stays behind"]
pub struct Replaced {
    name: String,
    maintenance: DatabaseUrl,
}

impl Replaced {
    /// Under which name it is there now.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Drops it.
    pub async fn discard(self) -> Result<(), SnapshotError> {
        let mut session = session(&self.maintenance).await?;
        drop_database(&mut session, &self.name).await
    }
}

impl Snapshots {
    /// The snapshots of the database at `url`.
    pub fn of(url: &DatabaseUrl) -> Self {
        let database = url.database();
        // A session must be somewhere, and not in the database that is copied.
        let elsewhere = if database == "postgres" { "template1" } else { "postgres" };
        Self { maintenance: url.with_database(elsewhere), database }
    }

    /// Copies the database under `name`, which must be free. Nobody may be connected.
    pub async fn take(&self, name: &str) -> Result<(), SnapshotError> {
        let copy = self.database_of(name)?;
        let closed = "ALLOW_CONNECTIONS false";
        match scratch::create_with(&self.maintenance, &copy, &self.database, closed).await {
            Ok(copy) => {
                copy.keep();
                Ok(())
            }
            Err(error) => Err(self.explained(SnapshotError::Copy(error)).await),
        }
    }

    /// The snapshots that are there, by name.
    pub async fn list(&self) -> Result<Vec<Snapshot>, SnapshotError> {
        let mut session = session(&self.maintenance).await?;
        let sql = "SELECT substr(datname, length($1) + 1) AS name, datname::text AS database,
                          pg_database_size(oid) AS bytes
                   FROM pg_database WHERE starts_with(datname, $1) ORDER BY 1";
        let found: Vec<(String, String, i64)> =
            sqlx::query_as(sql).bind(self.prefix()).fetch_all(&mut session).await?;
        let _ = session.close().await;
        let snapshot = |(name, database, bytes)| Snapshot { name, database, bytes };
        Ok(found.into_iter().map(snapshot).collect())
    }

    /// Drops the snapshot `name`.
    pub async fn drop(&self, name: &str) -> Result<(), SnapshotError> {
        let copy = self.existing(name).await?;
        let mut session = session(&self.maintenance).await?;
        drop_database(&mut session, &copy).await
    }

    /// Puts a copy of the snapshot `name` in the place of the database. Nobody may be connected.
    ///
    /// The copy is complete before anything is renamed, and both names change in one transaction: the
    /// database is the old one or the new one. `run` names what is neither.
    pub async fn restore(
        &self,
        name: &str,
        run: Uuid,
        permit: &Permit,
    ) -> Result<Replaced, SnapshotError> {
        if permit.database() != self.database {
            return Err(SnapshotError::OtherPermit(permit.database().to_owned()));
        }
        let snapshot = self.existing(name).await?;
        let fresh = format!("seaworthy_restore_{}", run.simple());
        let old = format!("seaworthy_replaced_{}", run.simple());
        let copy = scratch::create(&self.maintenance, &fresh, &snapshot).await;
        let copy = copy.map_err(SnapshotError::Copy)?;
        match self.swap(&fresh, &old).await {
            Ok(()) => {
                copy.keep();
                Ok(Replaced { name: old, maintenance: self.maintenance.clone() })
            }
            Err(error) => {
                // Why it was not restored is what matters, not the copy that stays behind.
                let _ = copy.drop().await;
                Err(self.explained(error).await)
            }
        }
    }

    async fn swap(&self, fresh: &str, old: &str) -> Result<(), SnapshotError> {
        let mut session = session(&self.maintenance).await?;
        let (database, fresh, old) =
            (Identifier(&self.database), Identifier(fresh), Identifier(old));
        let mut transaction = session.begin().await?;
        for sql in [
            format!("ALTER DATABASE {database} RENAME TO {old}"),
            format!("ALTER DATABASE {fresh} RENAME TO {database}"),
        ] {
            transaction.execute(AssertSqlSafe(sql)).await?;
        }
        transaction.commit().await?;
        let _ = session.close().await;
        Ok(())
    }

    fn prefix(&self) -> String {
        format!("{}_snapshot_", self.database)
    }

    fn database_of(&self, name: &str) -> Result<String, SnapshotError> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || !name.chars().all(is_plain) {
            return Err(SnapshotError::BadName { name: name.to_owned() });
        }
        let database = self.prefix() + name;
        if database.len() > LONGEST_NAME {
            return Err(SnapshotError::TooLong { database });
        }
        Ok(database)
    }

    async fn existing(&self, name: &str) -> Result<String, SnapshotError> {
        let copy = self.database_of(name)?;
        if self.list().await?.iter().any(|snapshot| snapshot.database == copy) {
            return Ok(copy);
        }
        Err(SnapshotError::Unknown { database: self.database.clone(), name: name.to_owned() })
    }

    /// The error, with who is connected where it is that.
    async fn explained(&self, error: SnapshotError) -> SnapshotError {
        let (SnapshotError::Copy(ScratchError::Sql { source, .. }) | SnapshotError::Sql(source)) =
            &error
        else {
            return error;
        };
        let code = source.as_database_error().and_then(sqlx::error::DatabaseError::code);
        if code.as_deref() != Some(OBJECT_IN_USE) {
            return error;
        }
        match self.sessions().await {
            Ok(sessions) => SnapshotError::InUse { database: self.database.clone(), sessions },
            Err(_) => error,
        }
    }

    /// Who is connected to the database.
    async fn sessions(&self) -> Result<Vec<Session>, SnapshotError> {
        let mut session = session(&self.maintenance).await?;
        let sql = "SELECT pid, usename::text AS user, application_name AS application
                   FROM pg_stat_activity WHERE datname = $1 ORDER BY pid";
        let found: Vec<(i32, Option<String>, Option<String>)> =
            sqlx::query_as(sql).bind(&self.database).fetch_all(&mut session).await?;
        let session = |(pid, user, application)| Session { pid, user, application };
        Ok(found.into_iter().map(session).collect())
    }
}

async fn session(maintenance: &DatabaseUrl) -> Result<PgConnection, ConnectError> {
    connect_session(maintenance, &ConnectOptions::new("seaworthy snapshot")).await
}

async fn drop_database(session: &mut PgConnection, name: &str) -> Result<(), SnapshotError> {
    let sql = format!("DROP DATABASE {}", Identifier(name));
    session.execute(AssertSqlSafe(sql)).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Result<String, SnapshotError> {
        let url: DatabaseUrl = "postgres://somebody@localhost/app".parse().unwrap();
        Snapshots::of(&url).database_of(name)
    }

    #[test]
    fn a_snapshot_is_a_database_beside_its_own() {
        assert_eq!(named("before-2").unwrap(), "app_snapshot_before-2");
    }

    #[test]
    fn a_hostile_name_is_refused() {
        for name in ["", "a b", "a\"; DROP DATABASE app; --", "ä", "../a", "a\0"] {
            assert!(matches!(named(name), Err(SnapshotError::BadName { .. })), "{name:?}");
        }
    }

    #[test]
    fn a_name_that_the_server_would_cut_off_is_refused() {
        assert!(named(&"a".repeat(50)).is_ok());
        assert!(matches!(named(&"a".repeat(51)), Err(SnapshotError::TooLong { .. })));
    }
}
