//! Rows on their way into a table.

use std::sync::{Arc, Mutex};

use integration_tests::sql;
use sea_orm::ConnectionTrait as _;
use seeding_engine::copy::{BulkError, LoadError, RefusalKind};

use super::{Made, SETTLED, begin, count, fill, id, load, notes};

#[tokio::test]
async fn copy_and_sql_share_one_transaction() {
    let test = notes().await;
    let mut bulk = begin(&test).await;
    load(&mut bulk, Made::notes(10), 0..3, &|_| {}).await.unwrap();
    sql::run(&bulk, "DELETE FROM notes WHERE note LIKE 'note 0 %'").await;
    assert_eq!(sql::value::<i64>(&bulk, "SELECT count(*) FROM notes").await, 27);
    assert_eq!(count(&test, "notes").await, 0);
    bulk.commit().await.unwrap();
    assert_eq!(count(&test, "notes").await, 27);
}

#[tokio::test]
async fn what_is_rolled_back_or_dropped_is_not_there() {
    let test = notes().await;
    let mut bulk = begin(&test).await;
    load(&mut bulk, Made::notes(10), 0..1, &|_| {}).await.unwrap();
    bulk.rollback().await.unwrap();
    let mut bulk = begin(&test).await;
    load(&mut bulk, Made::notes(10), 0..1, &|_| {}).await.unwrap();
    drop(bulk);
    sql::run(test.db(), SETTLED).await;
    assert_eq!(count(&test, "notes").await, 0);
}

#[tokio::test]
async fn parts_come_to_the_same_as_the_whole() {
    let test = notes().await;
    let whole = fill(&test, &Made::notes(7), 0..9).await.unwrap();
    sql::run(test.db(), "TRUNCATE notes").await;
    let mut parts = seeding_engine::copy::Tally::default();
    for cells in [6..9, 0..1, 1..6, 9..9] {
        parts += fill(&test, &Made::notes(7), cells).await.unwrap();
    }
    assert_eq!(parts, whole);
    assert_eq!(whole.rows, 63);
}

/// More than fits into one part, and into one statement.
#[tokio::test]
async fn many_rows_arrive_in_order_and_progress_counts_each() {
    let test = notes().await;
    sql::run(test.db(), "ALTER TABLE notes ADD arrived bigint GENERATED ALWAYS AS IDENTITY").await;
    let source = Made::source("notes", &["id", "note"], |cell| {
        vec![vec![id(cell, 0), format!("{cell} {}", "x".repeat(20_000)).into()]]
    });
    let heard = Mutex::new(Vec::new());
    let mut bulk = begin(&test).await;
    let progress = |rows| heard.lock().unwrap().push(rows);
    sql::run(&bulk, "ALTER TABLE notes DROP CONSTRAINT notes_note_key").await;
    load(&mut bulk, source, 0..2_000, &progress).await.unwrap();
    let misplaced = "SELECT count(*) FROM (
        SELECT id < lag(id) OVER (ORDER BY arrived) AS wrong FROM notes
    ) AS notes WHERE wrong";
    assert_eq!(sql::value::<i64>(&bulk, misplaced).await, 0);
    let heard = heard.lock().unwrap();
    assert_eq!(heard.iter().sum::<u64>(), 2_000);
    assert!(heard.len() > 32, "{} parts", heard.len());
}

#[tokio::test]
async fn a_refusal_names_the_table_the_rule_and_the_row() {
    let test = notes().await;
    sql::run(
        test.db(),
        "ALTER TABLE notes ADD CHECK (note <> 'bad'), ALTER note SET NOT NULL;
         CREATE TABLE authors (id uuid PRIMARY KEY);
         ALTER TABLE notes ADD author uuid REFERENCES authors",
    )
    .await;
    let refused = async |second: Vec<sea_orm::Value>| {
        let source = Made::source("notes", &["id", "note", "author"], move |_| {
            vec![vec![id(0, 0), "first".into(), None::<uuid::Uuid>.into()], second.clone()]
        });
        let error = fill(&test, &source, 0..1).await.unwrap_err();
        let LoadError::Refused { table, refusal } = error else { panic!("{error:?}") };
        assert_eq!(table, "notes");
        *refusal
    };
    let nobody = || sea_orm::Value::from(None::<uuid::Uuid>);
    let twice = refused(vec![id(0, 1), "first".into(), nobody()]).await;
    assert_eq!(twice.kind, RefusalKind::NotUnique);
    assert_eq!(twice.constraint.as_deref(), Some("notes_note_key"));
    assert_eq!(twice.detail.as_deref(), Some("Key (note)=(first) already exists."));
    assert!(twice.place.is_some_and(|place| place.starts_with("COPY notes, line 2")));
    let check = refused(vec![id(0, 1), "bad".into(), nobody()]).await;
    assert_eq!(check.kind, RefusalKind::Check);
    let missing = refused(vec![id(0, 1), None::<String>.into(), nobody()]).await;
    assert_eq!((missing.kind, missing.column.as_deref()), (RefusalKind::Missing, Some("note")));
    let orphan = refused(vec![id(0, 1), "b".into(), id(9, 9)]).await;
    assert_eq!(orphan.kind, RefusalKind::ForeignKey);
    let zero = refused(vec![id(0, 1), "\0".into(), nobody()]).await;
    assert_eq!(zero.kind, RefusalKind::Value);
    assert_eq!(count(&test, "notes").await, 0);
}

/// PostgreSQL answers `COMMIT` of a failed transaction with success, and rolls back.
#[tokio::test]
async fn a_failed_transaction_cannot_be_committed() {
    let test = notes().await;
    let mut bulk = begin(&test).await;
    load(&mut bulk, Made::notes(10), 0..1, &|_| {}).await.unwrap();
    load(&mut bulk, Made::notes(10), 0..1, &|_| {}).await.unwrap_err();
    assert!(matches!(bulk.commit().await, Err(BulkError::Refused(_))));
    assert_eq!(count(&test, "notes").await, 0);
}

#[tokio::test]
async fn a_deferred_constraint_is_an_error_of_the_commit() {
    let test = notes().await;
    sql::run(
        test.db(),
        "ALTER TABLE notes DROP CONSTRAINT notes_note_key,
         ADD UNIQUE (note) DEFERRABLE INITIALLY DEFERRED",
    )
    .await;
    let mut bulk = begin(&test).await;
    let same = Made::source("notes", &["id", "note"], |cell| vec![vec![id(cell, 0), "a".into()]]);
    load(&mut bulk, same, 0..2, &|_| {}).await.unwrap();
    let error = bulk.commit().await.unwrap_err();
    let BulkError::Refused(refusal) = error else { panic!("{error:?}") };
    assert_eq!(refusal.kind, RefusalKind::NotUnique);
    assert_eq!(count(&test, "notes").await, 0);
}

#[tokio::test]
async fn rows_that_a_trigger_leaves_out_are_missed() {
    let test = notes().await;
    sql::run(
        test.db(),
        "CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN IF new.note = ''note 3 of 0'' THEN RETURN NULL; END IF; RETURN new; END';
         CREATE TRIGGER skip BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION skip()",
    )
    .await;
    let mut bulk = begin(&test).await;
    let error = load(&mut bulk, Made::notes(10), 0..1, &|_| {}).await.unwrap_err();
    assert!(matches!(error, LoadError::LeftOut { sent: 10, kept: 9, .. }), "{error:?}");
    assert!(matches!(bulk.commit().await, Err(BulkError::Closed)));
}

#[tokio::test]
async fn rows_without_the_rest_of_their_cells_cannot_be_committed() {
    let test = notes().await;
    let source = Made::source("notes", &["id", "note"], |cell| {
        let note = if cell < 5 { "fine".into() } else { 5_i32.into() };
        vec![vec![id(cell, 0), note]]
    });
    sql::run(test.db(), "ALTER TABLE notes DROP CONSTRAINT notes_note_key").await;
    let mut bulk = begin(&test).await;
    let error = load(&mut bulk, Arc::clone(&source), 0..9, &|_| {}).await.unwrap_err();
    assert!(matches!(error, LoadError::Encode(_)), "{error:?}");
    assert!(bulk.execute_unprepared("SELECT 1").await.is_err());
    assert!(matches!(bulk.commit().await, Err(BulkError::Closed)));
    assert_eq!(count(&test, "notes").await, 0);
}

#[tokio::test]
#[should_panic(expected = "no such row")]
async fn a_panic_of_a_row_function_goes_on() {
    let test = notes().await;
    let source = Made::source("notes", &["id", "note"], |_| panic!("no such row"));
    let _ = fill(&test, &source, 0..1).await;
}
