//! Schemas as they were, kept in the database: what a rollback is verified against, and what drift is
//! measured from.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, Value};

use crate::{Snapshot, ledger::own};

/// The schema as the run that is under way last saw it.
#[derive(Debug, Default)]
pub(crate) struct SchemaNotes(Mutex<Option<String>>);

impl SchemaNotes {
    /// The fingerprint of the schema as it was last noted.
    pub(crate) fn get(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes a snapshot, keeps it, and returns its fingerprint.
    pub(crate) async fn note(
        &self,
        db: &DatabaseConnection,
        now: DateTime<Utc>,
    ) -> Result<String, DbErr> {
        let snapshot = Snapshot::take(db).await?;
        let fingerprint = keep(db, &snapshot, now).await?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(fingerprint.clone());
        Ok(fingerprint)
    }
}

async fn keep(
    db: &impl ConnectionTrait,
    snapshot: &Snapshot,
    now: DateTime<Utc>,
) -> Result<String, DbErr> {
    let fingerprint = snapshot.fingerprint();
    let objects = serde_json::to_value(snapshot).map_err(|error| DbErr::Json(error.to_string()))?;
    let sql = "INSERT INTO seaworthy.migration_snapshots (fingerprint, objects, taken_at)
               VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    let values: [Value; 3] = [fingerprint.clone().into(), objects.into(), now.into()];
    db.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
    let sql = "INSERT INTO seaworthy.migration_schema (fingerprint, seen_at) VALUES ($1, $2)
               ON CONFLICT (singleton) DO UPDATE SET fingerprint = excluded.fingerprint, seen_at = excluded.seen_at";
    let values: [Value; 2] = [fingerprint.clone().into(), now.into()];
    db.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
    Ok(fingerprint)
}

/// The schema of that fingerprint.
pub async fn find(db: &impl ConnectionTrait, fingerprint: &str) -> Result<Option<Snapshot>, DbErr> {
    let sql = "SELECT objects FROM seaworthy.migration_snapshots WHERE fingerprint = $1";
    let query = Statement::from_sql_and_values(DbBackend::Postgres, sql, [fingerprint.into()]);
    let Some(row) = db.query_one_raw(query).await? else { return Ok(None) };
    let objects: serde_json::Value = row.try_get_by_index(0)?;
    serde_json::from_value(objects).map(Some).map_err(|error| DbErr::Json(error.to_string()))
}

/// The schema as our last run left it, with the time of that.
pub async fn last(db: &impl ConnectionTrait) -> Result<Option<(Snapshot, DateTime<Utc>)>, DbErr> {
    if !own::is_installed(db).await? {
        return Ok(None);
    }
    let sql = "SELECT fingerprint, seen_at FROM seaworthy.migration_schema";
    let Some(row) = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?
    else {
        return Ok(None);
    };
    let fingerprint: String = row.try_get_by_index(0)?;
    let at = row.try_get_by_index(1)?;
    Ok(find(db, &fingerprint).await?.map(|snapshot| (snapshot, at)))
}
