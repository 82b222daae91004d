//! What is there against what is generated.

use std::sync::Arc;

use integration_tests::sql;
use seeding_engine::copy::{CompareError, KeyValue, RowKey, compare};

use super::{Made, NOTES, fill, key, look, notes};

fn uuids(keys: &[RowKey]) -> Vec<uuid::Uuid> {
    let uuid = |key: &RowKey| match key.values() {
        [KeyValue::Uuid(uuid)] => *uuid,
        other => panic!("{other:?}"),
    };
    keys.iter().map(uuid).collect()
}

#[tokio::test]
async fn what_is_missing_edited_and_additional_is_told_apart() {
    let test = notes().await;
    let source = Made::notes(10);
    fill(&test, &source, 0..5).await.unwrap();
    let (gone, edited, rekeyed) = (key(1, 0), key(2, 3), key(3, 9));
    let (new, elsewhere) = (key(4, 50), key(7, 0));
    for change in [
        format!("DELETE FROM notes WHERE id = '{gone}'"),
        format!("UPDATE notes SET note = NULL WHERE id = '{edited}'"),
        format!("UPDATE notes SET id = '{new}' WHERE id = '{rekeyed}'"),
        format!("INSERT INTO notes VALUES ('{elsewhere}', 'of another cell')"),
    ] {
        sql::run(test.db(), &change).await;
    }
    let difference = compare(&look(&test).await, source, 0..5, 9).await.unwrap();
    assert_eq!(difference.intact, 47);
    assert_eq!(uuids(&difference.missing.first), [gone, rekeyed]);
    assert_eq!(uuids(&difference.edited.first), [edited]);
    assert_eq!(uuids(&difference.additional.first), [new]);
}

#[tokio::test]
async fn all_are_counted_and_some_are_named() {
    let test = notes().await;
    let difference = compare(&look(&test).await, Made::notes(10), 0..5, 3).await.unwrap();
    assert_eq!((difference.missing.total, difference.missing.first.len()), (50, 3));
    assert_eq!(uuids(&difference.missing.first), [key(0, 0), key(0, 1), key(0, 2)]);
}

/// More rows than a block has.
#[tokio::test]
async fn blocks_meet_without_a_gap() {
    let test = notes().await;
    let source = Made::notes(90);
    fill(&test, &source, 0..1_500).await.unwrap();
    sql::run(test.db(), "UPDATE notes SET note = 'edited' WHERE note = 'note 89 of 1499'").await;
    let bulk = look(&test).await;
    let difference = compare(&bulk, Arc::clone(&source), 0..1_500, 9).await.unwrap();
    assert_eq!((difference.intact, difference.edited.total), (134_999, 1));
    let difference = compare(&bulk, source, 3..4, 9).await.unwrap();
    assert!(difference.is_none() && difference.intact == 90);
}

#[tokio::test]
async fn a_comparison_needs_the_primary_key() {
    let test = notes().await;
    sql::run(test.db(), &NOTES.replace("notes", "loose").replace("PRIMARY KEY", "")).await;
    let source = Made::source("loose", &["id", "note"], |_| Vec::new());
    let error = compare(&look(&test).await, source, 0..1, 9).await.unwrap_err();
    assert!(matches!(error, CompareError::NoKey { .. }), "{error:?}");
}
