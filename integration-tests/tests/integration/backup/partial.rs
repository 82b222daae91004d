//! Some tables of a backup, with everything that is their own and nothing else.

use std::fmt::Write as _;

use integration_tests::{TestDatabase, sql, unique_name};
use sea_orm::DatabaseConnection;

use super::Place;
use crate::{
    content::{assert_same, but_the_trail},
    seeder::assert_failed,
};

/// Twenty tables that refer to each other, each with its own of everything.
fn twenty() -> String {
    let mut sql = String::from(
        "CREATE SCHEMA s; CREATE TYPE s.mood AS ENUM ('good', 'bad');
         CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';",
    );
    for n in 1..=20 {
        let schema = if n % 2 == 0 { "s" } else { "public" };
        let table = format!("{schema}.t{n}");
        let _ = write!(
            sql,
            "CREATE TABLE {table} (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ticket serial,
                 mood s.mood DEFAULT 'good', name text UNIQUE, parent int, CHECK (id > 0));
             INSERT INTO {table} (name) SELECT 'name ' || n FROM generate_series(1, {n}0) AS n;
             CREATE INDEX t{n}_lower ON {table} (lower(name)) WHERE parent IS NULL;
             CREATE STATISTICS {schema}.t{n}_stat ON id, parent FROM {table};
             CREATE TRIGGER touched BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION touched();
             COMMENT ON COLUMN {table}.name IS 'of t{n}'; GRANT SELECT ON {table} TO PUBLIC;
             SELECT nextval('{schema}.t{n}_ticket_seq') FROM generate_series(1, 5);"
        );
        if n > 1 {
            let other = if n % 2 == 0 { "public" } else { "s" };
            let _ = write!(
                sql,
                "UPDATE {table} SET parent = id WHERE id < 5;
                 ALTER TABLE {table} ADD CONSTRAINT t{n}_parent FOREIGN KEY (parent) REFERENCES {other}.t{};",
                n - 1
            );
        }
    }
    sql
}

/// What the catalogs say of the tables that `wanted` names, without their rows.
async fn catalog(db: &DatabaseConnection, wanted: &str) -> Vec<String> {
    let query = format!(
        "WITH wanted AS (SELECT unnest(ARRAY[{wanted}]::regclass[]) AS t)
         SELECT line FROM (
             SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN wanted ON indrelid = t
             UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
                 || ' ' || convalidated::text FROM pg_constraint
                 WHERE conrelid IN (SELECT t FROM wanted) OR confrelid IN (SELECT t FROM wanted)
             UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger JOIN wanted ON tgrelid = t WHERE NOT tgisinternal
             UNION ALL SELECT pg_get_statisticsobjdef(oid) FROM pg_statistic_ext JOIN wanted ON stxrelid = t
             UNION ALL SELECT attrelid::regclass || ' ' || attname || ' ' || format_type(atttypid, atttypmod) || attnotnull::text
                 || attidentity::text || coalesce(col_description(attrelid, attnum), '')
                 || coalesce(pg_get_expr(adbin, adrelid), '') FROM pg_attribute JOIN wanted ON attrelid = t
                 LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE attnum > 0
             UNION ALL SELECT t::text || coalesce(relacl::text, '') FROM pg_class JOIN wanted ON oid = t
             UNION ALL SELECT s.seqrelid::regclass || ' ' || seqincrement || ' ' || refobjid::regclass || ' '
                 || coalesce(pg_sequence_last_value(s.seqrelid)::text, '') FROM pg_sequence s
                 JOIN pg_depend ON objid = s.seqrelid AND refobjid IN (SELECT t FROM wanted)
         ) AS lines (line) ORDER BY line"
    );
    sql::column(db, &query).await
}

const WANTED: &str = "'s.t4', 'public.t5'";

/// The part of a content that is of these tables.
fn of_the_wanted(content: &[String]) -> Vec<String> {
    let wanted = |line: &&String| ["s.t4 ", "public.t5 "].iter().any(|name| line.starts_with(name));
    content.iter().filter(wanted).cloned().collect()
}

async fn twenty_tables() -> (Place, Vec<String>, Vec<String>) {
    let place = Place::of(TestDatabase::empty().await);
    sql::run(place.test.db(), &twenty()).await;
    let catalog = catalog(place.test.db(), WANTED).await;
    assert!(catalog.len() > 30, "{catalog:?}");
    let content = but_the_trail(place.test.db()).await;
    place.create().await;
    (place, catalog, content)
}

#[tokio::test]
async fn two_of_twenty_tables_come_back_with_exactly_their_own() {
    let (place, before, content) = twenty_tables().await;
    let later =
        "ALTER TABLE s.t4 DROP COLUMN mood, ADD COLUMN extra int; DELETE FROM t5 WHERE id > 40;
                 DROP INDEX t5_lower; SELECT setval('t5_ticket_seq', 999);
                 UPDATE t1 SET name = 'kept ' || id; CREATE TABLE later (id int)";
    sql::run(place.test.db(), later).await;
    let mut expected = but_the_trail(place.test.db()).await;
    expected.retain(|line| of_the_wanted(std::slice::from_ref(line)).is_empty());
    expected.extend(of_the_wanted(&content));
    expected.sort();
    let done = place.answer("restore --tables s.t4,t5 --yes").await;
    assert_eq!((&done["tables"], &done["rows"]), (&2.into(), &90.into()));
    let db = sql::pool(place.test.url()).await;
    assert_same(&before, &catalog(&db, WANTED).await);
    let mut after = but_the_trail(&db).await;
    after.sort();
    assert_same(&expected, &after);
}

#[tokio::test]
async fn into_a_new_database_they_bring_along_what_they_need() {
    let (place, before, content) = twenty_tables().await;
    let new = unique_name();
    let done = place.answer(&format!("restore --tables s.t4,t5 --to {new}")).await;
    assert_eq!(done["left_out"], serde_json::json!(["s.t4 t4_parent"]));
    let db = sql::pool(&place.test.url().with_database(&new)).await;
    let elsewhere = |line: &&String| !line.contains("t4_parent") && !line.contains("t6_parent");
    let before: Vec<_> = before.iter().filter(elsewhere).cloned().collect();
    assert_same(&before, &catalog(&db, WANTED).await);
    assert_same(&of_the_wanted(&content), &but_the_trail(&db).await);
    let type_is_there = "SELECT count(*) FROM pg_type WHERE typname = 'mood'";
    assert_eq!(sql::value::<i64>(&db, type_is_there).await, 1);
}

#[tokio::test]
async fn a_table_that_is_gone_with_its_type_comes_back() {
    let (place, before, content) = twenty_tables().await;
    let gone = "DROP TABLE s.t4, t5 CASCADE; ALTER TABLE s.t6 DROP COLUMN mood";
    sql::run(place.test.db(), gone).await;
    place.answer("restore --tables s.t4,t5 --yes").await;
    let db = sql::pool(place.test.url()).await;
    // The foreign key of another table went with them, and that one was not asked for.
    let own = |line: &&String| !line.contains("t6_parent");
    let before: Vec<_> = before.iter().filter(own).cloned().collect();
    assert_same(&before, &catalog(&db, WANTED).await);
    assert_same(&of_the_wanted(&content), &of_the_wanted(&but_the_trail(&db).await));
}

#[tokio::test]
async fn what_else_needs_a_table_is_named_and_nothing_is_dropped() {
    let (place, ..) = twenty_tables().await;
    let needs = "CREATE VIEW named AS SELECT name FROM t5; CREATE TABLE heir () INHERITS (t5);
                 CREATE FUNCTION first(t5) RETURNS int LANGUAGE sql AS 'SELECT 1'";
    sql::run(place.test.db(), needs).await;
    let before = but_the_trail(place.test.db()).await;
    let run = place.run("restore --tables t5 --yes").await;
    assert_failed(&run, 4, "these need the tables that would be replaced");
    for dependent in ["function public.first(public.t5)", "table public.heir", "view public.named"]
    {
        assert!(run.stderr.contains(dependent), "{run}");
    }
    assert_same(&before, &place.content_of(&place.test.name()).await);
    let absent = place.run("restore --tables t5,s.nowhere --yes").await;
    assert_failed(&absent, 1, "not in the backup: s.nowhere");
    let invalid = place.run("restore --tables a.b.c --yes").await;
    assert_failed(&invalid, 2, "is not the name of a table");
}

#[tokio::test]
async fn rows_that_would_be_orphans_keep_the_tables_from_being_replaced() {
    let (place, ..) = twenty_tables().await;
    let later = "INSERT INTO t5 (name) VALUES ('new'); UPDATE s.t6 SET parent = (SELECT max(id) FROM t5) WHERE id = 9";
    sql::run(place.test.db(), later).await;
    let before = but_the_trail(place.test.db()).await;
    let run = place.run("restore --tables t5 --yes --no-safety-backup").await;
    assert_failed(&run, 1, "t6_parent");
    assert_same(&before, &place.content_of(&place.test.name()).await);
}

#[tokio::test]
async fn a_partitioned_table_comes_with_its_partitions() {
    let place = Place::small().await;
    let partitioned = "CREATE TABLE p (id int, k int, PRIMARY KEY (id, k)) PARTITION BY LIST (k);
                       CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2);
                       CREATE INDEX ON p (k); INSERT INTO p SELECT n, 1 + n % 2 FROM generate_series(1, 50) n";
    sql::run(place.test.db(), partitioned).await;
    let before = but_the_trail(place.test.db()).await;
    let definition = catalog(place.test.db(), "'p', 'p1', 'p2'").await;
    place.create().await;
    for (tables, later) in
        [("p", "DELETE FROM p WHERE id > 9; DROP TABLE p2"), ("p1", "TRUNCATE p1")]
    {
        let db = sql::pool(place.test.url()).await;
        sql::run(&db, later).await;
        place.answer(&format!("restore latest:manual --tables {tables} --yes")).await;
        assert_same(&definition, &catalog(&db, "'p', 'p1', 'p2'").await);
        assert_same(&before, &but_the_trail(&db).await);
    }
}
