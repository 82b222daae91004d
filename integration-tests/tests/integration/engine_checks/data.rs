//! Data that breaks the rules of its schema.

use integration_tests::{TestDatabase, sql};
use migration_engine::{
    CheckLimits,
    data_checks::{self, DataOptions, DataReport},
};
use sea_orm::TransactionTrait as _;
use sqlx::{Connection as _, Executor as _};

use super::line;

async fn check(test: &TestDatabase) -> DataReport {
    let options = DataOptions { limits: CheckLimits::default(), detailed: false };
    data_checks::check(test.db(), options).await.unwrap()
}

async fn lines(test: &TestDatabase) -> Vec<String> {
    check(test).await.findings.iter().map(line).collect()
}

/// A database with two tables, of which one refers to the other.
async fn two_tables() -> TestDatabase {
    let test = TestDatabase::empty().await;
    let tables = "CREATE TABLE parents (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text UNIQUE);
        CREATE TABLE children (id serial PRIMARY KEY, age integer,
            parent_id bigint CONSTRAINT fk REFERENCES parents);
        INSERT INTO parents (code) SELECT chr(64 + n) FROM generate_series(1, 3) n;
        INSERT INTO children (age, parent_id) SELECT n, n FROM generate_series(1, 3) n";
    sql::run(test.db(), tables).await;
    test
}

#[tokio::test]
async fn the_migrated_schema_has_nothing_to_complain_of() {
    let report = check(&TestDatabase::migrated().await).await;
    assert_eq!(report.findings, []);
    assert!(report.constraints > 40, "{report:?}");
    assert!(report.indexes > 60, "{report:?}");
}

#[tokio::test]
async fn sound_data_is_sound() {
    let report = check(&two_tables().await).await;
    let expected = DataReport { constraints: 1, sequences: 2, indexes: 3, findings: Vec::new() };
    assert_eq!(report, expected);
}

#[tokio::test]
async fn rows_that_refer_to_nothing_are_found_behind_a_valid_key() {
    let test = two_tables().await;
    let change = "SET session_replication_role = replica; DELETE FROM parents WHERE id < 3;
                  INSERT INTO children (age) VALUES (9)";
    sql::run(test.db(), change).await;
    assert_eq!(
        lines(&test).await,
        [
            "error data.orphans constraint public.children.fk: 2 rows of public.children refer to nothing; PostgreSQL takes it for valid"
        ]
    );
}

#[tokio::test]
async fn a_key_of_two_columns_is_broken_by_the_pair() {
    let test = TestDatabase::empty().await;
    let change = "CREATE TABLE a (x int, y int, PRIMARY KEY (x, y));
        CREATE TABLE b (p int, q int, CONSTRAINT ab FOREIGN KEY (q, p) REFERENCES a (x, y));
        INSERT INTO a VALUES (1, 2); INSERT INTO b VALUES (2, 1), (NULL, 7);
        SET session_replication_role = replica; INSERT INTO b VALUES (1, 2)";
    sql::run(test.db(), change).await;
    let found = lines(&test).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("public.b.ab: one row of public.b refers to nothing"), "{found:?}");
}

#[tokio::test]
async fn constraints_that_are_not_valid_are_named_with_the_rows_that_break_them() {
    let test = two_tables().await;
    let change = "UPDATE children SET age = 1 WHERE id = 2;
        ALTER TABLE children ADD CONSTRAINT grown CHECK (age > 1) NOT VALID,
            ADD CONSTRAINT born CHECK (age >= 0) NOT VALID,
            ADD CONSTRAINT later FOREIGN KEY (age) REFERENCES children (id) NOT VALID;
        SET session_replication_role = replica;
        DELETE FROM children WHERE id = 1";
    sql::run(test.db(), change).await;
    let report = check(&test).await;
    let found: Vec<_> = report.findings.iter().map(line).collect();
    assert_eq!(
        found,
        [
            "warning data.not_valid constraint public.children.born: it is NOT VALID, and every row keeps it",
            "error data.not_valid constraint public.children.grown: one row of public.children breaks it; it is NOT VALID",
            "error data.not_valid constraint public.children.later: one row of public.children refers to nothing; it is NOT VALID",
        ]
    );
    let hint = report.findings[0].hint.clone().unwrap();
    sql::run(test.db(), &hint).await;
    assert_eq!(lines(&test).await.len(), 2);
}

#[tokio::test]
async fn a_domain_that_is_not_valid_is_looked_for_in_its_columns() {
    let test = TestDatabase::empty().await;
    let change = "CREATE DOMAIN mark AS integer; CREATE TABLE t (a mark, b mark);
        INSERT INTO t VALUES (1, 99), (2, 100), (NULL, NULL);
        ALTER DOMAIN mark ADD CONSTRAINT small CHECK (VALUE < 50) NOT VALID";
    sql::run(test.db(), change).await;
    assert_eq!(
        lines(&test).await,
        [
            "warning data.not_valid domain public.mark in column public.t.a: it is NOT VALID, and every row keeps it",
            "error data.not_valid domain public.mark in column public.t.b: 2 rows of public.t break it; it is NOT VALID",
        ]
    );
}

#[tokio::test]
async fn rows_are_counted_up_to_a_limit() {
    let test = two_tables().await;
    let change = "INSERT INTO children (age) SELECT -1 FROM generate_series(1, 1200);
                  ALTER TABLE children ADD CONSTRAINT born CHECK (age >= 0) NOT VALID";
    sql::run(test.db(), change).await;
    assert!(lines(&test).await[0].contains(": 1000 or more rows of"));
}

#[tokio::test]
async fn sequences_that_fell_behind_are_found_and_the_hint_mends_them() {
    let test = two_tables().await;
    let change = "SELECT setval('children_id_seq', 2, false), setval('parents_id_seq', 1);
        CREATE SEQUENCE loose; CREATE SEQUENCE falling INCREMENT -1;
        CREATE TABLE others (id bigint DEFAULT nextval('loose'), down bigint DEFAULT nextval('falling'));
        INSERT INTO others VALUES (1, -7);
        CREATE TABLE fresh (id bigserial)";
    sql::run(test.db(), change).await;
    let report = check(&test).await;
    let found: Vec<_> = report.findings.iter().map(line).collect();
    let expected = [
        "children_id_seq: its next number is 2, and public.children.id has 3",
        "falling: its next number is -1, and public.others.down has -7",
        "loose: its next number is 1, and public.others.id has 1",
        "parents_id_seq: its next number is 2, and public.parents.id has 3",
    ];
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (found, expected) in found.iter().zip(expected) {
        let start = format!("error data.sequence sequence public.{expected} already");
        assert!(found.starts_with(&start), "{found}");
    }
    for finding in &report.findings {
        sql::run(test.db(), finding.hint.as_deref().unwrap()).await;
    }
    assert_eq!(lines(&test).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_index_that_a_failed_build_left_is_found() {
    let test = two_tables().await;
    sql::run(test.db(), "INSERT INTO children (age) VALUES (1)").await;
    let build = "CREATE UNIQUE INDEX CONCURRENTLY ages ON children (age)";
    let mut builder = sql::session(test.url()).await.unwrap();
    builder.execute(build).await.unwrap_err();
    // The server reports a failure before it has cleaned up; the next answer comes after that.
    builder.ping().await.unwrap();
    let found = lines(&test).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("error data.invalid_index index public.ages: it is invalid"));
}

#[tokio::test]
async fn a_locked_table_is_said_not_to_be_checked_and_nobody_waits_for_it() {
    let test = two_tables().await;
    sql::run(test.db(), "ALTER TABLE children ADD CHECK (age > 0) NOT VALID").await;
    let other = test.db().begin().await.unwrap();
    sql::run(&other, "LOCK TABLE children").await;
    let found = lines(&test).await;
    assert_eq!(
        found,
        [
            "info data.sequence sequence public.children_id_seq: not checked: somebody holds a lock on it",
            "warning data.not_valid constraint public.children.children_age_check: it is NOT VALID, and its rows were not checked: somebody holds a lock on it",
            "info data.orphans constraint public.children.fk: not checked: somebody holds a lock on it",
        ]
    );
    other.rollback().await.unwrap();
}

#[tokio::test]
async fn a_check_without_time_says_so() {
    let test = two_tables().await;
    let limits = CheckLimits { budget: std::time::Duration::ZERO, ..CheckLimits::default() };
    let options = DataOptions { limits, detailed: true };
    let report = data_checks::check(test.db(), options).await.unwrap();
    assert!(!report.findings.is_empty(), "a check that checked nothing says so");
}

#[tokio::test]
async fn a_large_table_waits_for_a_detailed_check() {
    let test = two_tables().await;
    let change = "UPDATE pg_class SET reltuples = 2000000 WHERE relname = 'children'";
    sql::run(test.db(), change).await;
    assert!(lines(&test).await[0].contains("its table is large"));
    let options = DataOptions { limits: CheckLimits::default(), detailed: true };
    assert_eq!(data_checks::check(test.db(), options).await.unwrap().findings, []);
}
