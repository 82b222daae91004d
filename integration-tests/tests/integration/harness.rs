//! What every other test relies on.

use std::panic::{AssertUnwindSafe, catch_unwind};

use integration_tests::{Program, TestDatabase, keys, sql};

#[tokio::test]
async fn what_one_test_writes_no_other_test_sees() {
    let (one, other) = (TestDatabase::migrated().await, TestDatabase::migrated().await);
    assert_ne!(one.name(), other.name());
    sql::run(one.db(), "DROP TABLE notifications").await;
    let query = "SELECT to_regclass('notifications') IS NOT NULL";
    assert!(!sql::value::<bool>(one.db(), query).await);
    assert!(sql::value::<bool>(other.db(), query).await);
}

#[tokio::test]
async fn databases_and_roles_go_with_their_test_also_if_it_panics() {
    let witness = TestDatabase::empty().await;
    let test = TestDatabase::empty().await;
    let (name, role) = (test.name(), test.reader().await.user().unwrap());
    let query = format!(
        "SELECT (SELECT count(*) FROM pg_database WHERE datname = '{name}')
              + (SELECT count(*) FROM pg_roles WHERE rolname = '{role}')"
    );
    assert_eq!(sql::value::<i64>(witness.db(), &query).await, 2);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _test = test;
        panic!("as a failing test does");
    }));
    assert!(panicked.is_err());
    assert_eq!(sql::value::<i64>(witness.db(), &query).await, 0);
}

#[tokio::test]
async fn no_test_can_use_the_template_itself() {
    let test = TestDatabase::migrated().await;
    // The second part of a name says which build it belongs to.
    let query = "SELECT datallowconn FROM pg_database WHERE starts_with(datname::text,
                     'template_' || split_part(current_database(), '_', 2))";
    let open: Vec<bool> = sql::column(test.db(), query).await;
    assert!(!open.is_empty() && !open.contains(&true), "{open:?}");
}

#[tokio::test]
async fn a_program_inherits_nothing_but_the_keys_of_tests() {
    let run = Program::new("migration").await.args("config --format json").run().await;
    assert_eq!(run.code, 0, "{run}");
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    for setting in document["data"]["settings"].as_array().unwrap() {
        let is_key = keys::variables().iter().any(|(name, _)| setting["name"] == *name);
        let expected = if is_key { "environment" } else { "default" };
        assert_eq!(setting["origin"], expected, "{setting}");
    }
}
