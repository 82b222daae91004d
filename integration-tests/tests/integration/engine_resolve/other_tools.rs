//! Stock sea-orm-migration between our runs, and a source that was changed afterwards.

use integration_tests::{TestDatabase, sql};
use migration::Migrator;
use migration_engine::{
    Metadata, Project,
    resolve::{Differences, Resolution, ResolveError},
    run,
};
use sea_orm_migration::MigratorTrait as _;

use super::{agrees, attempts, project_agrees, say, up};
use crate::{
    migration_cli::migration,
    tiny::{project, table},
};

#[tokio::test]
async fn what_stock_tools_did_between_our_runs_is_taken_over() {
    let test = TestDatabase::empty().await;
    assert_eq!(migration(test.url(), "up -n 2").await.code, 0);
    Migrator::up(test.db(), Some(2)).await.unwrap();
    project_agrees(&test).await;
    let run = migration(test.url(), "up -n 1").await;
    assert_eq!(run.code, 0, "{run}");
    let adopted = "adopted what another tool had applied: m20260209_143000_sessions_and_preferences, \
                   m20260223_084500_school_people";
    assert!(run.stderr.contains(adopted), "{run}");
    project_agrees(&test).await;

    Migrator::down(test.db(), Some(1)).await.unwrap();
    project_agrees(&test).await;
    let run = migration(test.url(), "up -n 1").await;
    assert_eq!(run.code, 0, "{run}");
    let withdrawn = "another tool had rolled back: m20260309_093000_school_classes";
    assert!(run.stderr.contains(withdrawn), "{run}");
    project_agrees(&test).await;
    assert_eq!(attempts(&test, "m20260309_093000_school_classes", "rolled_back").await, 1);
    assert_eq!(attempts(&test, "m20260309_093000_school_classes", "applied").await, 1);
}

#[tokio::test]
async fn what_a_stock_tool_took_out_of_its_table_alone_is_declared_applied_again() {
    let test = TestDatabase::empty().await;
    let migrations = project(&[table!("a"), table!("b")]);
    up(&test, &migrations).await.unwrap();
    sql::run(test.db(), "DELETE FROM seaql_migrations WHERE version = 'b'").await;
    agrees(&test, &migrations).await;
    say(&test, &migrations, "b", Resolution::Applied, Differences::Refuse).await.unwrap();
    agrees(&test, &migrations).await;
    assert_eq!(attempts(&test, "b", "applied").await, 1);
    assert!(up(&test, &migrations).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_somebody_made_by_hand_is_declared_applied() {
    let test = TestDatabase::empty().await;
    up(&test, &project(&[table!("a")])).await.unwrap();
    let migrations = project(&[table!("a"), table!("b")]);
    let wrong = say(&test, &migrations, "b", Resolution::Applied, Differences::Refuse).await;
    assert!(matches!(wrong, Err(ResolveError::Differs { .. })), "{wrong:?}");
    sql::run(test.db(), "CREATE TABLE b (id bigint PRIMARY KEY)").await;
    say(&test, &migrations, "b", Resolution::Applied, Differences::Refuse).await.unwrap();
    agrees(&test, &migrations).await;
    assert!(up(&test, &migrations).await.unwrap().is_empty());
    sql::run(test.db(), "DROP TABLE b").await;
    say(&test, &migrations, "b", Resolution::RolledBack, Differences::Refuse).await.unwrap();
    agrees(&test, &migrations).await;
    assert_eq!(up(&test, &migrations).await.unwrap(), ["b"]);
}

#[tokio::test]
async fn what_this_binary_does_not_know_is_compared_as_the_ledger_remembers_it() {
    let test = TestDatabase::empty().await;
    up(&test, &project(&[table!("a"), table!("b"), table!("c")])).await.unwrap();
    let old = project(&[table!("a")]);
    let wrong = say(&test, &old, "c", Resolution::RolledBack, Differences::Refuse).await;
    assert!(matches!(wrong, Err(ResolveError::Differs { .. })), "{wrong:?}");
    sql::run(test.db(), "DROP TABLE c").await;
    say(&test, &old, "c", Resolution::RolledBack, Differences::Refuse).await.unwrap();
    agrees(&test, &old).await;
    assert_eq!(attempts(&test, "c", "rolled_back").await, 1);
}

fn with_source(sha256: &str) -> Project {
    let (name, source_sha256) = ("a".to_owned(), sha256.to_owned());
    project(&[table!("a")]).with_metadata(vec![Metadata {
        name,
        source_sha256,
        ..Metadata::default()
    }])
}

async fn is_changed(test: &TestDatabase, project: &Project) -> bool {
    run::status(test.db(), project).await.unwrap()[0].changed
}

#[tokio::test]
async fn a_source_that_was_changed_on_purpose_is_accepted() {
    let test = TestDatabase::empty().await;
    up(&test, &with_source("one")).await.unwrap();
    let (same, changed) = (with_source("one"), with_source("two"));
    assert!(!is_changed(&test, &same).await && is_changed(&test, &changed).await);
    let accept = Resolution::AcceptChecksum;
    let refused = say(&test, &same, "a", accept, Differences::Refuse).await;
    assert!(matches!(refused, Err(ResolveError::NotChanged(_))), "{refused:?}");
    say(&test, &changed, "a", accept, Differences::Refuse).await.unwrap();
    assert!(is_changed(&test, &same).await && !is_changed(&test, &changed).await);
    agrees(&test, &changed).await;
}
