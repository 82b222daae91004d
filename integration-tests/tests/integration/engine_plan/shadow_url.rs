//! Where the throw-away database of a plan may be.

use integration_tests::{Program, Run, TestDatabase, sql};

async fn dry_run(test: &TestDatabase, url: &dbkit::DatabaseUrl, shadow: Option<&str>) -> Run {
    let mut program = Program::new("migration").await.on(test.url()).on(url).args("down --dry-run");
    if let Some(shadow) = shadow {
        program = program.arg("--shadow-url").arg(shadow);
    }
    program.run().await
}

#[tokio::test]
async fn the_target_is_never_its_own_shadow() {
    let test = TestDatabase::migrated().await;
    let run = dry_run(&test, test.url(), Some(test.url().expose())).await;
    assert_run!(run, @"
    exit code 4
    --- stderr
    error: database `[database]` cannot be its own shadow

    hint: name another, empty database with `--shadow-url URL`
    ");
    let applied = "SELECT count(*) FROM seaql_migrations";
    assert_eq!(sql::value::<i64>(test.db(), applied).await, 14);
}

#[tokio::test]
async fn a_role_that_may_not_create_databases_is_told_of_another_way() {
    let test = TestDatabase::migrated().await;
    let reader = test.reader().await;
    let run = dry_run(&test, &reader, None).await;
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{run}");
    assert!(run.stderr.contains("may not create the throw-away database"), "{run}");
    for way in ["`--shadow-url URL`", "`ALTER ROLE … CREATEDB`"] {
        assert!(run.stderr.contains(way), "{way}: {run}");
    }

    let lent = TestDatabase::empty().await;
    let run = dry_run(&test, &reader, Some(lent.url().expose())).await;
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stdout.contains("DROP TYPE enrollment_status_with_waitlist;"), "{run}");
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(sql::value::<i64>(lent.db(), tables).await, 0, "it is given back empty");
}

#[tokio::test]
async fn a_database_with_something_in_it_is_no_shadow() {
    let test = TestDatabase::migrated().await;
    let other = TestDatabase::empty().await;
    sql::run(other.db(), "CREATE TABLE precious ()").await;
    let run = dry_run(&test, test.url(), Some(other.url().expose())).await;
    assert_eq!(run.code, 4, "{run}");
    assert!(run.stderr.contains("precious"), "{run}");
}

#[tokio::test]
async fn what_is_no_url_is_said_without_its_password() {
    let test = TestDatabase::migrated().await;
    let run = dry_run(&test, test.url(), Some("mysql://me:secret@host/db")).await;
    assert_eq!(run.code, 2, "{run}");
    assert!(!run.to_string().contains("secret"), "{run}");
}
