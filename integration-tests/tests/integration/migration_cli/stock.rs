//! After everything that can happen, our `status` says what stock `migrate status` says: `sea-orm-cli` shows what the
//! project's own command prints, and that command is ours or the one of stock sea-orm-migration.

use std::collections::BTreeMap;

use integration_tests::{Engine, TestDatabase, sql};
use migration::Migrator;
use migration_engine::{Project, Upto};
use sea_orm_migration::{DbErr, MigrationStatus, MigratorTrait as _};

use super::{json, migration};
use crate::tiny::table;

/// Runs our command in an environment in which nothing is asked.
async fn run(test: &TestDatabase, arguments: &str) {
    let run = migration(test.url(), &format!("{arguments} --env testing")).await;
    assert_eq!(run.code, 0, "{arguments}: {run}");
    agree(test, arguments).await;
}

/// What our command says of every migration.
async fn ours(test: &TestDatabase) -> BTreeMap<String, String> {
    let status = json(&migration(test.url(), "status --format json").await);
    let entries = status["data"]["migrations"].as_array().unwrap();
    let word = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    entries.iter().map(|entry| (word(&entry["name"]), word(&entry["state"]))).collect()
}

/// What stock `migrate status` prints of every migration.
async fn theirs(test: &TestDatabase) -> Result<BTreeMap<String, String>, DbErr> {
    let status = Migrator::get_migration_with_status(test.db()).await?;
    let state = |status| match status {
        MigrationStatus::Pending => "pending",
        MigrationStatus::Applied => "applied",
    };
    Ok(status.iter().map(|one| (one.name().to_owned(), state(one.status()).to_owned())).collect())
}

async fn agree(test: &TestDatabase, after: &str) {
    assert_eq!(ours(test).await, theirs(test).await.unwrap(), "after {after}");
}

#[tokio::test]
async fn status_agrees_after_every_way_up_and_down_by_turns() {
    let test = TestDatabase::empty().await;
    agree(&test, "nothing").await;
    run(&test, "up -n 5").await;
    Migrator::up(test.db(), Some(2)).await.unwrap();
    agree(&test, "stock up").await;
    run(&test, "up").await;
    run(&test, "down").await;
    Migrator::down(test.db(), Some(2)).await.unwrap();
    agree(&test, "stock down").await;
    run(&test, "down --to m20260427_134500_festival_programme").await;
    Migrator::up(test.db(), None).await.unwrap();
    agree(&test, "stock up of everything").await;
    run(&test, "down --only index_unread_notifications").await;
    run(&test, "up").await;
    run(&test, "refresh --yes").await;
    run(&test, "reset --yes").await;
    Migrator::up(test.db(), Some(3)).await.unwrap();
    run(&test, "fresh --yes").await;
    Migrator::refresh(test.db()).await.unwrap();
    agree(&test, "stock refresh").await;
    run(&test, "up").await;
}

#[tokio::test]
async fn status_agrees_after_every_word_of_an_operator() {
    let test = TestDatabase::empty().await;
    run(&test, "up -n 12").await;
    let index = "CREATE INDEX notifications_unread_idx ON notifications (user_id)";
    for word in ["--rolled-back", "--retry", "--applied"] {
        sql::run(test.db(), index).await;
        let half_way = migration(test.url(), "up --env testing").await;
        assert_eq!(half_way.code, 6, "{half_way}");
        let mut told = ours(&test).await;
        let dirty =
            told.insert("m20260706_073000_index_unread_notifications".into(), "pending".into());
        assert_eq!(dirty.as_deref(), Some("dirty"));
        assert_eq!(told, theirs(&test).await.unwrap(), "while it is dirty");
        let say = format!("resolve index_unread_notifications {word} --reason test");
        run(&test, &format!("{say} --despite-differences")).await;
        sql::run(test.db(), "DROP INDEX IF EXISTS notifications_unread_idx").await;
    }
    run(&test, "up").await;
}

#[tokio::test]
async fn status_agrees_before_and_after_a_rollback_of_what_only_a_newer_binary_has() {
    let test = TestDatabase::migrated().await;
    let mut migrations = Migrator::migrations();
    migrations.push(Box::new(table!("m20990101_000000_later")));
    let newer = Project::of(migrations);
    Engine::default().up(test.url(), &newer, Upto::All).await.unwrap();
    assert_eq!(ours(&test).await["m20990101_000000_later"], "missing");
    // Stock says nothing more than that.
    let error = theirs(&test).await.unwrap_err().to_string();
    assert!(error.contains("'m20990101_000000_later' is missing"), "{error}");
    run(&test, "down --from-ledger").await;
    assert!(
        sql::value::<bool>(test.db(), "SELECT to_regclass('m20990101_000000_later') IS NULL").await
    );
}
