//! What the command says when it cannot do what it was asked to.

use integration_tests::{Behaviour, Program, Proxy, TestDatabase, sql};
use migration_engine::LOCK;

use super::migration;

#[tokio::test]
async fn where_nobody_answers_the_hint_says_what_to_start() {
    let test = TestDatabase::empty().await;
    let proxy = Proxy::closed(test.url(), Behaviour::Forward);
    assert_run!(migration(proxy.url(), "up").await, @"
    exit code 1
    --- stderr
    error: no PostgreSQL server answers at [server]
      caused by: error communicating with database: Connection refused (os error [n])

    hint: start that server or correct DATABASE_URL; in development, unset DATABASE_URL to use the local server: `cargo run -p seeder -- db start`
    ");
    assert_run!(migration(proxy.url(), "up --format json").await, @r#"
    exit code 1
    --- stdout
    {
      "schema": "seaworthy/failure/1",
      "ok": false,
      "exit": 1,
      "class": "connect.unreachable",
      "error": "no PostgreSQL server answers at [server]",
      "causes": [
        "error communicating with database: Connection refused (os error [n])",
        "Connection refused (os error [n])"
      ],
      "hints": [
        "start that server or correct DATABASE_URL; in development, unset DATABASE_URL to use the local server: `cargo run -p seeder -- db start`"
      ]
    }
    "#);
}

#[tokio::test]
async fn a_database_that_does_not_exist_is_to_be_created() {
    let test = TestDatabase::empty().await;
    let url = test.url().with_database("no_such_database");
    assert_run!(migration(&url, "status").await, @"
    exit code 1
    --- stderr
    error: the server at [server] has no database `no_such_database`

    hint: create it: `createdb no_such_database`
    ");
}

#[tokio::test]
async fn a_role_that_does_not_exist_is_to_be_corrected() {
    let mut cluster = integration_tests::Cluster::start().await;
    let ask = "host all all all scram-sha-256\nlocal all all trust\n";
    cluster.restart(&[], |cluster| cluster.write("pg_hba.conf", ask)).await;
    let run = migration(&cluster.tcp("tester:secret", "127.0.0.1", ""), "up").await;
    assert!(!run.to_string().contains("secret"), "{run}");
    assert_run!(run, @r#"
    exit code 1
    --- stderr
    error: the server at [server] does not let `[user]` in
      caused by: error returned from database: password authentication failed for user "tester"

    hint: correct the role `[user]` or its password in DATABASE_URL
    "#);
}

#[tokio::test]
async fn an_unknown_environment_brings_the_nearest_one_to_mind() {
    let test = TestDatabase::empty().await;
    assert_run!(migration(test.url(), "up --env prodution").await, @"
    exit code 2
    --- stderr
    error: the environment (from flag) is unknown
      caused by: `prodution` is not an environment

    hint: did you mean `production`?
    ");
    assert_run!(migration(test.url(), "up --env moon").await, @"
    exit code 2
    --- stderr
    error: the environment (from flag) is unknown
      caused by: `moon` is not an environment

    hint: the environments are development, testing, staging and production
    ");
}

#[tokio::test]
async fn an_unknown_command_brings_the_nearest_one_to_mind() {
    let test = TestDatabase::empty().await;
    assert_run!(migration(test.url(), "statsu").await, @"
    exit code 2
    --- stderr
    error: unrecognized subcommand 'statsu'

      tip: a similar subcommand exists: 'status'

    Usage: migration [OPTIONS] [COMMAND]

    For more information, try '--help'.
    ");
    assert_run!(migration(test.url(), "down --stpes 2").await, @"
    exit code 2
    --- stderr
    error: unexpected argument '--stpes' found

      tip: a similar argument exists: '--steps'

    Usage: migration down --steps <N>

    For more information, try '--help'.
    ");
    assert_run!(migration(test.url(), "down -n two").await, @"
    exit code 2
    --- stderr
    error: invalid value 'two' for '--steps <N>': invalid digit found in string

    For more information, try '--help'.
    ");
}

#[tokio::test]
async fn no_database_is_guessed_outside_development() {
    for environment in ["testing", "staging", "production"] {
        let program = Program::new("migration").await.args("up --env").arg(environment);
        let run = program.run().await;
        assert_eq!(run.code, 2, "{run}");
        assert!(run.stderr.contains("DATABASE_URL is not set"), "{run}");
        assert_eq!(run.stdout, "");
    }
}

#[tokio::test]
async fn a_database_that_is_ahead_of_the_binary_is_refused() {
    let test = TestDatabase::migrated().await;
    let ahead = "INSERT INTO seaql_migrations VALUES ('m20990101_000000_tomorrow', 4070908800)";
    sql::run(test.db(), ahead).await;
    assert_run!(migration(test.url(), "up").await, @"
    exit code 4
    --- stderr
    error: the database has migrations that this binary does not know: m20990101_000000_tomorrow

    hint: run the newer binary that has them, or roll them back with `migration down --from-ledger`
    ");
    assert_run!(migration(test.url(), "down").await, @"
    exit code 4
    --- stderr
    error: the database has migrations that this binary does not know: m20990101_000000_tomorrow

    hint: run the newer binary that has them, or roll them back with `migration down --from-ledger`
    ");
    let status = migration(test.url(), "status").await;
    assert_eq!(status.code, 3, "{status}");
    assert!(
        status.stdout.ends_with("14 applied, 0 pending, 1 unknown to this binary\n"),
        "{status}"
    );
}

#[tokio::test]
async fn a_database_of_somebody_else_is_refused() {
    let test = TestDatabase::empty().await;
    sql::run(test.db(), "CREATE TABLE customers (); CREATE TABLE orders ()").await;
    assert_run!(migration(test.url(), "up").await, @"
    exit code 4
    --- stderr
    error: the database has 2 tables that no migration made (customers, orders)

    hint: point DATABASE_URL to an empty database, or to one that was migrated before
    ");
    assert_run!(migration(test.url(), "up --format json").await, @r#"
    exit code 4
    --- stdout
    {
      "schema": "seaworthy/failure/1",
      "ok": false,
      "exit": 4,
      "class": "migration.not_ours",
      "error": "the database has 2 tables that no migration made (customers, orders)",
      "causes": [],
      "hints": [
        "point DATABASE_URL to an empty database, or to one that was migrated before"
      ]
    }
    "#);
}

#[tokio::test]
async fn a_role_that_may_only_read_may_ask_and_not_change() {
    let test = TestDatabase::empty().await;
    assert_eq!(migration(test.url(), "up -n 13").await.code, 0);
    let reader = test.reader().await;
    let status = migration(&reader, "status").await;
    assert_eq!(status.code, 3, "{status}");
    assert_run!(migration(&reader, "up").await, @"
    exit code 1
    --- stderr
    error: cannot write the audit trail
      caused by: Execution Error: error returned from database: permission denied for table audit_events

    hint: this role may not do that: connect as the role that owns the database
    ");
}

#[tokio::test]
async fn a_failing_migration_names_what_is_committed_and_what_to_do() {
    let test = TestDatabase::empty().await;
    assert_eq!(migration(test.url(), "up -n 6").await.code, 0);
    // What the seventh migration wants to create is there already.
    sql::run(test.db(), "CREATE TYPE event_status AS ENUM ()").await;
    let run = migration(test.url(), "up").await;
    assert_eq!(run.code, 1, "{run}");
    assert_run!(run, @r#"
    exit code 1
    --- stderr
    error: m20260413_100000_festival_catalogue was not applied, and nothing of it is left
      caused by: something of that name is there already (SQLSTATE 42710)
      caused by: Execution Error: error returned from database: type "event_status" already exists

    hint: this run changed nothing; correct it, then run `migration up` again
    "#);
}

#[tokio::test]
async fn a_migration_that_stopped_half_way_has_its_own_exit_code() {
    let test = TestDatabase::empty().await;
    assert_eq!(migration(test.url(), "up -n 12").await.code, 0);
    // The index of the thirteenth migration runs outside a transaction.
    sql::run(test.db(), "CREATE INDEX notifications_unread_idx ON notifications (user_id)").await;
    assert_run!(migration(test.url(), "up").await, @r#"
    exit code 6
    --- stderr
    error: m20260706_073000_index_unread_notifications was not applied, and a part of it may be there: it runs outside a transaction
      caused by: something of that name is there already (SQLSTATE 42P07)
      caused by: Execution Error: error returned from database: relation "notifications_unread_idx" already exists

    hint: drop what has that name, then `migration resolve m20260706_073000_index_unread_notifications --retry --reason TEXT` lets it begin anew; if it is what the migration makes, and all of it, say `--applied` instead; then `migration up`
    "#);
}

#[tokio::test]
async fn a_connection_that_is_cut_in_a_migration_leaves_nothing_of_it() {
    let test = TestDatabase::empty().await;
    let proxy = Proxy::start(test.url(), Behaviour::CutBefore("CREATE TABLE subjects"));
    let run = migration(proxy.url(), "up").await;
    assert_eq!(run.code, 1, "{run}");
    assert_run!(run, @"
    exit code 1
    --- stderr
    applied m20260112_090000_access in [n] ms
    applied m20260126_101500_audit in [n] ms
    applied m20260209_143000_sessions_and_preferences in [n] ms
    applied m20260223_084500_school_people in [n] ms
    error: m20260309_093000_school_classes was not applied, and nothing of it is left
      caused by: the database could not be talked to
      caused by: Execution Error: error communicating with database: expected to read 5 bytes, got 0 bytes at EOF

    hint: the 4 before it are committed (m20260112_090000_access, m20260126_101500_audit, m20260209_143000_sessions_and_preferences, m20260223_084500_school_people); correct it, then run `migration up` again
    ");
    let types = "SELECT count(*) FROM pg_type WHERE typname IN ('enrollment_status', 'weekday')";
    assert_eq!(sql::value::<i64>(test.db(), types).await, 0);
    let applied = "SELECT count(*) FROM seaql_migrations";
    assert_eq!(sql::value::<i64>(test.db(), applied).await, 4);
    assert_eq!(migration(test.url(), "up").await.code, 0);
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_looked_up_and_not_done_twice() {
    let test = TestDatabase::empty().await;
    assert_eq!(migration(test.url(), "up -n 1").await.code, 0);
    let proxy = Proxy::start(test.url(), Behaviour::CutAfter("COMMIT"));
    let run = migration(proxy.url(), "up -n 1").await;
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stdout.contains("Applied 1 migration(s)"), "{run}");
    let applied = "SELECT count(*) FROM seaql_migrations";
    assert_eq!(sql::value::<i64>(test.db(), applied).await, 2);
    let next = migration(test.url(), "up").await;
    assert_eq!(next.code, 0, "{next}");
    assert_eq!(sql::value::<i64>(test.db(), applied).await, 14);
}

#[tokio::test]
async fn a_lock_that_somebody_holds_is_reported_with_its_holder() {
    let test = TestDatabase::migrated().await;
    assert_eq!(migration(test.url(), "down --env testing").await.code, 0);
    let options = dbkit::ConnectOptions::new("deploy 42");
    let wait = std::time::Duration::ZERO;
    let lock = dbkit::lock::acquire(test.url(), &options, LOCK, wait).await.unwrap();
    assert_run!(migration(test.url(), "up --lock-wait 0").await, @"
    exit code 5
    --- stderr
    error: another migration run is under way: deploy 42 of [user] (pid [n], connected for [n] s)

    hint: wait for it to end, then run the command again (`--lock-wait SECONDS`)
    ");
    assert_run!(migration(test.url(), "down --env testing --lock-wait 0 --format json").await, @r#"
    exit code 5
    --- stdout
    {
      "schema": "seaworthy/failure/1",
      "ok": false,
      "exit": 5,
      "class": "lock.held",
      "error": "another migration run is under way: deploy 42 of [user] (pid [n], connected for [n] s)",
      "causes": [],
      "hints": [
        "wait for it to end, then run the command again (`--lock-wait SECONDS`)"
      ]
    }
    "#);
    let status = migration(test.url(), "status").await;
    assert_eq!(status.code, 3, "a reader needs no lock: {status}");
    lock.release().await.unwrap();
    assert_eq!(migration(test.url(), "up --lock-wait 0").await.code, 0);
}
