//! Rules about what was seen on a shadow, with what was seen on a real one.

use std::collections::BTreeSet;

use integration_tests::TestDatabase;
use migration_engine::{
    Shadow, ShadowError,
    lint::{self, Subject},
    shadow::with_shadow,
};

use crate::engine_shadow::{Script, all, options, script};

const MAKE: Script = script(
    "m20260101_000000_make",
    "CREATE TABLE users (id integer PRIMARY KEY, name text); CREATE TABLE notes (id integer)",
    "DROP TABLE notes; DROP TABLE users",
);

/// The rules that `up` breaks after [`MAKE`], with how bad it is.
async fn broken(up: &'static str) -> Vec<String> {
    let (test, options) = (TestDatabase::empty().await, options());
    let migration = script("m20260102_000000_change", up, "");
    let observe = async |shadow: &Shadow| Ok::<_, ShadowError>(shadow.up(&migration).await?);
    let observation = with_shadow(test.url(), &options, &all(&[MAKE]), observe).await.unwrap();
    let found = lint::lint(&Subject {
        name: migration.name,
        transactional: true,
        metadata: None,
        statements: &observation.statements,
        observation: Some(&observation),
        table_sizes: None,
        mapped: &BTreeSet::new(),
        postgres: 15,
    });
    found.iter().map(|finding| format!("{} {}", finding.severity, finding.check)).collect()
}

#[tokio::test]
async fn a_table_that_is_written_anew_is_seen() {
    assert_eq!(
        broken("ALTER TABLE users ALTER COLUMN id TYPE bigint").await,
        ["error changing-column-type", "error table-rewritten"]
    );
    // This changes a type as well, and rewrites nothing; only squawk's reading of the text objects.
    assert_eq!(
        broken("ALTER TABLE users ALTER COLUMN name TYPE varchar").await,
        ["error changing-column-type"]
    );
}

#[tokio::test]
async fn a_lock_that_is_held_over_other_work_is_seen() {
    let fill = "UPDATE notes SET id = 1 WHERE id = 2";
    let up = format!("ALTER TABLE users ADD COLUMN nick text; {fill}").leak();
    assert_eq!(broken(up).await, ["error ddl-and-data-mixed", "error exclusive-lock-held"]);
    let up = format!("{fill}; ALTER TABLE users ADD COLUMN nick text").leak();
    assert_eq!(broken(up).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_new_table_harms_nobody() {
    let up = "CREATE TABLE t (id integer); ALTER TABLE t ALTER COLUMN id TYPE bigint; UPDATE t SET id = 1";
    let found = broken(up).await;
    assert!(found.iter().all(|finding| finding.starts_with("info ")), "{found:?}");
}
