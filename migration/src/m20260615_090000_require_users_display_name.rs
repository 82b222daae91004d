//! A name to show beside what a user does: from now on everybody has one.
//!
//! Last of three steps. `SET NOT NULL` alone would read the whole table under an exclusive lock. It trusts a check
//! that was validated before, and validating one lets others read and write meanwhile; so a check is put up, validated,
//! used, and taken down again, each in a transaction of its own. A check left behind by an interrupted run goes first.
//!
//! depends-on: m20260601_091000_fill_users_display_name
//! pre-check: SELECT NOT EXISTS (SELECT FROM users WHERE display_name IS NULL)

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in UP {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(DOWN).await?;
        Ok(())
    }
}

const UP: [&str; 5] = [
    "ALTER TABLE users DROP CONSTRAINT IF EXISTS users_display_name_present",
    "ALTER TABLE users ADD CONSTRAINT users_display_name_present CHECK (display_name IS NOT NULL) NOT VALID",
    "ALTER TABLE users VALIDATE CONSTRAINT users_display_name_present",
    "ALTER TABLE users ALTER COLUMN display_name SET NOT NULL",
    "ALTER TABLE users DROP CONSTRAINT users_display_name_present",
];

const DOWN: &str = r"
ALTER TABLE users ALTER COLUMN display_name DROP NOT NULL;
";
