//! Locks that others hold: waited for in short turns, with everybody else let through in between.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use dbkit::Report;
use integration_tests::{Engine, TestDatabase, sql};
use migration_engine::{Limits, MigrationEvent, Upto};
use tokio::sync::Notify;

use super::{failed, tiny, up};
use crate::{
    tiny::{project, table},
    watching::Held,
};

/// Impatient, so that tests are quick.
fn limits(retry_for: Duration) -> Limits {
    Limits { lock_timeout: Duration::from_millis(100), retry_for, ..Limits::default() }
}

/// Remembers the retries, and tells of the first ones.
#[derive(Default)]
struct Retries {
    seen: Mutex<Vec<MigrationEvent>>,
    second: Arc<Notify>,
}

impl Report<MigrationEvent> for Retries {
    fn report(&self, event: &MigrationEvent) {
        if matches!(event, MigrationEvent::Retrying { .. }) {
            let mut seen = self.seen.lock().unwrap();
            seen.push(event.clone());
            if seen.len() == 2 {
                self.second.notify_one();
            }
        }
    }
}

#[tokio::test]
async fn a_migration_behind_a_reader_is_tried_again_until_the_reader_is_gone() {
    let test = TestDatabase::empty().await;
    up(&test, &[table!("a")]).await.unwrap();
    let reader = Held::take(test.url(), "SELECT FROM a").await;
    let retries = Retries::default();
    let engine =
        Engine { report: &retries, limits: limits(Duration::from_mins(1)), ..Engine::default() };
    let widen = tiny("b", "ALTER TABLE a ADD n int", "ALTER TABLE a DROP n");
    let migrations = project(&[table!("a"), widen]);
    let second = Arc::clone(&retries.second);
    let released = async {
        second.notified().await;
        reader.release().await;
    };
    let (applied, ()) = tokio::join!(engine.up(test.url(), &migrations, Upto::All), released);
    assert_eq!(applied.unwrap(), ["b"]);
    let seen = retries.seen.into_inner().unwrap();
    let MigrationEvent::Retrying { name, cause, blockers, .. } = &seen[0] else { panic!() };
    assert_eq!(name, "b");
    assert_eq!(cause, "a lock was not to be had in time (SQLSTATE 55P03)");
    let [blocker] = &blockers[..] else { panic!("{blockers:?}") };
    assert_eq!(blocker.application.as_deref(), Some("seaworthy test"));
    assert!(blocker.query.as_deref().unwrap().contains("SELECT FROM a"), "{blocker:?}");
}

#[tokio::test]
async fn a_budget_that_is_used_up_says_who_was_in_the_way_and_leaves_nothing() {
    let test = TestDatabase::empty().await;
    up(&test, &[table!("a")]).await.unwrap();
    let reader = Held::take(test.url(), "SELECT FROM a").await;
    let engine = Engine { limits: limits(Duration::from_millis(400)), ..Engine::default() };
    let widen = tiny("b", "CREATE TABLE c (); ALTER TABLE a ADD n int", "SELECT 1");
    let migrations = project(&[table!("a"), widen]);
    let error = engine.up(test.url(), &migrations, Upto::All).await.unwrap_err();
    let said = error.to_string();
    assert!(said.starts_with("b was not applied in "), "{said}");
    assert!(said.contains(" attempts, and nothing of it is left; in its way: pid "), "{said}");
    assert!(said.contains("SELECT FROM a"), "{said}");
    assert!(failed(&error).tries > 1);
    let gone = "SELECT to_regclass('c') IS NULL";
    assert!(sql::value::<bool>(test.db(), gone).await);
    reader.release().await;
    assert_eq!(up(&test, &[table!("a"), widen]).await.unwrap(), ["b"]);
}

#[tokio::test]
async fn what_does_not_pass_by_itself_is_tried_once() {
    let test = TestDatabase::empty().await;
    let error = up(&test, &[tiny("a", "SELECT 1/0", "SELECT 1")]).await.unwrap_err();
    assert_eq!(failed(&error).tries, 1);
    assert_eq!(error.to_string(), "a was not applied, and nothing of it is left");
}

#[tokio::test]
async fn a_statement_without_a_transaction_yields_to_those_who_wait_behind_it() {
    let test = TestDatabase::empty().await;
    up(&test, &[table!("a")]).await.unwrap();
    let reader = Held::take(test.url(), "SELECT FROM a").await;
    let engine = Engine { limits: limits(Duration::from_millis(600)), ..Engine::default() };
    let mut widen = tiny("b", "ALTER TABLE a ADD n int", "SELECT 1");
    widen.transaction = false;
    let migrations = project(&[table!("a"), widen]);
    // Somebody who only wants to read waits behind the migration, and gets through.
    let behind = async {
        let mut rounds = 0;
        while rounds < 5 {
            sql::run(test.db(), "SELECT FROM a").await;
            rounds += 1;
            tokio::task::yield_now().await;
        }
    };
    let (applied, ()) = tokio::join!(engine.up(test.url(), &migrations, Upto::All), behind);
    let applied = match applied {
        Ok(applied) => applied,
        Err(error) => {
            assert!(!failed(&error).half_way, "{error}");
            reader.release().await;
            engine.up(test.url(), &migrations, Upto::All).await.unwrap()
        }
    };
    assert_eq!(applied, ["b"]);
}
