//! Which migrations, and in which order.

use integration_tests::{Engine, TestDatabase, engine::names};
use migration_engine::{Downto, Metadata, PlanError, RunError, Upto};

use crate::tiny::{project, table};

#[tokio::test]
async fn the_target_of_a_rollback_stays_and_that_of_an_up_is_applied() {
    let test = TestDatabase::empty().await;
    let engine = Engine::default();
    let migrations = project(&[table!("a"), table!("b"), table!("c")]);
    let to = |name: &str| name.to_owned();
    let applied = engine.up(test.url(), &migrations, Upto::Target(to("b"))).await.unwrap();
    assert_eq!(applied, ["a", "b"]);
    engine.up(test.url(), &migrations, Upto::All).await.unwrap();
    let undone = engine.down(test.url(), &migrations, Downto::Target(to("a"))).await.unwrap();
    assert_eq!(names(undone), ["c", "b"]);
}

#[tokio::test]
async fn what_others_depend_on_is_not_taken_out_of_the_middle() {
    let test = TestDatabase::empty().await;
    let engine = Engine::default();
    let needs_a =
        Metadata { name: "b".to_owned(), depends_on: vec!["a".to_owned()], ..Metadata::default() };
    let migrations = project(&[table!("a"), table!("b"), table!("c")]).with_metadata(vec![needs_a]);
    engine.up(test.url(), &migrations, Upto::All).await.unwrap();
    let only = |name: &str| Downto::Only(name.to_owned());
    let error = engine.down(test.url(), &migrations, only("a")).await.unwrap_err();
    assert!(matches!(error, RunError::Plan(PlanError::Dependants { .. })), "{error:?}");
    let undone = engine.down(test.url(), &migrations, only("b")).await.unwrap();
    assert_eq!(names(undone), ["b"]);
    // An older binary without the header is told by the ledger.
    engine.up(test.url(), &migrations, Upto::All).await.unwrap();
    let bare = project(&[table!("a"), table!("b"), table!("c")]);
    let error = engine.down(test.url(), &bare, only("a")).await.unwrap_err();
    assert!(matches!(error, RunError::Plan(PlanError::Dependants { .. })), "{error:?}");
}
