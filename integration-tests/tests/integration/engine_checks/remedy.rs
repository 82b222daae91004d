//! What is written from the entities brings the database to them, and takes it back.

use integration_tests::{Engine, TestDatabase, sql};
use migration::project::project;
use migration_engine::{
    Downto, Snapshot,
    entities::{Remedy, remedy},
};
use sea_orm::TransactionTrait as _;

use super::{entities, line};

async fn remedy_for(test: &TestDatabase) -> Remedy {
    remedy(test.db(), &entities::definitions().await, "seaql_migrations").await.unwrap()
}

/// Carries out statements as a migration would.
async fn apply(test: &TestDatabase, statements: &[String]) {
    let transaction = test.db().begin().await.unwrap();
    sql::run(&transaction, &statements.join(";\n")).await;
    transaction.commit().await.unwrap();
}

/// Follows the remedy up, where the entities must fit, and down, where the schema must be as before.
async fn there_and_back(test: &TestDatabase) -> Remedy {
    let before = Snapshot::take(test.db()).await.unwrap();
    let remedy = remedy_for(test).await;
    apply(test, &remedy.up).await;
    let left: Vec<_> = entities::check(test).await.iter().map(line).collect();
    assert!(left.is_empty(), "{}\n\n{}", remedy.up.join(";\n"), left.join("\n"));
    assert_eq!(remedy_for(test).await, Remedy::default());
    apply(test, &remedy.down).await;
    let changes = before.changes(&Snapshot::take(test.db()).await.unwrap());
    let changes: Vec<_> = changes.iter().map(ToString::to_string).collect();
    assert!(changes.is_empty(), "{}\n\n{}", remedy.down.join(";\n"), changes.join("\n"));
    remedy
}

#[tokio::test]
async fn a_schema_that_fits_needs_nothing() {
    assert_eq!(remedy_for(&TestDatabase::migrated().await).await, Remedy::default());
}

#[tokio::test]
async fn everything_is_made_for_an_empty_database() {
    let remedy = there_and_back(&TestDatabase::empty().await).await;
    assert!(remedy.up.iter().filter(|sql| sql.starts_with("CREATE TABLE")).count() == 32);
    assert_eq!(remedy.questions, []);
}

#[tokio::test]
async fn tables_columns_keys_and_labels_that_are_missing_are_added_and_taken_back() {
    let test = TestDatabase::migrated().await;
    // The newest migration adds the label `waitlisted` to a type with a check, a partial index and a
    // default that speak of it.
    Engine::default().down(test.url(), &project(), Downto::Steps(1)).await.unwrap();
    let change = "DROP TABLE schedules; DROP TYPE weekday; DROP TABLE exam_results;
        ALTER TABLE classes DROP COLUMN room, DROP CONSTRAINT classes_teacher_id_fkey,
            DROP CONSTRAINT classes_code_term_key, ALTER COLUMN updated_at DROP DEFAULT;
        ALTER TABLE user_preferences DROP COLUMN theme";
    sql::run(test.db(), change).await;
    let remedy = there_and_back(&test).await;
    assert_eq!(remedy.questions, []);
}

#[tokio::test]
async fn a_row_with_a_new_label_stops_the_way_down() {
    let test = TestDatabase::migrated().await;
    Engine::default().down(test.url(), &project(), Downto::Steps(1)).await.unwrap();
    let remedy = remedy_for(&test).await;
    apply(&test, &remedy.up).await;
    let waiting = "SET session_replication_role = replica;
        INSERT INTO enrollments (id, student_id, class_id, status)
        VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'waitlisted')";
    sql::run(test.db(), waiting).await;
    let transaction = test.db().begin().await.unwrap();
    let down = remedy.down.join(";\n");
    let error =
        sea_orm::ConnectionTrait::execute_unprepared(&transaction, &down).await.unwrap_err();
    assert_eq!(sql::sqlstate(&error).as_deref(), Some("22P02"));
}

#[tokio::test]
async fn what_cannot_be_decided_is_asked() {
    let test = TestDatabase::migrated().await;
    let change = "ALTER TABLE users DROP COLUMN full_name, ALTER COLUMN display_name DROP NOT NULL,
            ADD COLUMN nickname text;
        ALTER TABLE classes ALTER COLUMN capacity TYPE bigint;
        ALTER TYPE theme ADD VALUE 'sepia';
        ALTER TABLE saved_events DROP CONSTRAINT saved_events_pkey;
        CREATE TABLE legacy (id bigint PRIMARY KEY)";
    sql::run(test.db(), change).await;
    let remedy = remedy_for(&test).await;
    assert_eq!((remedy.up.len(), remedy.down.len()), (0, 0), "{remedy:?}");
    let mut about: Vec<_> = remedy
        .questions
        .iter()
        .map(|question| question.about.split(": ").next().unwrap())
        .collect();
    // In which order the linker lists the entities is its own business.
    about.sort_unstable();
    assert_eq!(
        about,
        [
            "column public.classes.capacity",
            "column public.users.display_name",
            "column public.users.full_name",
            "table public.legacy",
            "table public.saved_events",
            "table public.users",
            "type public.theme",
        ]
    );
    assert!(remedy.questions.iter().all(|question| !question.options.is_empty()));
}

#[tokio::test]
async fn a_type_that_a_view_shows_is_not_made_anew_blindly() {
    let test = TestDatabase::migrated().await;
    Engine::default().down(test.url(), &project(), Downto::Steps(1)).await.unwrap();
    sql::run(test.db(), "CREATE VIEW v AS SELECT status FROM enrollments").await;
    let remedy = remedy_for(&test).await;
    assert_eq!(
        (remedy.up.len(), remedy.down.len(), remedy.questions.len()),
        (1, 0, 1),
        "{remedy:?}"
    );
}
