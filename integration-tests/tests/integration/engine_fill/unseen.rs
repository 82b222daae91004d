//! A schema that the project has never seen.

use std::collections::BTreeSet;

use integration_tests::{TestDatabase, sql};
use seeding_engine::{
    fill::{KeySpan, Keys},
    values::safe,
};

use super::{fill, of, problems, revalidate};

pub(super) const HARBOUR: &str = include_str!("harbour.sql");

/// The same, in tables of its own.
const TABLES: &str = "SELECT c.oid::regclass::text FROM pg_class c \
                      WHERE relkind IN ('r', 'p') AND NOT relispartition \
                      AND relnamespace::regnamespace::text IN ('public', 'yard') ORDER BY 1";

pub(super) async fn harbour() -> TestDatabase {
    let test = TestDatabase::empty().await;
    sql::run(test.db(), HARBOUR).await;
    test
}

async fn count(test: &TestDatabase, table: &str) -> i64 {
    sql::value(test.db(), &format!("SELECT count(*) FROM {table}")).await
}

/// What stands in every table, whatever the order of rows.
pub(super) async fn content(test: &TestDatabase) -> Vec<(String, String)> {
    let mut content = Vec::new();
    for table in sql::column::<String>(test.db(), TABLES).await {
        let digest = format!(
            "SELECT coalesce(md5(string_agg(t::text, ';' ORDER BY t::text COLLATE \"C\")), '') \
             FROM {table} t"
        );
        let digest = sql::value(test.db(), &digest).await;
        content.push((table, digest));
    }
    content
}

#[tokio::test]
async fn every_table_of_an_unseen_schema_gets_a_thousand_valid_rows() {
    let test = harbour().await;
    let summary = fill(&test, 1_000, &[]).await;
    assert_eq!(problems(&summary), Vec::<String>::new());
    let tables = sql::column::<String>(test.db(), TABLES).await;
    assert_eq!(tables.len(), 19);
    for table in &tables {
        assert_eq!(count(&test, table).await, 1_000, "{table}");
    }
    revalidate(&test).await;
}

#[tokio::test]
async fn the_same_world_gives_the_same_rows() {
    let (one, other) = (harbour().await, harbour().await);
    fill(&one, 200, &[]).await;
    fill(&other, 200, &[]).await;
    assert_eq!(content(&one).await, content(&other).await);
}

#[tokio::test]
async fn references_in_a_circle_are_filled_at_the_end() {
    let test = harbour().await;
    fill(&test, 200, &[]).await;
    for (table, column) in [
        ("crews", "flagship_id"),
        ("people", "home_id"),
        ("zones", "parent_id"),
        ("yard.jobs", "previous_id"),
    ] {
        let share = format!("SELECT count({column}) FROM {table}");
        let filled: i64 = sql::value(test.db(), &share).await;
        assert!((150..200).contains(&filled), "{table}.{column}: {filled}");
    }
    let depth = "WITH RECURSIVE tree AS (SELECT id, 0 AS depth FROM zones WHERE parent_id IS NULL \
                 UNION ALL SELECT z.id, depth + 1 FROM zones z JOIN tree t ON z.parent_id = t.id) \
                 SELECT count(*) FROM tree";
    assert_eq!(sql::value::<i64>(test.db(), depth).await, 200, "a zone is its own ancestor");
}

#[tokio::test]
async fn nothing_can_reach_a_person() {
    let test = harbour().await;
    fill(&test, 300, &[]).await;
    for (column, shown) in
        [("email", "email::text"), ("phone", "phone"), ("ip", "host(last_seen_from)")]
    {
        let values = format!("SELECT {shown} FROM people WHERE {shown} IS NOT NULL");
        let values: Vec<String> = sql::column(test.db(), &values).await;
        assert!(values.len() > 200, "{column}: {} values", values.len());
        for value in values {
            safe::check_value("people", column, &value).unwrap();
        }
    }
}

#[tokio::test]
async fn values_vary_and_columns_that_may_be_empty_sometimes_are() {
    let test = harbour().await;
    fill(&test, 300, &[]).await;
    for (table, column) in [
        ("people", "phone"),
        ("people", "birth_date"),
        ("boats", "mast_m"),
        ("harbours", "founded_year"),
        ("tides", "error"),
        ("yard.jobs", "network"),
    ] {
        let empty = format!("SELECT count(*) FROM {table} WHERE {column} IS NULL");
        let empty: i64 = sql::value(test.db(), &empty).await;
        assert!((1..300).contains(&empty), "{table}.{column}: {empty} are empty");
        let different = format!("SELECT count(DISTINCT {column}::text) FROM {table}");
        let different: i64 = sql::value(test.db(), &different).await;
        assert!(different > 20, "{table}.{column}: {different} different values");
    }
    let states: Vec<String> =
        sql::column(test.db(), "SELECT DISTINCT status FROM bookings ORDER BY 1").await;
    assert_eq!(states, ["asked", "paid", "refunded"]);
}

#[tokio::test]
async fn rows_that_are_there_stay_and_count() {
    let test = harbour().await;
    sql::run(test.db(), "INSERT INTO crews (name) VALUES ('Night watch'), ('Day watch')").await;
    let before: String =
        sql::value(test.db(), "SELECT string_agg(c::text, ';') FROM crews c").await;
    let summary = fill(&test, 100, &[]).await;
    assert_eq!(problems(&summary), Vec::<String>::new());
    assert_eq!((of(&summary, "crews").existing, of(&summary, "crews").written), (2, 98));
    let after = "SELECT string_agg(c::text, ';' ORDER BY id) FROM crews c WHERE name LIKE '%watch'";
    assert_eq!(sql::value::<String>(test.db(), after).await, before);
    let again = fill(&test, 100, &[]).await;
    assert_eq!((again.written(), problems(&again)), (0, Vec::new()));
    let more = fill(&test, 150, &[]).await;
    assert_eq!(problems(&more), Vec::<String>::new());
    assert_eq!(more.written(), 19 * 50);
    revalidate(&test).await;
}

#[tokio::test]
async fn new_rows_of_the_team_come_after_those_that_were_filled() {
    let test = harbour().await;
    fill(&test, 50, &[]).await;
    let insert = "INSERT INTO crews (name) VALUES ('Night watch') RETURNING id";
    assert_eq!(sql::value::<i64>(test.db(), insert).await, 51);
    let insert = "INSERT INTO gauges (low, high, reading) VALUES (1, 20, 3) RETURNING id";
    assert!(sql::value::<i32>(test.db(), insert).await > 50);
}

#[tokio::test]
async fn what_was_written_is_known_by_its_keys() {
    let test = harbour().await;
    let summary = fill(&test, 50, &[]).await;
    let span = KeySpan { first: "1".to_owned(), before: "51".to_owned(), rows: 50 };
    let expected = Keys::Spans { column: "id".to_owned(), spans: vec![span] };
    assert_eq!(of(&summary, "crews").keys, expected);
    let Keys::Spans { column, spans } = &of(&summary, "people").keys else { panic!() };
    assert_eq!((&**column, spans.iter().map(|span| span.rows).sum()), ("id", 50));
    let Keys::List { columns, values } = &of(&summary, "memberships").keys else { panic!() };
    assert_eq!(columns, &["crew_id", "person_id"]);
    assert_eq!(values.iter().collect::<BTreeSet<_>>().len(), 50);
    assert_eq!(of(&summary, "notes").keys, Keys::None);
}

#[tokio::test]
async fn a_table_that_is_asked_for_brings_the_empty_ones_that_it_needs() {
    let test = harbour().await;
    let summary = fill(&test, 20, &["yard.job_parts"]).await;
    let mut tables: Vec<&str> = summary.tables.iter().map(|filled| &*filled.table).collect();
    tables.sort_unstable();
    assert_eq!(tables, ["boats", "crews", "yard.job_parts", "yard.jobs", "yard.parts"]);
    assert_eq!(problems(&summary), Vec::<String>::new());
    assert_eq!(count(&test, "people").await, 0);
}
