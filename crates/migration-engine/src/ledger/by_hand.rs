//! What an operator says about a migration, written into our own ledger with the reason.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::own::change;

/// An operator's word, with whatever it is written down under.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word<'a> {
    /// The migration.
    pub(crate) name: &'a str,
    /// Why.
    pub(crate) reason: &'a str,
    /// The run in which it was said.
    pub(crate) run: Uuid,
    /// When.
    pub(crate) now: DateTime<Utc>,
}

impl Word<'_> {
    /// The live attempt is applied, as it was once or from now on.
    pub(crate) async fn applied(&self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        let sql = "UPDATE seaworthy.migration_ledger
                   SET state = CASE state WHEN 'baselined' THEN state ELSE 'applied' END,
                       direction = 'up', reason = $2,
                       applied_at = COALESCE(applied_at, $3)
                   WHERE name = $1 AND state <> 'rolled_back'";
        change(db, sql, [self.name.into(), self.reason.into(), self.now.into()]).await
    }

    /// The live attempt has come to nothing.
    pub(crate) async fn rolled_back(&self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        let sql = "UPDATE seaworthy.migration_ledger
                   SET state = 'rolled_back', reason = $2, rolled_back_at = $3, rollback_run_id = $4
                   WHERE name = $1 AND state <> 'rolled_back'";
        let values = [self.name.into(), self.reason.into(), self.now.into(), self.run.into()];
        change(db, sql, values).await
    }

    /// The source as it is now, and what it sends, is what was meant by it all along.
    pub(crate) async fn checksums(
        &self,
        db: &impl ConnectionTrait,
        source_sha256: &str,
        sql_sha256: Option<String>,
    ) -> Result<(), DbErr> {
        let sql = "UPDATE seaworthy.migration_ledger
                   SET source_sha256 = $2, sql_sha256 = COALESCE($3, sql_sha256), reason = $4
                   WHERE name = $1 AND state <> 'rolled_back'";
        let values =
            [self.name.into(), source_sha256.into(), sql_sha256.into(), self.reason.into()];
        change(db, sql, values).await
    }

    /// The live attempt has this reason.
    pub(crate) async fn because(&self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        let sql = "UPDATE seaworthy.migration_ledger SET reason = $2
                   WHERE name = $1 AND state <> 'rolled_back'";
        change(db, sql, [self.name.into(), self.reason.into()]).await
    }
}
