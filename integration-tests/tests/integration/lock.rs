//! One run at a time.

use std::time::{Duration, Instant};

use dbkit::{
    ConnectOptions,
    lock::{AdvisoryLock, LockError, LockName, acquire},
};
use integration_tests::{TestDatabase, sql};
use tokio::time::timeout;

const NAME: LockName = LockName("test");
const OTHER: LockName = LockName("another test");
const PATIENT: Duration = Duration::from_secs(30);

async fn take(
    test: &TestDatabase,
    who: &str,
    name: LockName,
    wait: Duration,
) -> Result<AdvisoryLock, LockError> {
    acquire(test.url(), &ConnectOptions::new(who), name, wait).await
}

/// The sessions of this name in the test's own database: the view shows the whole server's.
fn sessions(who: &str) -> String {
    format!(
        "FROM pg_stat_activity WHERE application_name = '{who}' AND datname = current_database()"
    )
}

/// Returns when a session of this name is connected.
async fn is_connected(test: &TestDatabase, who: &str) {
    let query = format!("SELECT count(*) {}", sessions(who));
    let connected = async {
        while sql::value::<i64>(test.db(), &query).await == 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENT, connected).await.unwrap();
}

#[tokio::test]
async fn the_second_is_told_who_holds_the_lock() {
    let test = TestDatabase::empty().await;
    let lock = take(&test, "the first", NAME, Duration::ZERO).await.unwrap();
    let query = format!("SELECT pid {}", sessions("the first"));
    let pid: i32 = sql::value(test.db(), &query).await;
    let error = take(&test, "the second", NAME, Duration::ZERO).await.unwrap_err();
    let LockError::Held { name: NAME, holder: Some(holder) } = &error else { panic!("{error:?}") };
    assert_eq!(holder.application.as_deref(), Some("the first"));
    assert_eq!((holder.pid, holder.user.clone()), (pid, test.url().user()));
    assert!(error.to_string().contains("the first of"), "{error}");
    lock.release().await.unwrap();
}

#[tokio::test]
async fn a_role_without_rights_is_told_at_least_the_process() {
    let test = TestDatabase::empty().await;
    let _lock = take(&test, "the first", NAME, Duration::ZERO).await.unwrap();
    let stranger = test.role("").await;
    let error = acquire(&stranger, &sql::options(), NAME, Duration::ZERO).await.unwrap_err();
    let LockError::Held { holder: Some(holder), .. } = &error else { panic!("{error:?}") };
    assert!(holder.pid > 0 && holder.seconds.is_none(), "{holder:?}");
}

#[tokio::test]
async fn a_lock_that_was_released_is_free_at_once() {
    let test = TestDatabase::empty().await;
    for who in ["one", "two", "three"] {
        take(&test, who, NAME, Duration::ZERO).await.unwrap().release().await.unwrap();
    }
}

#[tokio::test]
async fn a_lock_that_was_dropped_is_free_too() {
    let test = TestDatabase::empty().await;
    drop(take(&test, "the first", NAME, Duration::ZERO).await.unwrap());
    take(&test, "the second", NAME, PATIENT).await.unwrap();
}

#[tokio::test]
async fn a_lock_whose_holder_was_killed_is_free() {
    let test = TestDatabase::empty().await;
    let lock = take(&test, "the first", NAME, Duration::ZERO).await.unwrap();
    let kill = format!("SELECT pg_terminate_backend(pid) {}", sessions("the first"));
    assert!(sql::value::<bool>(test.db(), &kill).await);
    take(&test, "the second", NAME, PATIENT).await.unwrap();
    lock.release().await.unwrap_err();
}

#[tokio::test]
async fn the_limit_of_the_wait_holds() {
    let test = TestDatabase::empty().await;
    let _lock = take(&test, "the first", NAME, Duration::ZERO).await.unwrap();
    let limit = Duration::from_millis(250);
    let begun = Instant::now();
    take(&test, "the second", NAME, limit).await.unwrap_err();
    assert!(begun.elapsed() >= limit && begun.elapsed() < limit + Duration::from_secs(2));
}

#[tokio::test]
async fn whoever_waits_gets_the_lock_when_it_is_released() {
    let test = TestDatabase::empty().await;
    let lock = take(&test, "the first", NAME, Duration::ZERO).await.unwrap();
    let (second, ()) = tokio::join!(take(&test, "the second", NAME, PATIENT), async {
        is_connected(&test, "the second").await;
        lock.release().await.unwrap();
    });
    second.unwrap();
}

#[tokio::test]
async fn locks_of_other_names_and_other_databases_do_not_collide() {
    let (test, elsewhere) = (TestDatabase::empty().await, TestDatabase::empty().await);
    let _lock = take(&test, "the first", NAME, Duration::ZERO).await.unwrap();
    let _other = take(&test, "the second", OTHER, Duration::ZERO).await.unwrap();
    let _elsewhere = take(&elsewhere, "the third", NAME, Duration::ZERO).await.unwrap();
}

/// A session that waits inside `pg_advisory_lock` would hold a snapshot, and the index would wait
/// for that snapshot for ever.
#[tokio::test]
async fn an_index_is_built_concurrently_while_somebody_waits_for_the_lock() {
    let test = TestDatabase::migrated().await;
    let lock = take(&test, "the first", NAME, Duration::ZERO).await.unwrap();
    let (second, ()) = tokio::join!(take(&test, "the second", NAME, PATIENT), async {
        is_connected(&test, "the second").await;
        let build = sql::run(test.db(), "CREATE INDEX CONCURRENTLY late_idx ON users (full_name)");
        timeout(PATIENT, build).await.unwrap();
        lock.release().await.unwrap();
    });
    second.unwrap();
    let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'late_idx'::regclass";
    assert!(sql::value::<bool>(test.db(), valid).await);
}
