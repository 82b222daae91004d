//! How large the tables of a live database are.

use integration_tests::{TestDatabase, sql};
use migration_engine::{TableSize, lint::postgres_major};

const TABLES: &str = r"
CREATE TABLE empty (id integer);
CREATE TABLE fresh AS SELECT generate_series(1, 1000) AS id;
CREATE TABLE known AS SELECT generate_series(1, 1000) AS id;
ANALYZE known;
CREATE TABLE whole (id integer) PARTITION BY RANGE (id);
CREATE TABLE part_1 PARTITION OF whole FOR VALUES FROM (0) TO (500);
CREATE TABLE part_2 PARTITION OF whole FOR VALUES FROM (500) TO (1001);
INSERT INTO whole SELECT generate_series(1, 1000);
ANALYZE whole;
";

#[tokio::test]
async fn tables_are_measured_and_a_partitioned_one_is_as_large_as_its_parts() {
    let test = TestDatabase::empty().await;
    sql::run(test.db(), TABLES).await;
    let sizes = TableSize::of_all(test.db()).await.unwrap();
    let empty = sizes["public.empty"];
    assert_eq!((empty.rows_estimate, empty.bytes), (None, Some(0)));
    assert_eq!(sizes["public.fresh"].rows_estimate, None);
    assert!(sizes["public.fresh"].bytes > Some(0));
    assert_eq!(sizes["public.known"].rows_estimate, Some(1000));
    let whole = sizes["public.whole"];
    assert_eq!(whole.rows_estimate, Some(1000));
    let parts = ["public.part_1", "public.part_2"].map(|part| sizes[part].bytes.unwrap());
    assert_eq!(whole.bytes, Some(parts.iter().sum()));
}

#[tokio::test]
async fn a_table_that_is_locked_is_estimated_instead() {
    let test = TestDatabase::empty().await;
    sql::run(test.db(), TABLES).await;
    let other = sql::pool(test.url()).await;
    let transaction = sea_orm::TransactionTrait::begin(&other).await.unwrap();
    sql::run(&transaction, "LOCK TABLE known IN ACCESS EXCLUSIVE MODE").await;
    let sizes = TableSize::of_all(test.db()).await.unwrap();
    assert_eq!(sizes["public.known"].rows_estimate, Some(1000));
    assert!(sizes["public.known"].bytes > Some(0));
    let fresh = sizes["public.fresh"];
    assert_eq!((fresh.rows_estimate, fresh.bytes), (None, None), "it was never analysed");
}

#[tokio::test]
async fn the_server_says_its_version() {
    let test = TestDatabase::empty().await;
    assert!(postgres_major(test.db()).await.unwrap() >= 14);
}
