//! The `migration` command as scripts and people meet it: exit code, stdout and stderr.

mod concurrent;
mod failures;
mod guards;
mod secrets;
mod stock;

use dbkit::DatabaseUrl;
use integration_tests::{Program, Run, TestDatabase, sql};
use serde_json::Value;

/// Runs `migration` with these arguments on this database.
pub(crate) async fn migration(url: &DatabaseUrl, arguments: &str) -> Run {
    Program::new("migration").await.on(url).args(arguments).run().await
}

#[track_caller]
pub(crate) fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run}"))
}

#[tokio::test]
async fn a_fresh_database_is_shown_and_migrated() {
    let test = TestDatabase::empty().await;
    assert_run!(migration(test.url(), "status").await, @"
    exit code 3
    --- stdout
    migration                                    state    since
    m20260112_090000_access                      pending
    m20260126_101500_audit                       pending
    m20260209_143000_sessions_and_preferences    pending
    m20260223_084500_school_people               pending
    m20260309_093000_school_classes              pending
    m20260323_111500_school_records              pending
    m20260413_100000_festival_catalogue          pending
    m20260427_134500_festival_programme          pending
    m20260511_091500_festival_social             pending
    m20260601_090000_add_users_display_name      pending
    m20260601_091000_fill_users_display_name     pending
    m20260615_090000_require_users_display_name  pending
    m20260706_073000_index_unread_notifications  pending
    m20260817_101000_enrollment_waitlist         pending

    0 applied, 14 pending
    ");
    assert_run!(migration(test.url(), "up -n 2").await, @"
    exit code 0
    --- stdout
    Applied 2 migration(s) to `[database]` on [server]
    --- stderr
    applied m20260112_090000_access in [n] ms
    applied m20260126_101500_audit in [n] ms
    ");
    assert_run!(migration(test.url(), "status").await, @"
    exit code 3
    --- stdout
    migration                                    state    since
    m20260112_090000_access                      applied  [time]
    m20260126_101500_audit                       applied  [time]
    m20260209_143000_sessions_and_preferences    pending
    m20260223_084500_school_people               pending
    m20260309_093000_school_classes              pending
    m20260323_111500_school_records              pending
    m20260413_100000_festival_catalogue          pending
    m20260427_134500_festival_programme          pending
    m20260511_091500_festival_social             pending
    m20260601_090000_add_users_display_name      pending
    m20260601_091000_fill_users_display_name     pending
    m20260615_090000_require_users_display_name  pending
    m20260706_073000_index_unread_notifications  pending
    m20260817_101000_enrollment_waitlist         pending

    2 applied, 12 pending
    ");
    assert_run!(migration(test.url(), "up").await, @"
    exit code 0
    --- stdout
    Applied 12 migration(s) to `[database]` on [server]
    --- stderr
    applied m20260209_143000_sessions_and_preferences in [n] ms
    applied m20260223_084500_school_people in [n] ms
    applied m20260309_093000_school_classes in [n] ms
    applied m20260323_111500_school_records in [n] ms
    applied m20260413_100000_festival_catalogue in [n] ms
    applied m20260427_134500_festival_programme in [n] ms
    applied m20260511_091500_festival_social in [n] ms
    applied m20260601_090000_add_users_display_name in [n] ms
    applied m20260601_091000_fill_users_display_name in [n] ms
    applied m20260615_090000_require_users_display_name in [n] ms
    applied m20260706_073000_index_unread_notifications in [n] ms
    applied m20260817_101000_enrollment_waitlist in [n] ms
    ");
    assert_run!(migration(test.url(), "up").await, @"
    exit code 0
    --- stdout
    Nothing to do in `[database]` on [server]
    ");
    assert_run!(migration(test.url(), "status").await, @"
    exit code 0
    --- stdout
    migration                                    state    since
    m20260112_090000_access                      applied  [time]
    m20260126_101500_audit                       applied  [time]
    m20260209_143000_sessions_and_preferences    applied  [time]
    m20260223_084500_school_people               applied  [time]
    m20260309_093000_school_classes              applied  [time]
    m20260323_111500_school_records              applied  [time]
    m20260413_100000_festival_catalogue          applied  [time]
    m20260427_134500_festival_programme          applied  [time]
    m20260511_091500_festival_social             applied  [time]
    m20260601_090000_add_users_display_name      applied  [time]
    m20260601_091000_fill_users_display_name     applied  [time]
    m20260615_090000_require_users_display_name  applied  [time]
    m20260706_073000_index_unread_notifications  applied  [time]
    m20260817_101000_enrollment_waitlist         applied  [time]

    14 applied, 0 pending
    ");
}

#[tokio::test]
async fn the_last_migrations_are_rolled_back_one_by_default() {
    let test = TestDatabase::migrated().await;
    assert_run!(migration(test.url(), "down --env testing").await, @"
    exit code 0
    --- stdout
    Rolled back 1 migration(s) of `[database]` on [server]:
      m20260817_101000_enrollment_waitlist: the schema is as it was before
    --- stderr
    rolled back m20260817_101000_enrollment_waitlist in [n] ms
    ");
    assert_run!(migration(test.url(), "down -n 2 --env testing").await, @"
    exit code 0
    --- stdout
    Rolled back 2 migration(s) of `[database]` on [server]:
      m20260706_073000_index_unread_notifications: the schema is as it was before
      m20260615_090000_require_users_display_name: the schema is as it was before
    --- stderr
    rolled back m20260706_073000_index_unread_notifications in [n] ms
    rolled back m20260615_090000_require_users_display_name in [n] ms
    ");
}

#[tokio::test]
async fn the_status_is_one_document() {
    let test = TestDatabase::empty().await;
    assert_eq!(migration(test.url(), "up -n 1").await.code, 0);
    let run = migration(test.url(), "status --format json").await;
    assert_eq!((run.code, run.stderr.as_str()), (3, ""), "{run}");
    let document = json(&run);
    assert_eq!(document["schema"], "seaworthy/migration.status/1");
    assert_eq!(document["ok"], false);
    let data = &document["data"];
    assert_eq!(
        (&data["applied"], &data["pending"], &data["missing"]),
        (&1.into(), &13.into(), &0.into())
    );
    let [first, second] = [0, 1].map(|place| &data["migrations"][place]);
    assert_eq!(
        (&first["name"], &first["state"]),
        (&"m20260112_090000_access".into(), &"applied".into())
    );
    let at = first["at"].as_str().unwrap();
    assert!(at.parse::<chrono::DateTime<chrono::Utc>>().is_ok(), "{at}");
    assert_eq!(
        second,
        &serde_json::json!({ "name": "m20260126_101500_audit", "state": "pending", "changed": false })
    );
}

#[tokio::test]
async fn without_a_command_pending_migrations_are_applied() {
    let test = TestDatabase::empty().await;
    let run = migration(test.url(), "--quiet").await;
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run}");
    assert_run!(run, @"
    exit code 0
    --- stdout
    Applied 14 migration(s) to `[database]` on [server]
    ");
}

#[tokio::test]
async fn the_answer_of_a_change_is_one_document() {
    let test = TestDatabase::empty().await;
    assert_run!(migration(test.url(), "up -n 1 --format json --quiet").await, @r#"
    exit code 0
    --- stdout
    {
      "schema": "seaworthy/migration.change/1",
      "ok": true,
      "data": {
        "database": "`[database]` on [server]",
        "rolled_back": [],
        "applied": [
          "m20260112_090000_access"
        ]
      }
    }
    "#);
    assert_run!(migration(test.url(), "down --env testing --format json --quiet").await, @r#"
    exit code 0
    --- stdout
    {
      "schema": "seaworthy/migration.down/1",
      "ok": true,
      "data": {
        "database": "`[database]` on [server]",
        "rolled_back": [
          {
            "name": "m20260112_090000_access",
            "verification": "exact"
          }
        ],
        "receipt": null,
        "backup": null
      }
    }
    "#);
}

#[tokio::test]
async fn all_goes_and_comes_back_in_three_ways() {
    let test = TestDatabase::migrated().await;
    sql::run(test.db(), "CREATE VIEW of_somebody AS SELECT 1").await;
    let left = "SELECT to_regclass('of_somebody') IS NOT NULL";
    assert_run!(migration(test.url(), "refresh --yes --quiet").await, @"
    exit code 0
    --- stdout
    Rolled back 14 and applied 14 migration(s) of `[database]` on [server]
    ");
    assert!(sql::value::<bool>(test.db(), left).await);
    assert_run!(migration(test.url(), "fresh --yes --quiet").await, @"
    exit code 0
    --- stdout
    Applied 14 migration(s) to `[database]` on [server]
    ");
    assert!(!sql::value::<bool>(test.db(), left).await);
    assert_run!(migration(test.url(), "reset --yes --quiet").await, @"
    exit code 0
    --- stdout
    Rolled back 14 migration(s) of `[database]` on [server]:
      m20260817_101000_enrollment_waitlist
      m20260706_073000_index_unread_notifications
      m20260615_090000_require_users_display_name
      m20260601_091000_fill_users_display_name
      m20260601_090000_add_users_display_name
      m20260511_091500_festival_social
      m20260427_134500_festival_programme
      m20260413_100000_festival_catalogue
      m20260323_111500_school_records
      m20260309_093000_school_classes
      m20260223_084500_school_people
      m20260209_143000_sessions_and_preferences
      m20260126_101500_audit
      m20260112_090000_access
    ");
    assert_run!(migration(test.url(), "down").await, @"
    exit code 0
    --- stdout
    Nothing to roll back in `[database]` on [server]
    ");
}

#[tokio::test]
async fn every_change_is_in_the_audit_trail() {
    let test = TestDatabase::empty().await;
    for arguments in ["up -n 1", "down", "fresh --yes"] {
        assert_eq!(migration(test.url(), arguments).await.code, 0);
    }
    // A change that a guard refuses is none.
    assert_eq!(migration(test.url(), "fresh").await.code, 4);
    let query = "SELECT concat_ws(' ', tool, command, outcome, environment)
                 FROM seaworthy.audit_events WHERE outcome <> 'step' ORDER BY id";
    assert_eq!(
        sql::column::<String>(test.db(), query).await,
        [
            "migration up -n 1 intent development",
            "migration up -n 1 done development",
            "migration down -n 1 intent development",
            "migration down -n 1 done development",
            "migration fresh intent development",
            "migration fresh done development",
        ]
    );
    let steps = "SELECT concat_ws(' ', detail ->> 'event', detail ->> 'migration')
                 FROM seaworthy.audit_events WHERE outcome = 'step' ORDER BY id LIMIT 4";
    assert_eq!(
        sql::column::<String>(test.db(), steps).await,
        [
            "started m20260112_090000_access",
            "applied m20260112_090000_access",
            "started m20260112_090000_access",
            "rolled back m20260112_090000_access",
        ]
    );
}

#[tokio::test]
async fn the_settings_say_where_they_came_from() {
    let test = TestDatabase::empty().await;
    let program = Program::new("migration").await.on(test.url()).args("config --format json");
    std::fs::write(program.folder().join(".env"), "SEED_DOMAIN=from.file\nAPP_ENV=testing")
        .unwrap();
    std::fs::write(program.folder().join("Cargo.lock"), "").unwrap();
    let run = program.env("SOURCE_DATE_EPOCH", "0").run().await;
    assert_eq!(run.code, 0, "{run}");
    let document = json(&run);
    assert_eq!(document["schema"], "seaworthy/config/1");
    let settings = document["data"]["settings"].as_array().unwrap();
    let origin = |name: &str| {
        let setting = settings.iter().find(|setting| setting["name"] == name).unwrap();
        setting["origin"].as_str().unwrap().to_owned()
    };
    assert_eq!(origin("DATABASE_URL"), "environment");
    assert_eq!(origin("SOURCE_DATE_EPOCH"), "environment");
    assert!(origin("SEED_DOMAIN").ends_with("/.env") && origin("APP_ENV").ends_with("/.env"));
    assert_eq!(origin("BACKUP_DIR"), "default");
}

#[tokio::test]
async fn every_shell_gets_its_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = Program::new("migration").await.args("completions").arg(shell).run().await;
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{shell}: {run}");
        assert!(run.stdout.contains("migration") && run.stdout.contains("refresh"), "{shell}");
    }
}

#[tokio::test]
async fn the_completions_are_a_script_that_bash_can_read() {
    let run = Program::new("migration").await.args("completions bash").run().await;
    let script = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(script.path(), run.stdout).unwrap();
    let checked = std::process::Command::new("bash").arg("-n").arg(script.path()).output();
    // Not every machine has bash.
    let Ok(checked) = checked else { return };
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}
