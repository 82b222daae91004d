//! A profile that does not fit ends a run before it has begun.

use std::fs;

use integration_tests::{TestDatabase, sql};

use super::{Sanitising, own_profile};
use crate::seeder::{assert_failed, document};

/// Two tables of which the profile knows one.
async fn shop() -> Sanitising {
    let test = TestDatabase::empty().await;
    let tables = "CREATE TABLE customers (id int PRIMARY KEY, email text UNIQUE, vip boolean GENERATED ALWAYS AS (id < 3) STORED);
                  INSERT INTO customers VALUES (1, 'canary@corp.invalid');
                  CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customers, note text)";
    sql::run(test.db(), tables).await;
    let profile = "[public.customers]\nid = \"keep\"\nemail = \"personal:email\"\n";
    Sanitising::of(test, profile)
}

#[tokio::test]
async fn what_is_not_classified_is_listed_and_nothing_is_copied() {
    let sanitising = shop().await;
    let run = sanitising.run("").await;
    assert_failed(&run, 4, "nothing was copied");
    for column in ["public.orders.id", "public.orders.note"] {
        assert!(run.stderr.contains(&format!("\n  {column} is not classified")), "{run}");
    }
    assert!(!run.stderr.contains("orders.customer"), "it is what it refers to: {run}");
    assert!(!run.stderr.contains("vip"), "it is computed: {run}");
    sanitising.assert_nothing_is_left().await;
}

#[tokio::test]
async fn a_new_column_of_a_migration_must_be_classified_first() {
    let sanitising = Sanitising::of(TestDatabase::migrated().await, &own_profile());
    sql::run(sanitising.db(), "ALTER TABLE users ADD COLUMN nickname text").await;
    let run = sanitising.run("").await;
    assert_failed(&run, 4, "public.users.nickname is not classified");
    sanitising.assert_nothing_is_left().await;
}

#[tokio::test]
async fn a_check_lists_what_is_missing_and_what_has_vanished() {
    let sanitising = shop().await;
    let more = "name = \"keep\"\n[public.gone]\nid = \"keep\"\n";
    let profile = fs::read_to_string(&sanitising.profile).unwrap() + more;
    fs::write(&sanitising.profile, profile).unwrap();
    let run = sanitising.run("--check --format json").await;
    assert_eq!(run.code, 3, "{run}");
    let problems = document(&run)["data"]["problems"].clone();
    let problems: Vec<_> = problems
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            format!("{}: {}", line["kind"].as_str().unwrap(), line["problem"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        problems,
        [
            "unclassified: public.orders.id is not classified",
            "unclassified: public.orders.note is not classified",
            "vanished: public.customers.name is in the profile, but not in the database",
            "vanished: public.gone is in the profile, but not in the database",
        ]
    );
    sanitising.place.assert_sound(0).await;
}

#[tokio::test]
async fn a_class_that_does_not_fit_is_refused() {
    let sanitising = shop().await;
    for (class, said) in [
        (
            "secret",
            "public.customers.id cannot be `secret`: it is a key, whose values must stay different",
        ),
        ("personal:email", "there is no such pseudonym of type integer"),
    ] {
        let profile = format!(
            "[public.customers]\nid = \"{class}\"\nemail = \"personal:email\"\n[public]\norders = \"empty\"\n"
        );
        fs::write(&sanitising.profile, profile).unwrap();
        let run = sanitising.run("").await;
        assert_failed(&run, 4, said);
    }
    sanitising.assert_nothing_is_left().await;
}

#[tokio::test]
async fn a_bad_profile_or_key_is_said_so() {
    let sanitising = shop().await;
    let run = sanitising.run_with("short", "").await;
    assert_failed(&run, 2, "BACKUP_SANITISE_KEY (from environment) is shorter than 16 characters");
    assert!(!run.stderr.contains("short\n"), "{run}");
    fs::write(&sanitising.profile, "[public.orders]\nid = \"kept\"\n").unwrap();
    assert_failed(&sanitising.run("").await, 2, "public.orders.id: `kept` is no class");
    fs::write(&sanitising.profile, "[public.orders\n").unwrap();
    assert_failed(&sanitising.run("").await, 2, "the profile is no TOML");
    fs::remove_file(&sanitising.profile).unwrap();
    let run = sanitising.run("").await;
    assert_failed(&run, 2, "cannot read the profile");
    assert!(run.stderr.contains("sanitise --init"), "{run}");
}

#[tokio::test]
async fn a_first_profile_leaves_the_rest_to_people_and_is_never_overwritten() {
    let sanitising = shop().await;
    fs::remove_file(&sanitising.profile).unwrap();
    let run = sanitising.run("--init --format json").await;
    assert_eq!(run.code, 0, "{run}");
    let written = document(&run)["data"].clone();
    assert_eq!(written["classified"], 4, "{written}");
    assert_eq!(written["doubtful"], serde_json::json!([]));
    assert_eq!(sanitising.run("--check").await.code, 0);

    sql::run(sanitising.db(), "ALTER TABLE orders ADD COLUMN amount numeric").await;
    assert_failed(&sanitising.run("--init").await, 1, "cannot write");
    fs::remove_file(&sanitising.profile).unwrap();
    let run = sanitising.run("--init --format json").await;
    assert_eq!(document(&run)["data"]["doubtful"], serde_json::json!(["public.orders.amount"]));
    assert_eq!(sanitising.run("--check").await.code, 3);
}
