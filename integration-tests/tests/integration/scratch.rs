//! Databases for one purpose, beside the one that a command is about.

use dbkit::{
    ConnectError, ConnectOptions, DatabaseUrl, connect,
    scratch::{ScratchError, create},
};
use integration_tests::{TestDatabase, sql, unique_name};
use sea_orm::DatabaseConnection;

async fn there_are(test: &TestDatabase, name: &str) -> i64 {
    let name = dbkit::Literal(name);
    let query = format!("SELECT count(*) FROM pg_database WHERE datname = {name}");
    sql::value(test.db(), &query).await
}

async fn open(url: &DatabaseUrl) -> Result<DatabaseConnection, ConnectError> {
    connect(url, &ConnectOptions::new("seaworthy test"), &()).await
}

#[tokio::test]
async fn one_that_is_dropped_is_gone_whoever_is_connected() {
    let test = TestDatabase::empty().await;
    let name = unique_name();
    let scratch = create(test.url(), &name, "template0").await.unwrap();
    assert_eq!(scratch.url().database(), name);
    let guest = open(scratch.url()).await.unwrap();
    assert_eq!(sql::value::<i32>(&guest, "SELECT 1").await, 1);
    scratch.drop().await.unwrap();
    assert_eq!(there_are(&test, &name).await, 0);
}

#[tokio::test]
async fn one_that_is_kept_stays() {
    let test = TestDatabase::empty().await;
    let name = unique_name();
    let url = create(test.url(), &name, "template0").await.unwrap().keep();
    let kept = open(&url).await.unwrap();
    assert_eq!(sql::value::<String>(&kept, "SELECT current_database()::text").await, name);
    kept.close().await.unwrap();
    sql::run(test.db(), &format!("DROP DATABASE {name}")).await;
}

#[tokio::test]
async fn a_copy_has_what_its_template_has() {
    let test = TestDatabase::migrated().await;
    sql::run(test.db(), "CREATE TABLE copied AS SELECT 42 AS answer").await;
    let template = test.name();
    let other = TestDatabase::empty().await;
    test.db().clone().close().await.unwrap();
    let scratch = create(other.url(), &unique_name(), &template).await.unwrap();
    let copy = open(scratch.url()).await.unwrap();
    assert_eq!(sql::value::<i32>(&copy, "SELECT answer FROM copied").await, 42);
    scratch.drop().await.unwrap();
}

#[tokio::test]
async fn a_database_that_is_there_already_stays_as_it_is() {
    let (test, taken) = (TestDatabase::empty().await, TestDatabase::empty().await);
    sql::run(taken.db(), "CREATE TABLE precious ()").await;
    let error = create(test.url(), &taken.name(), "template0").await.unwrap_err();
    assert!(matches!(&error, ScratchError::Exists(name) if *name == taken.name()), "{error:?}");
    let kept = "SELECT to_regclass('precious') IS NOT NULL";
    assert!(sql::value::<bool>(taken.db(), kept).await);
}

#[tokio::test]
async fn a_role_that_may_not_create_databases_is_told_so() {
    let test = TestDatabase::empty().await;
    let name = unique_name();
    let error = create(&test.role("NOCREATEDB").await, &name, "template0").await.unwrap_err();
    let ScratchError::NotAllowed { database, .. } = &error else { panic!("{error:?}") };
    assert_eq!(*database, name);
    assert_eq!(there_are(&test, &name).await, 0);
    let allowed = create(&test.role("CREATEDB").await, &name, "template0").await.unwrap();
    allowed.drop().await.unwrap();
}

#[tokio::test]
async fn a_template_that_is_not_there_is_an_error_of_its_own() {
    let test = TestDatabase::empty().await;
    let error = create(test.url(), &unique_name(), "no such template").await.unwrap_err();
    assert!(matches!(error, ScratchError::Sql { .. }), "{error:?}");
}

#[tokio::test]
async fn a_hostile_name_is_just_a_name() {
    let test = TestDatabase::empty().await;
    for odd in ["\"; DROP TABLE x; --", "Große $1 ?#%/&='", " a  b ", "x\\'y"] {
        let name = format!("{}{odd}", unique_name());
        let scratch = create(test.url(), &name, "template0").await.unwrap();
        let db = open(scratch.url()).await.unwrap();
        assert_eq!(sql::value::<String>(&db, "SELECT current_database()::text").await, name);
        db.close().await.unwrap();
        scratch.drop().await.unwrap();
        assert_eq!(there_are(&test, &name).await, 0, "{name}");
    }
}
