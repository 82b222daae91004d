//! A name to show beside what a user does: the column, still empty.
//!
//! First of three steps. A new column without a default touches no row, so it takes its lock for a moment only; the
//! next step fills it, and the last one, two weeks later, demands it. In between the old and the new version of an
//! API can run side by side.
//!
//! depends-on: m20260112_090000_access

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(UP).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(DOWN).await?;
        Ok(())
    }
}

const UP: &str = r"
ALTER TABLE users ADD COLUMN display_name text;
COMMENT ON COLUMN users.display_name IS
    'The name shown beside what the user does; at first the first word of full_name';
";

const DOWN: &str = r"
ALTER TABLE users DROP COLUMN display_name;
";
