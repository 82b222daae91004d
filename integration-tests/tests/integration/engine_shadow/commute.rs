//! Taking one migration out of the middle: only where two shadows show that it makes no difference.

use integration_tests::TestDatabase;
use migration_engine::commute::{Proof, ProofError, prove};

use super::{Script, all, options, project, refs, script};

const A: Script = script("a", "CREATE TABLE a (id bigint PRIMARY KEY)", "DROP TABLE a");
const B: Script = script("b", "CREATE TABLE b (n int)", "DROP TABLE b");
const C: Script = script("c", "ALTER TABLE a ADD c int", "ALTER TABLE a DROP c");

async fn proof(applied: &[Script], name: &str, declared: &[&str]) -> Proof {
    let test = TestDatabase::empty().await;
    let declared: Vec<_> = declared.iter().map(|&name| name.to_owned()).collect();
    prove(test.url(), &options(), &all(applied), name, &declared).await.unwrap()
}

#[tokio::test]
async fn a_migration_that_nothing_is_built_on_commutes() {
    let Proof::Commutes { down } = proof(&[A, B, C], "b", &[]).await else { panic!() };
    assert_eq!(down.statements, ["DROP TABLE b"]);
    assert!(matches!(proof(&[A, B, C], "c", &[]).await, Proof::Commutes { .. }));
}

#[tokio::test]
async fn one_that_a_later_one_alters_does_not_and_the_later_one_is_named() {
    let Proof::Refused { differences, dependants, error } = proof(&[A, B, C], "a", &[]).await
    else {
        panic!()
    };
    assert_eq!((dependants, error.is_none()), (vec!["c".to_owned()], true));
    assert!(differences.is_empty(), "{differences:?}");
}

#[tokio::test]
async fn one_whose_way_down_fails_under_a_later_one_says_why() {
    let child =
        script("child", "CREATE TABLE child (a_id bigint REFERENCES a)", "DROP TABLE child");
    let Proof::Refused { dependants, error, .. } = proof(&[A, child], "a", &[]).await else {
        panic!()
    };
    assert_eq!(dependants, ["child"]);
    assert!(error.unwrap().to_string().contains("a fails on the shadow database on its way down"));
}

#[tokio::test]
async fn one_whose_way_down_undoes_a_later_one_shows_the_difference() {
    let first =
        script("first", "CREATE OR REPLACE VIEW v AS SELECT 1 AS x", "DROP VIEW IF EXISTS v");
    let second =
        script("second", "CREATE OR REPLACE VIEW v AS SELECT 2 AS x", "DROP VIEW IF EXISTS v");
    let Proof::Refused { differences, dependants, error } =
        proof(&[first, B, second], "first", &[]).await
    else {
        panic!()
    };
    assert!(dependants.is_empty() && error.is_none());
    let named: Vec<_> = differences.iter().map(|change| change.object.name.as_str()).collect();
    assert!(named.contains(&"public.v"), "{named:?}");
}

#[tokio::test]
async fn one_that_a_later_one_declares_to_need_does_not_commute() {
    let Proof::Refused { differences, dependants, .. } = proof(&[A, B, C], "b", &["c"]).await
    else {
        panic!()
    };
    assert!(differences.is_empty());
    assert_eq!(dependants, ["c"]);
}

#[tokio::test]
async fn of_this_project_the_last_migration_commutes_and_the_first_does_not() {
    let (test, migrations) = (TestDatabase::empty().await, project());
    let applied = refs(&migrations);
    let last = applied.last().unwrap().name();
    let proof = prove(test.url(), &options(), &applied, last, &[]).await.unwrap();
    assert!(matches!(proof, Proof::Commutes { .. }), "{proof:?}");
    let proof = prove(test.url(), &options(), &applied, applied[0].name(), &[]).await.unwrap();
    let Proof::Refused { dependants, .. } = &proof else { panic!("{proof:?}") };
    assert!(dependants.iter().any(|name| name.contains("users_display_name")), "{dependants:?}");
}

#[tokio::test]
async fn one_that_is_not_applied_is_an_error() {
    let test = TestDatabase::empty().await;
    let error = prove(test.url(), &options(), &all(&[A]), "z", &[]).await.unwrap_err();
    assert!(matches!(&error, ProofError::NotApplied(name) if name == "z"), "{error:?}");
}
