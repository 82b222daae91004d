//! Capturing what a migration sends, with no server at all.

use migration_engine::{
    capture::{CaptureError, Inexact, offline},
    event::Direction,
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    sea_orm::{ConnectionTrait as _, DbBackend, DbErr, Statement},
};
use uuid::Uuid;

use super::{project, script};

/// A migration that is a piece of Rust.
struct Code<F>(F);

impl<F> MigrationName for Code<F> {
    fn name(&self) -> &'static str {
        "code"
    }
}

#[async_trait::async_trait]
impl<F> MigrationTrait for Code<F>
where
    F: AsyncCode + Send + Sync,
{
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        self.0.run(manager).await
    }
}

/// What such a migration does.
#[async_trait::async_trait]
trait AsyncCode {
    async fn run(&self, manager: &SchemaManager<'_>) -> Result<(), DbErr>;
}

macro_rules! code {
    ($name:ident, |$manager:ident| $body:block) => {
        struct $name;

        #[async_trait::async_trait]
        impl AsyncCode for $name {
            async fn run(&self, $manager: &SchemaManager<'_>) -> Result<(), DbErr> $body
        }
    };
}

code!(AsksForATable, |manager| {
    if !manager.has_table("users").await? {
        manager.get_connection().execute_unprepared("CREATE TABLE users ()").await?;
    }
    Ok(())
});

code!(UpdatesInBatches, |manager| {
    let batch = "UPDATE users SET done = true WHERE NOT done LIMIT 100";
    while manager.get_connection().execute_unprepared(batch).await?.rows_affected() > 0 {}
    Ok(())
});

code!(WaitsForRows, |manager| {
    let batch = "DELETE FROM queue";
    while manager.get_connection().execute_unprepared(batch).await?.rows_affected() < 2 {}
    Ok(())
});

code!(MakesIdentifiers, |manager| {
    #[expect(clippy::disallowed_methods, reason = "the test is about this")]
    let id = Uuid::new_v4();
    let sql = "INSERT INTO users (id, name) VALUES ($1, $2)";
    let values = [id.into(), "O'Hara".into()];
    let insert = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    manager.get_connection().execute_raw(insert).await.map(drop)
});

code!(BindsValues, |manager| {
    let sql = "INSERT INTO users (id, name) VALUES ($1, $2)";
    let insert =
        Statement::from_sql_and_values(DbBackend::Postgres, sql, [7.into(), "O'Hara".into()]);
    manager.get_connection().execute_raw(insert).await.map(drop)
});

code!(Panics, |_manager| {
    panic!("no pool here");
});

#[tokio::test]
async fn this_projects_history_is_captured_without_a_server_and_always_the_same() {
    for migration in project() {
        for direction in [Direction::Up, Direction::Down] {
            let name = migration.name();
            let captured = offline(migration.as_ref(), direction).await.unwrap();
            assert!(!captured.statements.is_empty(), "{name}");
            let again = offline(migration.as_ref(), direction).await.unwrap();
            assert_eq!(captured.sql_sha256(), again.sql_sha256(), "{name}");
            assert_eq!(captured.transactional, migration.use_transaction() != Some(false));
        }
    }
}

#[tokio::test]
async fn raw_text_is_captured_as_it_was_sent_and_is_exact() {
    let index = super::Script {
        transaction: false,
        ..script("a", "CREATE INDEX CONCURRENTLY i ON t (a); SELECT 1", "DROP INDEX i")
    };
    let up = offline(&index, Direction::Up).await.unwrap();
    assert_eq!(up.statements, [index.up]);
    assert_eq!((up.exact(), up.transactional), (true, false));
    assert_eq!(offline(&index, Direction::Down).await.unwrap().statements, [index.down]);
}

#[tokio::test]
async fn bound_values_are_shown_in_place() {
    let captured = offline(&Code(BindsValues), Direction::Up).await.unwrap();
    let expected = "INSERT INTO users (id, name) VALUES (7, E'O\\'Hara')";
    assert_eq!((captured.exact(), captured.statements[0].as_str()), (true, expected));
}

#[tokio::test]
async fn a_migration_that_asks_is_not_exact_and_hears_that_nothing_is_there() {
    let captured = offline(&Code(AsksForATable), Direction::Up).await.unwrap();
    let Some(Inexact::Asks(question)) = &captured.why_not_exact else { panic!("{captured:?}") };
    assert!(question.contains("has_table"), "{question}");
    assert_eq!(captured.statements[1], "CREATE TABLE users ()");
}

#[tokio::test]
async fn a_loop_over_changed_rows_is_not_exact() {
    let captured = offline(&Code(UpdatesInBatches), Direction::Up).await.unwrap();
    assert_eq!(captured.why_not_exact, Some(Inexact::CountsRows));
    assert_eq!(captured.statements.len(), 1);
}

#[tokio::test]
async fn a_migration_that_makes_identifiers_is_not_exact() {
    let captured = offline(&Code(MakesIdentifiers), Direction::Up).await.unwrap();
    assert_eq!(captured.why_not_exact, Some(Inexact::Varies));
}

#[tokio::test]
async fn a_migration_that_waits_for_ever_is_stopped() {
    let error = offline(&Code(WaitsForRows), Direction::Up).await.unwrap_err();
    let CaptureError::Failed { source, .. } = &error else { panic!("{error:?}") };
    assert!(source.to_string().contains("more than 100000 statements"), "{source}");
}

#[tokio::test]
async fn a_panic_in_a_migration_is_an_error_of_capturing() {
    let error = offline(&Code(Panics), Direction::Up).await.unwrap_err();
    assert_eq!(error.to_string(), "code panics where no database answers: no pool here");
}

#[tokio::test]
async fn a_way_down_that_nobody_has_written_is_an_error_of_capturing() {
    let error = offline(&Code(Panics), Direction::Down).await.unwrap_err();
    assert!(matches!(error, CaptureError::Failed { .. }), "{error:?}");
}
