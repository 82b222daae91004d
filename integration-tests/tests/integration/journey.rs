//! The whole way: migrate, seed, back up, lose everything, restore, and find everything again.

use integration_tests::{Program, Run, TestDatabase, sql, unique_name};
use migration_engine::Snapshot;

use crate::content::{assert_same, of_the_team, whole};

#[tokio::test]
async fn what_was_seeded_and_backed_up_comes_back_after_everything_was_rolled_back() {
    let test = TestDatabase::empty().await;
    let place = tempfile::tempdir().unwrap();
    let run = async |program: &'static str, arguments: &str| -> Run {
        let program = Program::new(program).await.on(test.url()).args(arguments);
        let run = program.env("BACKUP_DIR", place.path().join("backups")).run().await;
        assert_eq!(run.code, 0, "{arguments}: {run}");
        run
    };
    run("migration", "up").await;
    run("seeder", "--env development").await;
    let (catalog, content) =
        (Snapshot::take(test.db()).await.unwrap(), of_the_team(test.db()).await);
    run("backup", "create --name before-the-fall").await;
    let trail = whole(test.db()).await;

    let count = migration_engine::run::status(test.db(), &migration::project::project())
        .await
        .unwrap()
        .len();
    run("migration", &format!("down -n {count} --yes")).await;
    let left = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace
                AND relkind = 'r' AND relname <> 'seaql_migrations'";
    assert_eq!(sql::value::<i64>(test.db(), left).await, 0);
    assert!(!catalog.changes(&Snapshot::take(test.db()).await.unwrap()).is_empty());

    let new = unique_name();
    run("backup", &format!("restore latest --to {new}")).await;
    let restored = sql::pool(&test.url().with_database(&new)).await;
    let changes = catalog.changes(&Snapshot::take(&restored).await.unwrap());
    assert!(changes.is_empty(), "{changes:?}");
    assert_same(&content, &of_the_team(&restored).await);
    let ours = |content: &[String]| -> Vec<String> {
        let is_trail = |line: &&String| line.starts_with("seaworthy.audit_events");
        content.iter().filter(|line| !is_trail(line)).cloned().collect()
    };
    assert_same(&ours(&trail), &ours(&whole(&restored).await));
    restored.close().await.unwrap();

    // And it is a working database: the tools go on with it.
    let url = test.url().with_database(&new);
    for program in ["migration", "seeder"] {
        let status = Program::new(program).await.on(&url).args("status").run().await;
        assert_eq!(status.code, 0, "{status}");
    }
    let again = Program::new("seeder").await.on(&url).args("--format json").run().await;
    let document = crate::seeder::document(&again);
    assert_eq!(document["data"]["total"]["created"], 0, "{again}");
}
