//! Throw-away databases: what they share with their target, and that they go.

use chrono::TimeDelta;
use dbkit::{DatabaseUrl, Literal};
use integration_tests::{TestDatabase, sql};
use migration_engine::{Shadow, ShadowError, ShadowOptions, Snapshot, shadow::with_shadow};
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    sea_orm::{ConnectionTrait as _, DbBackend, DbErr, Statement, TransactionTrait as _},
};

use super::{Script, all, options, project, refs, script};

async fn shadows(test: &TestDatabase, options: &ShadowOptions) -> Vec<String> {
    let pattern = format!("seaworthy_shadow_{}%", options.run.simple());
    let query =
        format!("SELECT datname::text FROM pg_database WHERE datname LIKE {}", Literal(&pattern));
    sql::column(test.db(), &query).await
}

#[track_caller]
fn assert_same(one: &Snapshot, other: &Snapshot) {
    let changes: Vec<_> = one.changes(other).iter().map(ToString::to_string).collect();
    assert!(changes.is_empty(), "{}", changes.join("\n"));
}

#[tokio::test]
async fn a_replay_of_the_history_gives_the_catalog_of_a_migrated_database() {
    let (test, options, migrations) = (TestDatabase::migrated().await, options(), project());
    let work = async |shadow: &Shadow| {
        assert_eq!(shadows(&test, &options).await, [shadow.url().database()]);
        shadow.snapshot().await
    };
    let replayed = with_shadow(test.url(), &options, &refs(&migrations), work).await.unwrap();
    assert_same(&replayed, &Snapshot::take(test.db()).await.unwrap());
    assert_eq!(shadows(&test, &options).await, [""; 0]);
}

#[tokio::test]
async fn a_shadow_is_dropped_when_a_migration_or_the_work_fails() {
    let (test, options) = (TestDatabase::empty().await, options());
    let broken = [script("broken", "SELECT 1/0", "")];
    let nothing = async |_: &Shadow| Ok(());
    let error = with_shadow(test.url(), &options, &all(&broken), nothing).await.unwrap_err();
    let ShadowError::Migration { migration, source, .. } = &error else { panic!("{error:?}") };
    assert_eq!((migration.as_str(), sql::sqlstate(source).as_deref()), ("broken", Some("22012")));
    let fail = async |_: &Shadow| Err::<(), _>(ShadowError::IsTarget("the work".to_owned()));
    let error = with_shadow(test.url(), &options, &[], fail).await.unwrap_err();
    assert!(matches!(&error, ShadowError::IsTarget(word) if word == "the work"), "{error:?}");
    assert_eq!(shadows(&test, &options).await, [""; 0]);
}

#[tokio::test]
async fn a_shadow_goes_when_its_work_is_called_off() {
    let (test, options) = (TestDatabase::empty().await, options());
    let shadow = Shadow::create(test.url(), &options).await.unwrap();
    assert_eq!(shadows(&test, &options).await.len(), 1);
    drop(shadow);
    // What `Drop` has started runs beside the test; a new shadow is no sign that it is over.
    while !shadows(&test, &options).await.is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_a_migration_locks_and_rewrites_is_seen() {
    let test = TestDatabase::empty().await;
    let before = [script(
        "before",
        "CREATE TABLE a (id int PRIMARY KEY, n int); CREATE TABLE b (id int); CREATE TABLE c (id int)",
        "",
    )];
    let work = async |shadow: &Shadow| {
        let change =
            "ALTER TABLE a ALTER n TYPE bigint; ALTER TABLE a RENAME TO z; SELECT count(*) FROM b";
        shadow.up(&script("change", change, "")).await
    };
    let seen = with_shadow(test.url(), &options(), &all(&before), work).await.unwrap();
    assert_eq!(seen.rewritten, ["public.a"]);
    let locks: Vec<_> =
        seen.locks.iter().map(|lock| format!("{} {}", lock.relation, lock.mode)).collect();
    assert_eq!(locks, ["public.a AccessExclusiveLock", "public.b AccessShareLock"]);
}

/// Three statements, one at a time.
struct Steps;

impl MigrationName for Steps {
    fn name(&self) -> &'static str {
        "steps"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Steps {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared("LOCK TABLE a IN SHARE MODE").await?;
        let nested = db.begin().await?;
        nested.execute_unprepared("UPDATE a SET n = 1").await?;
        nested.execute_unprepared("SELECT 1/0").await.unwrap_err();
        nested.rollback().await?;
        let query = Statement::from_string(DbBackend::Postgres, "SELECT count(*) AS count FROM a");
        let row = db.query_one_raw(query).await?.unwrap();
        assert_eq!(row.try_get::<i64>("", "count")?, 0);
        db.execute_unprepared("ALTER TABLE a ADD m int").await.map(drop)
    }
}

#[tokio::test]
async fn the_first_statement_that_took_the_strongest_lock_is_named() {
    let test = TestDatabase::empty().await;
    let before = [script("before", "CREATE TABLE a (n int)", "")];
    let work = async |shadow: &Shadow| shadow.up(&Steps).await;
    let seen = with_shadow(test.url(), &options(), &all(&before), work).await.unwrap();
    assert_eq!(seen.statements.len(), 5);
    let [lock] = &seen.locks[..] else { panic!("{:?}", seen.locks) };
    assert_eq!((lock.mode.as_str(), lock.statement), ("AccessExclusiveLock", 4));
    assert_eq!(seen.statements[lock.statement], "ALTER TABLE a ADD m int");
}

#[tokio::test]
async fn an_index_that_is_made_concurrently_runs_for_real_and_names_its_lock() {
    let test = TestDatabase::empty().await;
    let before = [script("before", "CREATE TABLE a (n int)", "")];
    let index = Script {
        transaction: false,
        ..script("index", "CREATE INDEX CONCURRENTLY i ON a (n)", "DROP INDEX CONCURRENTLY i")
    };
    let work = async |shadow: &Shadow| {
        let up = shadow.up(&index).await?;
        let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass";
        assert!(sql::value::<bool>(shadow.db(), valid).await);
        Ok::<_, ShadowError>([up, shadow.down(&index).await?])
    };
    for seen in with_shadow(test.url(), &options(), &all(&before), work).await.unwrap() {
        let [lock] = &seen.locks[..] else { panic!("{:?}", seen.locks) };
        let found = (lock.relation.as_str(), lock.mode.as_str(), lock.statement);
        assert_eq!(found, ("public.a", "ShareUpdateExclusiveLock", 0));
    }
}

#[tokio::test]
async fn the_locks_of_statements_outside_a_transaction_are_seen_too() {
    let test = TestDatabase::empty().await;
    let before = [script("before", "CREATE TABLE a (n int)", "")];
    let change =
        Script { transaction: false, ..script("change", "ALTER TABLE a ADD m int", "VACUUM a") };
    let work = async |shadow: &Shadow| {
        let up = shadow.up(&change).await?;
        Ok::<_, ShadowError>((up, shadow.down(&change).await?))
    };
    let (up, down) = with_shadow(test.url(), &options(), &all(&before), work).await.unwrap();
    let [lock] = &up.locks[..] else { panic!("{:?}", up.locks) };
    assert_eq!((lock.relation.as_str(), lock.mode.as_str()), ("public.a", "AccessExclusiveLock"));
    assert_eq!(up.statements, [change.up]);
    assert_eq!(down.statements, [change.down], "what no transaction may hold runs all the same");
}

/// Asks for one column of some type.
struct Asks(&'static str);

impl MigrationName for Asks {
    fn name(&self) -> &'static str {
        "asks"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Asks {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let query = Statement::from_string(DbBackend::Postgres, self.0);
        manager.get_connection().query_one_raw(query).await.map(drop)
    }
}

#[tokio::test]
async fn a_column_type_that_cannot_be_passed_on_is_an_error_that_names_it() {
    let test = TestDatabase::empty().await;
    let work = async |shadow: &Shadow| {
        let known = "SELECT true a, 1::smallint b, 1 c, 1::bigint d, 1::real e, 1::float8 f, 'g'::varchar g,
             'h'::char h, 'i' i, 'j'::name j, 'k'::bytea k, 1.5 l, '1'::json n, '1'::jsonb o,
             now()::timestamp p, now()::date q, now()::time r, now() s, gen_random_uuid() t,
             '{1}'::int[] u, '{a}'::text[] v, NULL w, 'x'::\"char\" x";
        shadow.up(&Asks(known)).await?;
        shadow.up(&Asks("SELECT pg_advisory_lock(1)")).await?;
        shadow.up(&Asks("SELECT '(1,2)'::point AS place")).await
    };
    let error = with_shadow(test.url(), &options(), &[], work).await.unwrap_err();
    let ShadowError::Migration { source, .. } = &error else { panic!("{error:?}") };
    assert!(source.to_string().contains("column `place` of type POINT"), "{source}");
}

#[tokio::test]
async fn what_a_migration_sets_for_its_session_does_not_reach_the_next_one() {
    let test = TestDatabase::empty().await;
    let migrations = [
        script("a", "CREATE SCHEMA other; SET search_path = other; SET ROLE pg_read_all_data", ""),
        script("b", "CREATE TABLE here ()", ""),
    ];
    let work = async |shadow: &Shadow| {
        let found: bool =
            sql::value(shadow.db(), "SELECT to_regclass('public.here') IS NOT NULL").await;
        Ok::<_, ShadowError>(found)
    };
    assert!(with_shadow(test.url(), &options(), &all(&migrations), work).await.unwrap());
}

#[tokio::test]
async fn an_error_that_only_commit_finds_is_the_migrations() {
    let test = TestDatabase::empty().await;
    let deferred = script(
        "deferred",
        "CREATE TABLE a (id int PRIMARY KEY, b int REFERENCES a DEFERRABLE INITIALLY DEFERRED);
         INSERT INTO a VALUES (1, 2)",
        "",
    );
    let nothing = async |_: &Shadow| Ok::<_, ShadowError>(());
    let watch = async |shadow: &Shadow| shadow.up(&deferred).await.map(drop);
    let errors = [
        with_shadow(test.url(), &options(), &[&deferred], nothing).await.unwrap_err(),
        with_shadow(test.url(), &options(), &[], watch).await.unwrap_err(),
    ];
    for error in errors {
        let ShadowError::Migration { source, .. } = &error else { panic!("{error:?}") };
        assert_eq!(sql::sqlstate(source).as_deref(), Some("23503"));
    }
}

#[tokio::test]
async fn a_shadow_has_the_targets_encoding_extensions_and_current_schema() {
    let test = TestDatabase::empty().await;
    let name = test.name();
    let prepare = format!(
        "CREATE SCHEMA app; CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext;
         ALTER DATABASE {name} SET search_path = app, ext"
    );
    sql::run(test.db(), &prepare).await;
    let migrations = [script("a", "CREATE TABLE a (name citext)", "DROP TABLE a")];
    let work = async |shadow: &Shadow| shadow.snapshot().await;
    let found = with_shadow(test.url(), &options(), &all(&migrations), work).await.unwrap();
    let tables: Vec<_> = found.of_kind("table").map(|(name, _)| name).collect();
    assert_eq!(tables, ["app.a", "app.seaql_migrations"]);
    assert_eq!(found.of_kind("extension").next().unwrap().0, "citext");
}

#[tokio::test]
async fn an_extension_that_a_migration_creates_is_not_there_before() {
    let test = TestDatabase::empty().await;
    sql::run(test.db(), "CREATE EXTENSION citext").await;
    let migrations = [script("a", "CREATE EXTENSION citext", "DROP EXTENSION citext")];
    let work = async |shadow: &Shadow| shadow.snapshot().await;
    let found = with_shadow(test.url(), &options(), &all(&migrations), work).await.unwrap();
    assert_eq!(found.of_kind("extension").next().unwrap().0, "citext");
}

#[tokio::test]
async fn a_role_that_may_not_create_databases_is_told_so() {
    let test = TestDatabase::empty().await;
    let role = test.role("NOCREATEDB").await;
    let error = Shadow::create(&role, &options()).await.unwrap_err();
    assert!(matches!(error, ShadowError::NotAllowed { .. }), "{error:?}");
}

fn on(url: &DatabaseUrl) -> ShadowOptions {
    ShadowOptions { url: Some(url.clone()), ..options() }
}

#[tokio::test]
async fn a_lent_database_is_used_emptied_and_can_be_used_again() {
    let (test, lent) = (TestDatabase::empty().await, TestDatabase::empty().await);
    let up = "CREATE SCHEMA other; CREATE TABLE other.t (); CREATE TABLE a (); CREATE TYPE e AS ENUM ('x');
              CREATE EXTENSION citext; CREATE PUBLICATION p; CREATE FUNCTION f() RETURNS int RETURN 1";
    let migrations = [script("a", up, "")];
    for _ in 0..2 {
        let work = async |shadow: &Shadow| {
            assert_eq!(shadow.url().database(), lent.name());
            sql::run(shadow.db(), "CREATE TABLE seaworthy.left_over ()").await;
            shadow.snapshot().await
        };
        let found =
            with_shadow(test.url(), &on(lent.url()), &all(&migrations), work).await.unwrap();
        assert_eq!(found.of_kind("table").count(), 3);
        let remains: Vec<String> = sql::column(
            lent.db(),
            "SELECT oid::regclass::text FROM pg_class WHERE relnamespace >= 16384 OR relnamespace = 'public'::regnamespace",
        )
        .await;
        assert_eq!(remains, ["seaworthy.shadow"]);
    }
    assert_eq!(
        sql::value::<i64>(test.db(), "SELECT count(*) FROM pg_class WHERE oid >= 16384").await,
        0
    );
}

#[tokio::test]
async fn the_target_cannot_be_its_own_shadow() {
    let test = TestDatabase::empty().await;
    let error = Shadow::create(test.url(), &on(test.url())).await.unwrap_err();
    assert!(matches!(&error, ShadowError::IsTarget(name) if *name == test.name()), "{error:?}");
    // Another role, which may not ask for the system's identifier, changes nothing about it.
    sql::run(test.db(), "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC").await;
    let role = test.role("").await;
    let error = Shadow::create(&role, &on(test.url())).await.unwrap_err();
    assert!(matches!(error, ShadowError::IsTarget(_)), "{error:?}");
}

#[tokio::test]
async fn a_database_that_is_not_empty_is_refused_and_not_touched() {
    let test = TestDatabase::empty().await;
    for (content, named) in [
        ("CREATE TABLE precious ()", "relation precious"),
        ("CREATE SCHEMA seaworthy CREATE TABLE installed ()", "schema seaworthy"),
        ("CREATE FUNCTION precious() RETURNS int RETURN 1", "routine precious"),
        ("CREATE TYPE precious AS ENUM ()", "type precious"),
        ("CREATE PUBLICATION precious", "publication precious"),
    ] {
        let other = TestDatabase::empty().await;
        sql::run(other.db(), content).await;
        let before = Snapshot::take(other.db()).await.unwrap();
        let error = Shadow::create(test.url(), &on(other.url())).await.unwrap_err();
        let ShadowError::NotEmpty { found, .. } = &error else { panic!("{error:?}") };
        assert_eq!(found, named);
        assert_same(&before, &Snapshot::take(other.db()).await.unwrap());
        let marked = "SELECT to_regclass('seaworthy.shadow') IS NOT NULL";
        assert!(!sql::value::<bool>(other.db(), marked).await);
    }
}

#[tokio::test]
async fn a_shadow_that_a_killed_run_has_left_is_dropped_by_a_later_one() {
    let test = TestDatabase::empty().await;
    let now = options().now;
    let begun = u64::try_from((now - TimeDelta::minutes(11)).timestamp_millis()).unwrap();
    // The last bytes tell two tests' databases apart.
    let random = options().run.as_bytes()[6..].try_into().unwrap();
    let run = uuid::Builder::from_unix_timestamp_millis(begun, &random).into_uuid();
    let killed = ShadowOptions { run, ..options() };
    let left = format!("seaworthy_shadow_{}_1", killed.run.simple());
    let used = format!("seaworthy_shadow_{}_2", killed.run.simple());
    for name in [&left, &used] {
        sql::run(test.db(), &format!("CREATE DATABASE {name} TEMPLATE template0")).await;
    }
    let guest = sql::session(&test.url().with_database(&used)).await.unwrap();
    Shadow::create(test.url(), &options()).await.unwrap().drop().await.unwrap();
    assert_eq!(shadows(&test, &killed).await, std::slice::from_ref(&used));
    drop(guest);
    sql::run(test.db(), &format!("DROP DATABASE {used} WITH (FORCE)")).await;
}
