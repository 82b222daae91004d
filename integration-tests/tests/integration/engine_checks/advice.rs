//! Advice: what works today and will hurt.

use integration_tests::{TestDatabase, sql};
use migration_engine::{CheckLimits, advice};

use super::line;

async fn lines(test: &TestDatabase) -> Vec<String> {
    let findings = advice::check(test.db(), CheckLimits::default()).await.unwrap();
    findings.iter().map(line).collect()
}

/// What is said of an empty database after `change`.
async fn after(change: &str) -> Vec<String> {
    let test = TestDatabase::empty().await;
    sql::run(test.db(), change).await;
    lines(&test).await
}

#[tokio::test]
async fn the_migrated_schema_gets_this_advice() {
    let found = lines(&TestDatabase::migrated().await).await;
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[tokio::test]
async fn a_foreign_key_wants_an_index_that_starts_with_its_columns() {
    let tables = "CREATE TABLE a (x int, y int, PRIMARY KEY (x, y));
        CREATE TABLE b (id int PRIMARY KEY, p int, q int, r int,
                        CONSTRAINT fk FOREIGN KEY (p, q) REFERENCES a);";
    for (index, is_served) in [
        ("", false),
        ("CREATE INDEX ON b (p)", false),
        ("CREATE INDEX ON b (r, p, q)", false),
        ("CREATE INDEX ON b (p, q) WHERE r > 0", false),
        ("CREATE INDEX ON b (p, q)", true),
        ("CREATE INDEX ON b (q, p, r)", true),
        ("CREATE UNIQUE INDEX ON b (q, p)", true),
        ("CREATE INDEX ON b (p, q) WHERE p IS NOT NULL AND q IS NOT NULL", true),
    ] {
        let found = after(&format!("{tables} {index}")).await;
        assert_eq!(found.is_empty(), is_served, "{index}: {found:?}");
        let start = "warning advice.foreign_key_without_index constraint public.b.fk: no index on public.b (p, q)";
        assert!(is_served || found[0].starts_with(start), "{found:?}");
    }
}

#[tokio::test]
async fn a_key_past_half_of_its_range_is_named() {
    let found = after(
        "CREATE TABLE small (id smallserial PRIMARY KEY); SELECT setval('small_id_seq', 20000);
         CREATE TABLE young (id serial PRIMARY KEY); SELECT setval('young_id_seq', 1000000000);
         CREATE TABLE wide (id bigserial PRIMARY KEY); SELECT setval('wide_id_seq', 3000000000);
         CREATE TABLE old (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
         SELECT setval('old_id_seq', 1500000000);
         CREATE TABLE unused (id serial PRIMARY KEY)",
    )
    .await;
    assert_eq!(
        found,
        [
            "warning advice.key_range column public.old.id: 70 % of its numbers are used: 1500000000 of 2147483647",
            "warning advice.key_range column public.small.id: 61 % of its numbers are used: 20000 of 32767",
        ]
    );
}

#[tokio::test]
async fn of_two_equal_indexes_the_one_that_nothing_needs_is_named() {
    let found = after(
        "CREATE TABLE t (id int PRIMARY KEY, a int UNIQUE, b int, c text);
         CREATE INDEX again ON t (a);
         CREATE UNIQUE INDEX also ON t (a);
         CREATE INDEX other_order ON t (b DESC); CREATE INDEX b_idx ON t (b);
         CREATE INDEX partial ON t (b) WHERE a > 0;
         CREATE INDEX hashed ON t USING hash (b);
         CREATE INDEX lowered ON t (lower(c)); CREATE INDEX lowered_twice ON t (lower(c))",
    )
    .await;
    assert_eq!(
        found,
        [
            "warning advice.duplicate_index index public.again: it is the same as also",
            "warning advice.duplicate_index index public.also: it is the same as t_a_key",
            "warning advice.duplicate_index index public.lowered_twice: it is the same as lowered",
        ]
    );
}

#[tokio::test]
async fn an_index_that_a_larger_one_starts_with_is_worth_a_look() {
    let found = after(
        "CREATE TABLE t (id int PRIMARY KEY, a int, b int);
         CREATE INDEX wide ON t (a, b); CREATE INDEX narrow ON t (a); CREATE INDEX second ON t (b);
         CREATE UNIQUE INDEX promise ON t (a)",
    )
    .await;
    assert!(
        found
            .iter()
            .any(|line| line.starts_with("info advice.prefix_index index public.narrow: wide")),
        "{found:?}"
    );
    assert!(
        !found.iter().any(|line| line.contains("public.promise") || line.contains("public.second"))
    );
}

#[tokio::test]
async fn instants_without_a_zone_and_tables_without_a_key_are_named() {
    let found = after("CREATE TABLE t (at timestamp, day date, zoned timestamptz)").await;
    let starts = [
        "warning advice.timestamp_without_zone column public.t.at: it is",
        "warning advice.no_primary_key table public.t: it has",
    ];
    assert_eq!(found.len(), starts.len(), "{found:?}");
    assert!(found.iter().zip(starts).all(|(found, start)| found.starts_with(start)), "{found:?}");
}

#[tokio::test]
async fn young_statistics_say_nothing_of_unused_indexes() {
    let found = after(
        "CREATE TABLE t (id int PRIMARY KEY, a int);
         INSERT INTO t SELECT n, n FROM generate_series(1, 50000) n;
         CREATE INDEX unused ON t (a); ANALYZE t",
    )
    .await;
    assert_eq!(found, Vec::<String>::new());
}
