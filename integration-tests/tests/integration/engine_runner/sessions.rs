//! What lives in a session: the lock, and whatever a migration sets.

use std::time::Duration;

use dbkit::lock::{self, LockError, LockName};
use integration_tests::{Engine, TestDatabase, sql};
use migration_engine::{Session, SessionError, Upto, run::Cause};

use super::{failed, tiny, up};
use crate::tiny::{project, table};

#[tokio::test]
async fn what_a_migration_sets_ends_with_it_and_hides_no_ledger() {
    let test = TestDatabase::empty().await;
    let role = test.role("").await.user().unwrap();
    let sets = format!(
        "CREATE SCHEMA elsewhere AUTHORIZATION \"{role}\"; SET search_path = elsewhere; \
         SET lock_timeout = 1; SET ROLE \"{role}\"; CREATE TABLE theirs ()"
    );
    let asks = "DO $$ BEGIN
        ASSERT current_setting('search_path') = '\"$user\", public', current_setting('search_path');
        ASSERT current_user = session_user, current_user;
        CREATE TABLE ours (); END $$";
    let first = tiny("a", Box::leak(sets.into_boxed_str()), "SELECT 1");
    // The statements of a block are told apart by nobody but PostgreSQL.
    let second = WholeText { name: "b", up: asks };
    let migrations = migration_engine::Project::of(vec![Box::new(first), Box::new(second)]);
    let applied = Engine::default().up(test.url(), &migrations, Upto::All).await.unwrap();
    assert_eq!(applied, ["a", "b"]);
    let ledger = "SELECT version FROM public.seaql_migrations ORDER BY version";
    assert_eq!(sql::column::<String>(test.db(), ledger).await, ["a", "b"]);
    let owner =
        "SELECT relowner::regrole::text FROM pg_class WHERE oid = 'elsewhere.theirs'::regclass";
    assert_eq!(sql::value::<String>(test.db(), owner).await.trim_matches('"'), role);
}

/// A migration whose one statement holds semicolons.
struct WholeText {
    name: &'static str,
    up: &'static str,
}

impl sea_orm_migration::MigrationName for WholeText {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl sea_orm_migration::MigrationTrait for WholeText {
    async fn up(&self, manager: &sea_orm_migration::SchemaManager) -> Result<(), sea_orm::DbErr> {
        use sea_orm::ConnectionTrait as _;
        manager.get_connection().execute_unprepared(self.up).await.map(drop)
    }
}

#[tokio::test]
async fn prisma_and_we_do_not_migrate_at_once() {
    let test = TestDatabase::empty().await;
    let mut prisma = sql::session(test.url()).await.unwrap();
    lock::take(&mut prisma, LockName::PRISMA, Duration::ZERO).await.unwrap();
    let session = Session::open(test.url(), &sql::options(), Duration::ZERO).await;
    let Err(SessionError::Lock(LockError::Held { name, .. })) = session else {
        panic!("{session:?}")
    };
    assert_eq!(name, LockName::PRISMA);
    drop(prisma);
}

#[tokio::test]
async fn a_session_that_lost_its_lock_changes_nothing_more() {
    let test = TestDatabase::empty().await;
    // The first migration ends the session's own lock, as a careless one may.
    // It takes another, which must not pass for ours.
    let careless =
        tiny("a", "SELECT pg_advisory_unlock_all(); SELECT pg_advisory_lock(42)", "SELECT 1");
    let error = up(&test, &[careless, table!("b")]).await.unwrap_err();
    let failed = failed(&error);
    assert!(matches!(failed.cause, Cause::LockLost), "{error:?}");
    assert_eq!((failed.name.as_str(), &failed.committed[..]), ("b", &["a".to_owned()][..]));
}

#[tokio::test]
async fn eight_sessions_at_once_apply_everything_exactly_once() {
    let test = TestDatabase::empty().await;
    let migrations = project(&[
        tiny("a", "CREATE TABLE counter (n int); INSERT INTO counter VALUES (0)", "SELECT 1"),
        tiny("b", "UPDATE counter SET n = n + 1", "SELECT 1"),
        table!("c"),
    ]);
    let runs = (0..8).map(|_| async {
        Engine::default().up(test.url(), &migrations, Upto::All).await.unwrap().len()
    });
    let mut runs: Vec<_> = runs.map(Box::pin).collect();
    let mut applied = 0;
    while let Some(run) = runs.pop() {
        // Two at a time are enough to meet; the processes of the command meet eight at a time.
        match runs.pop() {
            Some(other) => {
                let (one, other) = tokio::join!(run, other);
                applied += one + other;
            }
            None => applied += run.await,
        }
    }
    assert_eq!(applied, 3);
    assert_eq!(sql::value::<i32>(test.db(), "SELECT n FROM counter").await, 1);
}
