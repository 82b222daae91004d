//! Tables without a factory, filled from their definitions.

mod command;
mod history;
mod impossible;
mod own_schema;
mod unseen;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use dbkit::{Environment, SystemClock};
use integration_tests::{TestDatabase, sql};
use seeding_engine::{
    Ending, World,
    fill::{self, FillOptions, FillRun, FillSummary, FilledTable, Problem},
};
use uuid::Uuid;

fn world() -> World {
    World { seed: 42, as_of: NaiveDate::from_ymd_opt(2026, 3, 2).unwrap() }
}

/// Fills tables of the test's database to so many rows.
#[expect(
    clippy::disallowed_methods,
    reason = "a test calls as a command does: a name for each run"
)]
async fn fill(test: &TestDatabase, rows: u64, tables: &[&str]) -> FillSummary {
    let tables = tables.iter().map(|table| (*table).to_owned()).collect();
    let options = FillOptions { rows, tables, seeded: BTreeMap::new(), world: world() };
    let plan = fill::plan(test.db(), &options).await.unwrap();
    let run = FillRun {
        id: Uuid::now_v7(),
        environment: Environment::Testing,
        ending: Ending::Commit,
        actor: "somebody".to_owned(),
        tool_version: "0.0.0".to_owned(),
        git_revision: None,
    };
    fill::run(test.db(), &plan, &run, &SystemClock, &()).await.unwrap()
}

/// What was done to one table.
#[track_caller]
fn of<'a>(summary: &'a FillSummary, table: &str) -> &'a FilledTable {
    let found = summary.tables.iter().find(|filled| filled.table == table);
    found.unwrap_or_else(|| panic!("`{table}` was not filled: {summary:#?}"))
}

/// Everything that went wrong, as sentences.
fn problems(summary: &FillSummary) -> Vec<String> {
    let of_table = |filled: &FilledTable| {
        let table = filled.table.clone();
        let sentence = move |problem: &Problem| format!("{table}: {problem}");
        filled.problems.iter().map(sentence).collect::<Vec<_>>()
    };
    summary.tables.iter().flat_map(of_table).collect()
}

/// Checks every constraint again, from nothing: checks and foreign keys are dropped and added, and
/// every index is rebuilt, which fails if a row breaks one.
async fn revalidate(test: &TestDatabase) {
    let again = "SELECT format('ALTER TABLE %1$s DROP CONSTRAINT %2$I; ALTER TABLE %1$s ADD CONSTRAINT \
                 %2$I %3$s', conrelid::regclass, conname, pg_get_constraintdef(oid)) \
                 FROM pg_constraint WHERE contype IN ('c', 'f') AND conparentid = 0 AND coninhcount = 0 \
                 AND connamespace::regnamespace::text IN ('public', 'yard') AND conrelid <> 0 ORDER BY oid";
    for statement in sql::column::<String>(test.db(), again).await {
        sql::run(test.db(), &statement).await;
    }
    let indexes = "SELECT format('REINDEX TABLE %s', c.oid::regclass) FROM pg_class c \
                   WHERE relkind IN ('r', 'p') AND relnamespace::regnamespace::text IN ('public', 'yard')";
    for statement in sql::column::<String>(test.db(), indexes).await {
        sql::run(test.db(), &statement).await;
    }
}
