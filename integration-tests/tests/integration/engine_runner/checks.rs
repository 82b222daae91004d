//! The queries of a header: before, after, and in the same transaction.

use integration_tests::{Engine, TestDatabase, sql};
use migration_engine::{Metadata, Project, Upto, run::Cause};

use super::{failed, tiny};
use crate::tiny::project;

fn checked(pre: &[&str], post: &[&str]) -> Project {
    let strings = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let metadata = Metadata {
        name: "a".to_owned(),
        pre_checks: strings(pre),
        post_checks: strings(post),
        ..Metadata::default()
    };
    project(&[tiny("a", "CREATE TABLE a (id int)", "DROP TABLE a")]).with_metadata(vec![metadata])
}

#[tokio::test]
async fn checks_that_hold_let_a_migration_through() {
    let test = TestDatabase::empty().await;
    let (pre, post) = ("SELECT to_regclass('a') IS NULL", "SELECT to_regclass('a') IS NOT NULL");
    let migrations = checked(&[pre, "SELECT true"], &[post]);
    assert_eq!(Engine::default().up(test.url(), &migrations, Upto::All).await.unwrap(), ["a"]);
}

#[tokio::test]
async fn a_check_that_does_not_hold_leaves_nothing() {
    let test = TestDatabase::empty().await;
    for (migrations, expected) in [
        (checked(&["SELECT false"], &[]), "pre-check"),
        (checked(&[], &["SELECT NULL::boolean"]), "post-check"),
        (checked(&[], &["SELECT true WHERE false"]), "post-check"),
    ] {
        let error = Engine::default().up(test.url(), &migrations, Upto::All).await.unwrap_err();
        let Cause::Check { which, .. } = &failed(&error).cause else { panic!("{error:?}") };
        assert_eq!(*which, expected);
        assert!(sql::value::<bool>(test.db(), "SELECT to_regclass('a') IS NULL").await);
    }
}
