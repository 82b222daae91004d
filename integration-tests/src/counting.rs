//! A history whose data migrations count how often they ran.

use migration_engine::Project;
use sea_orm::{ConnectionTrait as _, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

/// The history.
pub fn project() -> Project {
    let history = HISTORY.into_iter().map(|one| Box::new(one) as Box<dyn MigrationTrait>);
    Project::of(history.collect())
}

/// A migration, with a pause in it that a kill can meet.
struct Counting {
    name: &'static str,
    up: &'static [&'static str],
    transaction: bool,
}

/// Two count in a transaction, one without, and one builds an index without.
const HISTORY: [Counting; 6] = [
    Counting {
        name: "m1_counters",
        up: &[
            "CREATE TABLE counters (name text PRIMARY KEY, n int NOT NULL)",
            "INSERT INTO counters VALUES ('inside', 0), ('again', 0), ('outside', 0)",
        ],
        transaction: true,
    },
    Counting {
        name: "m2_count_inside",
        up: &["UPDATE counters SET n = n + 1 WHERE name = 'inside'", "SELECT pg_sleep(0.01)"],
        transaction: true,
    },
    Counting {
        name: "m3_count_outside",
        up: &["UPDATE counters SET n = n + 1 WHERE name = 'outside'", "SELECT pg_sleep(0.1)"],
        transaction: false,
    },
    Counting {
        name: "m4_table",
        up: &["CREATE TABLE things (id int)", "SELECT pg_sleep(0.01)"],
        transaction: true,
    },
    Counting {
        name: "m5_index",
        up: &["CREATE INDEX CONCURRENTLY things_idx ON things (id)"],
        transaction: false,
    },
    Counting {
        name: "m6_count_again",
        up: &["SELECT pg_sleep(0.01)", "UPDATE counters SET n = n + 1 WHERE name = 'again'"],
        transaction: true,
    },
];

impl MigrationName for Counting {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Counting {
    fn use_transaction(&self) -> Option<bool> {
        (!self.transaction).then_some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in self.up {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
