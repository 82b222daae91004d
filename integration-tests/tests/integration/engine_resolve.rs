//! What an operator says of a migration that was cut off, and what both ledgers say afterwards.

mod command;
mod cut_off;
mod looking;
mod other_tools;
mod unique_index;

use std::collections::BTreeSet;

use dbkit::{Clock as _, SystemClock};
use integration_tests::{Engine, TestDatabase, counting, engine::operation, sql};
use migration::Migrator;
use migration_engine::{
    Project, RunError, ShadowOptions, State, Upto,
    resolve::{self, Differences, Request, Resolution, ResolveError, Resolved},
    run,
};
use sea_orm_migration::{MigrationStatus, MigratorTrait as _};

use crate::tiny::Tiny;

/// The migration of the project that no transaction holds.
const INDEX: &str = "m20260706_073000_index_unread_notifications";

/// Says of a migration of the counting history that it is applied, or lets it begin anew.
pub(crate) async fn resolve(test: &TestDatabase, name: &str, is_applied: bool) {
    let resolution = if is_applied { Resolution::Applied } else { Resolution::Retry };
    let project = counting::project();
    say(test, &project, name, resolution, Differences::Overrule).await.unwrap();
}

/// Says something of one migration.
async fn say(
    test: &TestDatabase,
    project: &Project,
    name: &str,
    resolution: Resolution,
    differences: Differences,
) -> Result<Resolved, ResolveError> {
    let shadow = ShadowOptions { url: None, run: operation().id, now: SystemClock.now() };
    let (name, reason) = (name.to_owned(), "test".to_owned());
    let request = Request { name, resolution, reason, differences, shadow };
    let engine = Engine::default();
    engine
        .run(test.url(), async |session, orders| {
            resolve::resolve(session, project, &request, orders).await
        })
        .await
}

async fn up(test: &TestDatabase, project: &Project) -> Result<Vec<String>, RunError> {
    Engine::default().up(test.url(), project, Upto::All).await
}

/// A migration that no transaction holds.
const fn outside(name: &'static str, up: &'static str, down: &'static str) -> Tiny {
    Tiny { name, up, down, transaction: false }
}

/// Our status and the table of stock tools name the same migrations.
async fn agrees(test: &TestDatabase, project: &Project) {
    let there = "SELECT to_regclass('seaql_migrations') IS NOT NULL";
    let stock: Vec<String> = if sql::value(test.db(), there).await {
        sql::column(test.db(), "SELECT version FROM seaql_migrations").await
    } else {
        Vec::new()
    };
    assert_eq!(applied(test, project).await, stock.into_iter().collect());
}

/// The same for the project's own migrations, with stock sea-orm-migration's own answer.
async fn project_agrees(test: &TestDatabase) {
    let project = migration::project::project();
    agrees(test, &project).await;
    let stock = Migrator::get_migration_with_status_read_only(test.db()).await.unwrap();
    let stock = stock.iter().filter(|one| one.status() == MigrationStatus::Applied);
    let stock: BTreeSet<_> = stock.map(|one| one.name().to_owned()).collect();
    assert_eq!(applied(test, &project).await, stock);
}

/// What is dirty on its way down has not lost its row yet.
async fn applied(test: &TestDatabase, project: &Project) -> BTreeSet<String> {
    use migration_engine::event::Direction;
    let entries = run::status(test.db(), project).await.unwrap();
    let is_applied = |state| {
        matches!(
            state,
            State::Applied { .. }
                | State::Missing { .. }
                | State::Dirty { direction: Direction::Down }
        )
    };
    let applied = entries.into_iter().filter(|entry| is_applied(entry.state));
    applied.map(|entry| entry.name).collect()
}

/// How many attempts at a migration are in a state.
async fn attempts(test: &TestDatabase, name: &str, state: &str) -> i64 {
    let count = format!(
        "SELECT count(*) FROM seaworthy.migration_ledger WHERE name = '{name}' AND state = '{state}'"
    );
    sql::value(test.db(), &count).await
}
