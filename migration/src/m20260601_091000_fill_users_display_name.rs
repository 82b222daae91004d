//! A name to show beside what a user does: the first word of the full name, where nothing else was chosen.
//!
//! Second of three steps. Every batch is a transaction of its own, so that no row stays locked for longer than one
//! batch takes, and a run that was interrupted goes on where it stopped: what is filled is not looked at again.
//! On the way down the column is emptied in the same way; names that users have chosen since are lost with it.
//!
//! depends-on: m20260601_090000_add_users_display_name
//! post-check: SELECT NOT EXISTS (SELECT FROM users WHERE display_name IS NULL)

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        repeat_until_done(manager, FILL_BATCH).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        repeat_until_done(manager, EMPTY_BATCH).await
    }
}

async fn repeat_until_done(manager: &SchemaManager<'_>, batch: &str) -> Result<(), DbErr> {
    while manager.get_connection().execute_unprepared(batch).await?.rows_affected() > 0 {}
    Ok(())
}

/// Falls back to the whole name: a row that stayed null would come up again in every batch, for ever.
const FILL_BATCH: &str = r"
UPDATE users SET display_name = coalesce((regexp_match(full_name, '\S+'))[1], full_name)
WHERE id IN (SELECT id FROM users WHERE display_name IS NULL ORDER BY id LIMIT 5000 FOR UPDATE)
";

const EMPTY_BATCH: &str = r"
UPDATE users SET display_name = NULL
WHERE id IN (SELECT id FROM users WHERE display_name IS NOT NULL ORDER BY id LIMIT 5000 FOR UPDATE)
";
