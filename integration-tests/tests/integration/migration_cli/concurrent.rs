//! Several runs at once: one works, the others wait for it or go away.

use integration_tests::{Program, TestDatabase, sql};
use migration::{Migrator, MigratorTrait as _};
use tokio::task::JoinSet;

async fn eight_at_once(test: &TestDatabase, arguments: &'static str) -> Vec<i32> {
    let mut runs = JoinSet::new();
    for _ in 0..8 {
        let program = Program::new("migration").await.on(test.url()).args(arguments);
        runs.spawn(async move {
            let run = program.run().await;
            assert!([0, 5].contains(&run.code), "{run}");
            run.code
        });
    }
    runs.join_all().await
}

async fn ledger(test: &TestDatabase) -> Vec<String> {
    sql::column(test.db(), "SELECT version FROM seaql_migrations ORDER BY version").await
}

fn all() -> Vec<String> {
    Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect()
}

#[tokio::test]
async fn eight_runs_on_an_empty_database_apply_every_migration_once() {
    for _ in 0..3 {
        let test = TestDatabase::empty().await;
        let codes = eight_at_once(&test, "up --lock-wait 60").await;
        assert_eq!(codes, [0; 8]);
        assert_eq!(ledger(&test).await, all());
        let runs = "SELECT count(DISTINCT operation_id) FROM seaworthy.audit_events
                    WHERE outcome = 'done'";
        assert_eq!(sql::value::<i64>(test.db(), runs).await, 8);
    }
}

#[tokio::test]
async fn of_eight_runs_that_do_not_wait_one_does_it_all() {
    for _ in 0..3 {
        let test = TestDatabase::empty().await;
        let codes = eight_at_once(&test, "up --lock-wait 0").await;
        assert!(codes.contains(&0), "{codes:?}");
        assert_eq!(ledger(&test).await, all());
    }
}
