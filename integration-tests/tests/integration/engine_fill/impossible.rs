//! What cannot be filled is named, and the rest is filled.

use std::collections::BTreeMap;

use integration_tests::{TestDatabase, sql};
use seeding_engine::fill::{FillError, FillOptions, plan};

use super::{fill, of, problems, world};

async fn tables(sql: &str) -> TestDatabase {
    let test = TestDatabase::empty().await;
    sql::run(test.db(), sql).await;
    test
}

#[tokio::test]
async fn a_circle_without_an_optional_reference_is_shown_as_a_path() {
    let test = tables(
        "CREATE TABLE hens (id int PRIMARY KEY, egg int NOT NULL); \
         CREATE TABLE eggs (id int PRIMARY KEY, hen int NOT NULL REFERENCES hens); \
         ALTER TABLE hens ADD FOREIGN KEY (egg) REFERENCES eggs; \
         CREATE TABLE omelettes (id serial PRIMARY KEY, egg int NOT NULL REFERENCES eggs); \
         CREATE TABLE pans (id serial PRIMARY KEY)",
    )
    .await;
    let summary = fill(&test, 10, &[]).await;
    assert_eq!(of(&summary, "pans").written, 10);
    let circle = "every row needs another one first, in a circle: eggs -> hens -> eggs";
    assert_eq!(
        problems(&summary),
        [
            "omelettes: `eggs` has no rows to refer to".to_owned(),
            format!("eggs: {circle}"),
            format!("hens: {circle}"),
        ]
    );
}

#[tokio::test]
async fn a_condition_that_is_never_true_is_named_before_anything_is_written() {
    let test = tables("CREATE TABLE shut (id serial, CONSTRAINT nobody CHECK (false))").await;
    let options =
        FillOptions { rows: 10, tables: Vec::new(), seeded: BTreeMap::new(), world: world() };
    let proposal = plan(test.db(), &options).await.unwrap();
    assert_eq!(proposal.tables[0].rows, 0);
    assert_eq!(problems(&fill(&test, 10, &[]).await), ["shut: no row fulfils `nobody`"]);
}

#[tokio::test]
async fn a_condition_that_no_made_row_fulfils_is_named() {
    let test = tables(
        "CREATE TABLE riddles (id serial PRIMARY KEY, answer text NOT NULL, \
         CONSTRAINT solved CHECK (md5(answer) = 'cfcd208495d565ef66e7dff9f98764da')); \
         CREATE TABLE others (id serial PRIMARY KEY)",
    )
    .await;
    let summary = fill(&test, 10, &[]).await;
    assert_eq!(problems(&summary), ["riddles: no more rows were found that fulfil `solved`"]);
    assert_eq!(of(&summary, "others").written, 10);
}

#[tokio::test]
async fn a_key_with_few_values_is_filled_with_those() {
    let test = tables(
        "CREATE TABLE switches (is_on boolean PRIMARY KEY, label text NOT NULL); \
         CREATE TABLE grades (grade text UNIQUE NOT NULL CHECK (grade IN ('A', 'B', 'C'))); \
         CREATE TABLE seats (line int CHECK (line BETWEEN 1 AND 4), place int CHECK (place BETWEEN 1 AND 5), \
                             PRIMARY KEY (line, place))",
    )
    .await;
    let summary = fill(&test, 1_000, &[]).await;
    assert_eq!(
        problems(&summary),
        [
            "grades: `grades_grade_key` allows 3 rows in all",
            "seats: `seats_pkey` allows 20 rows in all",
            "switches: `switches_pkey` allows 2 rows in all",
        ]
    );
    let written = ["grades", "seats", "switches"].map(|table| of(&summary, table).written);
    assert_eq!(written, [3, 20, 2]);
}

#[tokio::test]
async fn a_type_of_which_nothing_is_known_is_named_where_it_must_be_filled() {
    let test = tables(
        "CREATE TYPE pair AS (a int, b int); \
         CREATE TABLE needed (id serial PRIMARY KEY, pair pair NOT NULL); \
         CREATE TABLE optional (id serial PRIMARY KEY, pair pair); \
         CREATE TABLE given (id serial PRIMARY KEY, pair pair NOT NULL DEFAULT ROW(1, 2))",
    )
    .await;
    let summary = fill(&test, 10, &[]).await;
    assert_eq!(
        problems(&summary),
        ["needed: `pair` must not be empty, and nothing is known about type `pair`"]
    );
    assert_eq!((of(&summary, "optional").written, of(&summary, "given").written), (10, 10));
}

#[tokio::test]
async fn a_trigger_that_refuses_is_quoted_and_the_rest_is_filled() {
    let test = tables(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE EXCEPTION 'the shop is closed'; END $$; \
         CREATE TABLE orders (id serial PRIMARY KEY); \
         CREATE TRIGGER refuse BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION refuse(); \
         CREATE TABLE prices (id serial PRIMARY KEY)",
    )
    .await;
    let summary = fill(&test, 10, &[]).await;
    assert_eq!(problems(&summary), ["orders: the shop is closed"]);
    assert_eq!(of(&summary, "prices").written, 10);
}

#[tokio::test]
async fn a_reference_that_is_refused_at_the_end_stays_empty_and_is_named() {
    let test = tables(
        "CREATE TABLE nodes (id int PRIMARY KEY, next int REFERENCES nodes, \
         CONSTRAINT alone CHECK (next IS NULL))",
    )
    .await;
    let summary = fill(&test, 10, &[]).await;
    let said = problems(&summary);
    assert!(said[0].starts_with("nodes: `nodes_next_fkey` stays empty: "), "{said:?}");
    assert!(said[0].contains("\"alone\""), "{said:?}");
    assert_eq!(of(&summary, "nodes").written, 10);
}

#[tokio::test]
async fn an_unknown_table_is_an_error() {
    let test = tables("CREATE TABLE a (id int)").await;
    let options = FillOptions {
        rows: 10,
        tables: vec!["b".to_owned()],
        seeded: BTreeMap::new(),
        world: world(),
    };
    let error = plan(test.db(), &options).await.unwrap_err();
    assert!(matches!(&error, FillError::UnknownTable { known, .. } if known == &["a"]), "{error}");
}
