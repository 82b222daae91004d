//! What the engine sees on the shadow, and says of the target.

use std::collections::BTreeMap;

use dbkit::Literal;
use integration_tests::{Engine, TestDatabase, sql};
use migration_engine::{
    Downto, Project, Rehearsal, RehearsalError, ShadowError, ShadowOptions, TableSize, Upto,
    event::Direction,
    ledger, plan,
    rehearsal::{Script, rehearse},
    run::{self, Chosen},
};
use sea_orm_migration::MigrationTrait;

use crate::engine_shadow::{options, script};

const TABLE: &str = "m1_a_table";
const WIDER: &str = "m2_b_wider";

/// A table, and a change that writes it anew.
fn project(names: &[&str]) -> Project {
    let all = [
        script(TABLE, "CREATE TABLE t (id integer)", "DROP TABLE t"),
        script(
            WIDER,
            "ALTER TABLE t ALTER COLUMN id TYPE bigint",
            "ALTER TABLE t ALTER COLUMN id TYPE integer",
        ),
        script("m3_c_broken", "SELECT nonsense", ""),
    ];
    let wanted = all.into_iter().filter(|script| names.contains(&script.name));
    Project::of(wanted.map(|script| Box::new(script) as Box<dyn MigrationTrait>).collect())
}

/// One of 1,000 rows, to which the first migration alone is applied.
async fn with_a_table() -> TestDatabase {
    let test = TestDatabase::empty().await;
    Engine::default().up(test.url(), &project(&[TABLE]), Upto::All).await.unwrap();
    sql::run(test.db(), "INSERT INTO t SELECT generate_series(1, 1000); ANALYZE t").await;
    test
}

async fn perform(
    test: &TestDatabase,
    project: &Project,
    direction: Direction,
    options: &ShadowOptions,
) -> Result<Rehearsal, RehearsalError> {
    let ledger = ledger::read(test.db(), project).await.unwrap();
    let chosen: Vec<Chosen> = match direction {
        Direction::Up => {
            let names = plan::up(project, &ledger, &Upto::All).unwrap();
            names.into_iter().map(|name| (name, None)).collect()
        }
        Direction::Down => run::rollback(project, &ledger, &Downto::Steps(1), true).unwrap(),
    };
    let sizes: BTreeMap<_, _> = TableSize::of_all(test.db()).await.unwrap();
    let script = Script { project, ledger: &ledger, direction, chosen: &chosen, sizes: &sizes };
    rehearse(script, test.url(), options).await
}

async fn left_behind(test: &TestDatabase, options: &ShadowOptions) -> i64 {
    let pattern = format!("seaworthy_shadow_{}%", options.run.simple());
    let query =
        format!("SELECT count(*) FROM pg_database WHERE datname LIKE {}", Literal(&pattern));
    sql::value(test.db(), &query).await
}

#[tokio::test]
async fn locks_and_rewrites_come_with_the_size_that_the_target_has() {
    let test = with_a_table().await;
    let options = options();
    let rehearsal =
        perform(&test, &project(&[TABLE, WIDER]), Direction::Up, &options).await.unwrap();
    let [step] = rehearsal.steps.as_slice() else { panic!("{rehearsal:?}") };
    assert_eq!((step.name.as_str(), step.transactional), (WIDER, true));
    assert_eq!(step.statements, ["ALTER TABLE t ALTER COLUMN id TYPE bigint"]);
    let [lock] = step.locks.as_slice() else { panic!("{step:?}") };
    assert_eq!(
        (lock.relation.as_str(), lock.mode.as_str(), lock.statement),
        ("public.t", "AccessExclusiveLock", 0)
    );
    let [rewritten] = step.rewritten.as_slice() else { panic!("{step:?}") };
    assert_eq!(rewritten.relation, "public.t");
    for size in [lock.size.unwrap(), rewritten.size.unwrap()] {
        assert_eq!(size.rows_estimate, Some(1000));
        assert!(size.bytes > Some(0));
    }
    assert_eq!(left_behind(&test, &options).await, 0);
    let kept = "SELECT format_type(atttypid, NULL) FROM pg_attribute
                WHERE attrelid = 't'::regclass AND attname = 'id'";
    assert_eq!(sql::value::<String>(test.db(), kept).await, "integer");
}

#[tokio::test]
async fn the_way_down_says_what_goes_and_what_the_schema_is_then() {
    let test = with_a_table().await;
    let rehearsal = perform(&test, &project(&[TABLE]), Direction::Down, &options()).await.unwrap();
    let [step] = rehearsal.steps.as_slice() else { panic!("{rehearsal:?}") };
    assert_eq!(step.statements, ["DROP TABLE t"]);
    let gone: Vec<_> = step.losses.tables.iter().map(|gone| gone.table.to_string()).collect();
    assert_eq!(gone, ["public.t"]);
    assert!(rehearsal.after.of_kind("table").all(|(name, _)| name != "public.t"));
    assert_eq!(sql::value::<i64>(test.db(), "SELECT count(*) FROM t").await, 1000);
}

#[tokio::test]
async fn what_only_the_ledger_knows_is_replayed_and_rolled_back_from_there() {
    let test = with_a_table().await;
    Engine::default().up(test.url(), &project(&[TABLE, WIDER]), Upto::All).await.unwrap();
    let older = project(&[]);
    let rehearsal = perform(&test, &older, Direction::Down, &options()).await.unwrap();
    let [step] = rehearsal.steps.as_slice() else { panic!("{rehearsal:?}") };
    assert_eq!(step.name, WIDER);
    assert_eq!(step.statements, ["ALTER TABLE t ALTER COLUMN id TYPE integer"]);
}

#[tokio::test]
async fn no_shadow_stays_behind_where_a_migration_fails() {
    let test = with_a_table().await;
    let options = options();
    let error = perform(&test, &project(&[TABLE, "m3_c_broken"]), Direction::Up, &options)
        .await
        .unwrap_err();
    assert!(matches!(error, RehearsalError::Shadow(ShadowError::Migration { .. })), "{error:?}");
    assert_eq!(left_behind(&test, &options).await, 0);
}
