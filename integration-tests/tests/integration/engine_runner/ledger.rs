//! What our own ledger remembers, and what a rollback is measured by.

use integration_tests::{Engine, TestDatabase, sql};
use migration_engine::{
    Downto, RunError, State, Upto,
    from_ledger::CannotReplay,
    run::{self, DownOptions, Verification},
};

use super::{failed, tiny, up};
use crate::tiny::{Tiny, project, table};

#[tokio::test]
async fn every_attempt_is_remembered_with_what_it_sent() {
    let test = TestDatabase::empty().await;
    let engine = Engine::default();
    let migrations = project(&[table!("a")]);
    for _ in 0..2 {
        engine.up(test.url(), &migrations, Upto::All).await.unwrap();
        engine.down(test.url(), &migrations, Downto::All).await.unwrap();
    }
    let (attempts, runs) = run::history(test.db()).await.unwrap();
    assert_eq!((attempts.len(), runs.len()), (2, 4));
    for attempt in &attempts {
        assert_eq!(attempt.up_sql.as_deref().unwrap(), ["CREATE TABLE a (id bigint PRIMARY KEY)"]);
        assert_eq!(attempt.down_sql.as_deref().unwrap(), ["DROP TABLE a"]);
        assert!(attempt.down_exact && attempt.rolled_back_at.is_some(), "{attempt:?}");
        assert_eq!(attempt.sql_sha256.as_ref().unwrap().len(), 64);
    }
    let outcomes: Vec<_> = runs.iter().map(|run| run.outcome.as_deref()).collect();
    assert_eq!(outcomes, [Some("done"); 4]);
}

#[tokio::test]
async fn what_was_tried_and_failed_outlives_the_rollback_in_the_trail() {
    let test = TestDatabase::empty().await;
    up(&test, &[table!("a"), tiny("b", "SELECT 1/0", "SELECT 1")]).await.unwrap_err();
    let trail = "SELECT concat_ws(' ', detail ->> 'event', detail ->> 'migration')
                 FROM seaworthy.audit_events ORDER BY id";
    assert_eq!(
        sql::column::<String>(test.db(), trail).await,
        ["started a", "applied a", "started b", "failed b"]
    );
    let chain = dbkit::audit::verify(test.db()).await.unwrap().unwrap();
    assert!(chain.fracture.is_none() && chain.events == 4, "{chain:?}");
    let (_, runs) = run::history(test.db()).await.unwrap();
    assert_eq!(runs[0].outcome.as_deref(), Some("failed"));
}

#[tokio::test]
async fn a_rollback_is_compared_with_the_schema_before_the_migration() {
    let test = TestDatabase::empty().await;
    let engine = Engine::default();
    let forgetful = tiny("b", "CREATE TYPE mood AS ENUM ('a'); CREATE TABLE b ()", "DROP TABLE b");
    let migrations = project(&[table!("a"), forgetful]);
    engine.up(test.url(), &migrations, Upto::All).await.unwrap();
    let undone = engine.down(test.url(), &migrations, Downto::Steps(1)).await.unwrap();
    let Verification::Differs(changes) = &undone[0].verification else { panic!("{undone:?}") };
    let changes: Vec<_> = changes.iter().map(ToString::to_string).collect();
    assert!(changes.iter().any(|change| change.starts_with("+ type public.mood")), "{changes:?}");
    sql::run(test.db(), "DROP TYPE mood").await;
    let undone = engine.down(test.url(), &migrations, Downto::Steps(1)).await.unwrap();
    assert_eq!(undone[0].verification, Verification::Exact);
}

#[tokio::test]
async fn what_was_taken_out_of_the_middle_is_not_compared_with_an_older_schema() {
    let test = TestDatabase::empty().await;
    let engine = Engine::default();
    let migrations = project(&[table!("a"), table!("b")]);
    engine.up(test.url(), &migrations, Upto::All).await.unwrap();
    let only = Downto::Only("a".to_owned());
    let undone = engine.down(test.url(), &migrations, only).await.unwrap();
    assert_eq!(undone[0].verification, Verification::NotComparable);
}

async fn down_from_ledger(
    test: &TestDatabase,
    migrations: &[Tiny],
) -> Result<Vec<run::Undone>, RunError> {
    let permit = test.permit();
    let options = DownOptions { from_ledger: true, ..DownOptions::default() };
    Engine::default()
        .run(test.url(), async |session, orders| {
            let project = project(migrations);
            run::down(session, &project, &permit, &Downto::Steps(1), options, orders).await
        })
        .await
}

#[tokio::test]
async fn an_older_binary_rolls_back_from_the_ledger() {
    let test = TestDatabase::empty().await;
    up(&test, &[table!("a"), table!("b")]).await.unwrap();
    let old = [table!("a")];
    let status = run::status(test.db(), &project(&old)).await.unwrap();
    assert!(matches!(status[1].state, State::Missing { .. }), "{status:?}");
    let refused = Engine::default().down(test.url(), &project(&old), Downto::Steps(1)).await;
    assert!(matches!(refused, Err(RunError::Missing(names)) if names == ["b"]));
    let undone = down_from_ledger(&test, &old).await.unwrap();
    assert_eq!((undone[0].name.as_str(), &undone[0].verification), ("b", &Verification::Exact));
    assert!(sql::value::<bool>(test.db(), "SELECT to_regclass('b') IS NULL").await);
    let left = "SELECT version FROM seaql_migrations";
    assert_eq!(sql::column::<String>(test.db(), left).await, ["a"]);
}

#[tokio::test]
async fn a_way_down_that_looks_at_rows_is_not_replayed() {
    let test = TestDatabase::empty().await;
    up(&test, &[table!("a")]).await.unwrap();
    // As after an `up` whose way down counts rows.
    sql::run(test.db(), "UPDATE seaworthy.migration_ledger SET down_exact = false").await;
    let error = down_from_ledger(&test, &[]).await.unwrap_err();
    assert!(matches!(&error, RunError::CannotReplay(CannotReplay::NotExact(_))), "{error:?}");
    assert!(sql::value::<bool>(test.db(), "SELECT to_regclass('a') IS NOT NULL").await);
}

#[tokio::test]
async fn a_migration_of_another_tool_is_adopted_and_its_file_is_needed() {
    let test = TestDatabase::empty().await;
    up(&test, &[table!("a")]).await.unwrap();
    sql::run(test.db(), "CREATE TABLE b (); INSERT INTO seaql_migrations VALUES ('b', 4000000000)")
        .await;
    let all = [table!("a"), table!("b"), table!("c")];
    assert_eq!(up(&test, &all).await.unwrap(), ["c"]);
    let state = "SELECT state FROM seaworthy.migration_ledger WHERE name = 'b'";
    assert_eq!(sql::value::<String>(test.db(), state).await, "baselined");
    let error = down_from_ledger(&test, &[table!("a"), table!("c")]).await.unwrap_err();
    assert!(matches!(&error, RunError::CannotReplay(CannotReplay::NotRecorded(_))), "{error:?}");
}

#[tokio::test]
async fn a_failing_post_check_without_a_transaction_is_half_way() {
    let test = TestDatabase::empty().await;
    let mut odd = tiny("a", "CREATE TABLE a ()", "DROP TABLE a");
    odd.transaction = false;
    let metadata = migration_engine::Metadata {
        name: "a".to_owned(),
        post_checks: vec!["SELECT false".to_owned()],
        ..Default::default()
    };
    let migrations = project(&[odd]).with_metadata(vec![metadata]);
    let error = Engine::default().up(test.url(), &migrations, Upto::All).await.unwrap_err();
    assert!(failed(&error).half_way, "{error:?}");
    let error = Engine::default().up(test.url(), &migrations, Upto::All).await.unwrap_err();
    let RunError::Dirty(attempts) = &error else { panic!("{error:?}") };
    assert_eq!(attempts[0].name, "a");
}
