//! An index for the question that every page asks: what has this user not read yet?
//!
//! `notifications` is in use, so the index is built beside its readers and writers. `CONCURRENTLY` cannot run in a
//! transaction, and a build that fails leaves an invalid index of the name behind. `IF NOT EXISTS` would take that for
//! the real one; here it is dropped first. A valid index of the name is nobody's leftover, and the build then fails.
//!
//! depends-on: m20260511_091500_festival_social
//! post-check: SELECT indisvalid FROM pg_index WHERE indexrelid = 'notifications_unread_idx'::regclass

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in [DROP_INVALID, CREATE, DESCRIBE] {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(DROP).await?;
        Ok(())
    }
}

/// An invalid index serves no query, so dropping it without `CONCURRENTLY`, which a block cannot do, harms nobody.
const DROP_INVALID: &str = r"
DO $$
BEGIN
    IF EXISTS (
        SELECT FROM pg_index WHERE indexrelid = to_regclass('notifications_unread_idx') AND NOT indisvalid
    ) THEN
        DROP INDEX notifications_unread_idx;
    END IF;
END
$$
";

const CREATE: &str = r"
CREATE INDEX CONCURRENTLY notifications_unread_idx ON notifications (user_id, created_at DESC) WHERE read_at IS NULL
";

const DESCRIBE: &str = r"
COMMENT ON INDEX notifications_unread_idx IS 'What a user has not read yet, newest first'
";

const DROP: &str = r"
DROP INDEX CONCURRENTLY notifications_unread_idx
";
