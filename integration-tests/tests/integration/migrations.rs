//! The schema's own history: every file of it goes up, down, and up again.

use integration_tests::{Engine, TestDatabase, engine::names, sql};
use migration::{Migrator, project::project};
use migration_engine::{Downto, Snapshot, Upto, run};
use sea_orm_migration::{MigrationStatus, MigratorTrait};

async fn up(test: &TestDatabase, limit: Option<usize>) -> Vec<String> {
    let upto = limit.map_or(Upto::All, Upto::Steps);
    Engine::default().up(test.url(), &project(), upto).await.unwrap()
}

async fn down(test: &TestDatabase, limit: Option<usize>) -> Vec<String> {
    let downto = limit.map_or(Downto::All, Downto::Steps);
    names(Engine::default().down(test.url(), &project(), downto).await.unwrap())
}

async fn reset(test: &TestDatabase) -> Vec<String> {
    names(Engine::default().reset(test.url(), &project()).await.unwrap())
}

async fn snapshot(test: &TestDatabase) -> Snapshot {
    Snapshot::take(test.db()).await.unwrap()
}

#[track_caller]
fn assert_same(before: &Snapshot, after: &Snapshot, when: &str) {
    let changes: Vec<_> = before.changes(after).iter().map(ToString::to_string).collect();
    assert!(changes.is_empty(), "{when}:\n{}", changes.join("\n"));
}

#[tokio::test]
async fn every_migration_goes_up_down_and_up_again_and_leaves_the_same_catalog() {
    let test = TestDatabase::empty().await;
    Migrator::install(test.db()).await.unwrap();
    let mut before = snapshot(&test).await;
    for migration in Migrator::migrations() {
        let name = migration.name();
        assert_eq!(up(&test, Some(1)).await, [name]);
        let applied = snapshot(&test).await;
        assert_eq!(down(&test, Some(1)).await, [name]);
        assert_same(&before, &snapshot(&test).await, &format!("after {name} went down"));
        assert_eq!(up(&test, Some(1)).await, [name]);
        assert_same(&applied, &snapshot(&test).await, &format!("after {name} went up again"));
        before = applied;
    }
    assert!(before.len() > 500, "a catalog of {} objects is hardly this schema's", before.len());
}

#[tokio::test]
async fn from_any_depth_all_the_way_down_and_up_again_gives_the_same_catalog() {
    let test = TestDatabase::migrated().await;
    let migrated = snapshot(&test).await;
    let count = Migrator::migrations().len();
    for depth in 1..=count {
        assert_eq!(down(&test, Some(depth)).await.len(), depth);
        assert_eq!(up(&test, None).await.len(), depth);
        assert_same(&migrated, &snapshot(&test).await, &format!("{depth} down and up"));
    }
}

#[tokio::test]
async fn rolling_back_everything_leaves_nothing() {
    let (test, nothing) = (TestDatabase::migrated().await, TestDatabase::empty().await);
    let migrated = snapshot(&test).await;
    let mut names: Vec<_> = Migrator::migrations().iter().map(|m| m.name().to_owned()).collect();
    names.reverse();
    assert_eq!(reset(&test).await, names);
    assert_same(&snapshot(&nothing).await, &snapshot(&test).await, "after everything went down");
    names.reverse();
    assert_eq!(up(&test, None).await, names);
    assert_same(&migrated, &snapshot(&test).await, "after everything went up again");
}

#[tokio::test]
async fn a_second_run_finds_nothing_to_do() {
    let test = TestDatabase::migrated().await;
    assert!(up(&test, None).await.is_empty());
}

#[tokio::test]
async fn stock_sea_orm_migration_agrees_about_what_is_applied() {
    let test = TestDatabase::migrated().await;
    down(&test, Some(3)).await;
    let ours = run::status(test.db(), &project()).await.unwrap();
    let stock = Migrator::get_migration_with_status_read_only(test.db()).await.unwrap();
    assert_eq!(ours.len(), stock.len());
    let mut pending = 0;
    for (ours, stock) in ours.iter().zip(&stock) {
        assert_eq!(ours.name, stock.name());
        let is_pending = ours.state == migration_engine::State::Pending;
        assert_eq!(is_pending, stock.status() == MigrationStatus::Pending, "{}", ours.name);
        pending += usize::from(is_pending);
    }
    assert_eq!(pending, 3);
}

#[tokio::test]
async fn stock_sea_orm_migration_can_go_on_where_ours_stopped_and_the_other_way_round() {
    let test = TestDatabase::empty().await;
    up(&test, Some(5)).await;
    Migrator::up(test.db(), Some(4)).await.unwrap();
    up(&test, None).await;
    let migrated = TestDatabase::migrated().await;
    assert_same(&snapshot(&migrated).await, &snapshot(&test).await, "made by turns");
    Migrator::down(test.db(), Some(2)).await.unwrap();
    let count: i64 = sql::value(test.db(), "SELECT count(*) FROM seaql_migrations").await;
    assert_eq!(usize::try_from(count).unwrap(), Migrator::migrations().len() - 2);
    assert_eq!(up(&test, None).await.len(), 2);
}

#[tokio::test]
async fn a_role_that_may_only_read_may_ask_for_the_status() {
    let test = TestDatabase::migrated().await;
    let reader = sql::pool(&test.reader().await).await;
    let status = run::status(&reader, &project()).await.unwrap();
    assert_eq!(status, run::status(test.db(), &project()).await.unwrap());
    assert!(status.iter().all(|entry| entry.state != migration_engine::State::Pending));
}

#[tokio::test]
async fn asking_for_the_status_of_an_empty_database_creates_nothing() {
    let test = TestDatabase::empty().await;
    let reader = sql::pool(&test.reader().await).await;
    let before = snapshot(&test).await;
    let status = run::status(&reader, &project()).await.unwrap();
    assert_eq!(status.len(), Migrator::migrations().len());
    assert!(status.iter().all(|entry| entry.state == migration_engine::State::Pending));
    assert_same(&before, &snapshot(&test).await, "after the question");
}
