//! Before something can lose data there is a verified backup, or it does not begin.

use std::{ffi::OsStr, fs, os::unix::fs::PermissionsExt as _, path::Path};

use backup::{
    CreateError, CreateLimits, CreateRequest, Kind, Programs, SecureError, Secured, Store, Tool,
    VerifyError,
};
use dbkit::{
    Environment, SystemClock,
    postgres::{Search, find_clients},
};
use integration_tests::{Program, TestDatabase, keys, search, sql};
use tempfile::TempDir;
use uuid::Uuid;

use crate::backup::clients::Fake;

const SMALL: &str = "CREATE TABLE people (id int PRIMARY KEY); INSERT INTO people VALUES (1)";

async fn filled() -> TestDatabase {
    let test = TestDatabase::empty().await;
    sql::run(test.db(), SMALL).await;
    test
}

async fn installed() -> Programs {
    Programs { installations: find_clients(&search()).await, ..Programs::default() }
}

async fn with_fake(fake: &Fake) -> Programs {
    let search = Search::new(Some(OsStr::new(&fake.path())));
    Programs { installations: find_clients(&search).await, ..Programs::default() }
}

/// Secures the database in a folder within `place`.
async fn secure(
    test: &TestDatabase,
    place: &TempDir,
    programs: &Programs,
) -> Result<Secured, SecureError> {
    let request = CreateRequest {
        store: Store::folder(place.path().join("backups")),
        name: None,
        kind: Kind::BeforeRollback,
        tables: Vec::new(),
        compression: backup::Compression::default(),
        sealing: keys::sealing(),
        sanitised: None,
        environment: Environment::Testing,
        host: "laptop".to_owned(),
        tool: Tool { name: "migration".to_owned(), version: "0".to_owned() },
        run: Uuid::from_u128(7),
    };
    let limits = CreateLimits::default();
    let opening = keys::opening();
    backup::secure(test.url(), &request, &opening, programs, &limits, &SystemClock, &()).await
}

async fn is_listed(place: &TempDir) -> bool {
    let store = Store::folder(place.path().join("backups"));
    backup::list(&store, None).await.is_ok_and(|entries| !entries.is_empty())
}

#[tokio::test]
async fn a_database_is_secured_with_a_verified_backup_that_the_command_knows() {
    let (test, place) = (filled().await, tempfile::tempdir().unwrap());
    let secured = secure(&test, &place, &installed().await).await.unwrap();
    let Secured::Backup { id, place: made, sha256, bytes } = &secured else {
        panic!("{secured:?}")
    };
    let path = made.folder().unwrap();
    assert!(id.as_str().contains("_before-rollback_"), "{id}");
    let stored = fs::metadata(path.join("dump.pgc.zst.age")).unwrap();
    assert_eq!((stored.len(), sha256.len()), (*bytes, 64));
    let sums = fs::read_to_string(path.join("SHA256SUMS")).unwrap();
    assert!(sums.contains(sha256), "{sums}");
    let names = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(names.into_iter().any(|name| name.to_str().unwrap().starts_with("verify-")));
    assert_eq!(serde_json::to_value(&secured).unwrap()["secured"], "backup");

    let to = integration_tests::unique_name();
    for command in [
        "list --format json".to_owned(),
        format!("verify {id}"),
        format!("restore latest --to {to}"),
    ] {
        let program = Program::new("backup").await.on(test.url()).args(&command);
        let run = program.env("BACKUP_DIR", place.path().join("backups")).run().await;
        assert_eq!(run.code, 0, "{run}");
        assert!(run.stdout.contains(id.as_str()), "{run}");
    }
}

#[tokio::test]
async fn an_empty_database_needs_no_backup_and_no_programs() {
    let place = tempfile::tempdir().unwrap();
    let test = TestDatabase::empty().await;
    let ledger = "CREATE TABLE seaql_migrations (version varchar PRIMARY KEY, applied_at bigint)";
    sql::run(test.db(), &format!("{ledger}; CREATE SCHEMA seaworthy; CREATE TABLE seaworthy.x ()"))
        .await;
    let secured = secure(&test, &place, &Programs::default()).await.unwrap();
    assert_eq!(secured, Secured::Nothing);
    assert!(!place.path().join("backups").exists());
    // What is not surely empty is not.
    for object in [
        "CREATE TABLE t ()",
        "CREATE SEQUENCE s",
        "CREATE MATERIALIZED VIEW v AS SELECT 1",
        "SELECT lo_create(0)",
        "ALTER TABLE seaql_migrations ADD COLUMN note text",
        "CREATE SCHEMA other; CREATE TABLE other.t ()",
    ] {
        let test = TestDatabase::empty().await;
        sql::run(test.db(), &format!("{ledger}; {object}")).await;
        let error = secure(&test, &place, &Programs::default()).await.unwrap_err();
        assert!(
            matches!(error, SecureError::Create(CreateError::NoClient(_))),
            "{object}: {error}"
        );
    }
}

#[tokio::test]
async fn without_pg_dump_nothing_is_secured_and_nothing_is_listed() {
    let (test, place) = (filled().await, tempfile::tempdir().unwrap());
    let error = secure(&test, &place, &Programs::default()).await.unwrap_err();
    assert!(matches!(error, SecureError::Create(CreateError::NoClient(_))), "{error}");
    assert!(!is_listed(&place).await);
}

#[tokio::test]
async fn a_folder_that_cannot_be_used_is_an_error() {
    let (test, place) = (filled().await, tempfile::tempdir().unwrap());
    let programs = installed().await;
    let folder = place.path().join("backups");
    fs::write(&folder, "a file").unwrap();
    let error = secure(&test, &place, &programs).await.unwrap_err();
    assert!(matches!(error, SecureError::Create(CreateError::Folder(_))), "{error}");
    fs::remove_file(&folder).unwrap();
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    let error = secure(&test, &place, &programs).await.unwrap_err();
    assert!(error.to_string().contains("can be written by others"), "{error}");
    assert_eq!(fs::read_dir(Path::new(&folder)).unwrap().count(), 0);
}

#[tokio::test]
async fn a_dump_that_fails_secures_nothing() {
    let (test, place) = (filled().await, tempfile::tempdir().unwrap());
    let fake = Fake::new(r#""$real" "$@"; echo "pg_dump: error: too late" >&2; exit 1"#).await;
    let error = secure(&test, &place, &with_fake(&fake).await).await.unwrap_err();
    assert!(matches!(error, SecureError::Create(CreateError::Dump { .. })), "{error}");
    assert!(!is_listed(&place).await);
}

#[tokio::test]
async fn a_backup_that_is_not_sound_is_named_with_what_is_wrong() {
    let (test, place) = (filled().await, tempfile::tempdir().unwrap());
    // It is an archive, and its end is missing: only who reads all of it can know.
    let fake = Fake::new(r#""$real" "$@" | head -c 1500"#).await;
    let error = secure(&test, &place, &with_fake(&fake).await).await.unwrap_err();
    let SecureError::Damaged { id, .. } = &error else { panic!("{error:?}") };
    let said = error.to_string();
    assert!(said.contains(id.as_str()) && said.contains("pg_restore cannot read"), "{said}");
}

#[tokio::test]
async fn a_backup_that_cannot_be_read_back_is_named_with_the_reason() {
    let (test, place) = (filled().await, tempfile::tempdir().unwrap());
    let fake = Fake::new(r#"exec "$real" "$@""#).await;
    let programs = with_fake(&fake).await;
    fs::remove_file(fake.file("pg_restore")).unwrap();
    let error = secure(&test, &place, &programs).await.unwrap_err();
    let SecureError::NotVerified { source: VerifyError::Start(_), id, .. } = &error else {
        panic!("{error:?}")
    };
    assert!(error.to_string().contains(id.as_str()), "{error}");
}
