//! What our tools keep in a team's database: the audit trail, the stamp, and where they lie.

use chrono::DateTime;
use dbkit::{
    Environment,
    audit::{self, Operation, Outcome},
    house_schema::{self, Part},
    stamp,
};
use integration_tests::{TestDatabase, sql};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

const PART: Part = Part { name: "sample", steps: &["CREATE TABLE seaworthy.sample (n int)"] };

const PART_OF_TOMORROW: Part = Part {
    name: "sample",
    steps: &[
        "CREATE TABLE seaworthy.sample (n int)",
        "ALTER TABLE seaworthy.sample ADD COLUMN m int",
        "ALTER TABLE seaworthy.sample ADD CONSTRAINT sample_is_positive CHECK (m > 0)",
    ],
};

fn operation() -> Operation {
    Operation {
        id: Uuid::from_u128(7),
        tool: "migration",
        command: "up -n 2".to_owned(),
        environment: Environment::Staging,
        actor: "ann".to_owned(),
        host: "laptop".to_owned(),
    }
}

#[tokio::test]
async fn an_operation_leaves_its_intent_and_its_result() {
    let test = TestDatabase::empty().await;
    let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
    let intent = json!({ "break_glass": "an outage" });
    audit::begin(test.db(), &operation(), intent, at(1_000)).await.unwrap();
    let outcome = json!({ "class": "migration.failed" });
    audit::finish(test.db(), &operation(), Outcome::Failed, outcome, at(1_002)).await.unwrap();
    let query = "SELECT to_jsonb(e) - '{id,role,position,prev_hash,hash}'::text[]
                 FROM seaworthy.audit_events e ORDER BY id";
    let event = |at: &str, outcome: &str, detail: Value| {
        json!({
            "at": at, "outcome": outcome, "detail": detail,
            "operation_id": Uuid::from_u128(7), "tool": "migration", "command": "up -n 2",
            "environment": "staging", "actor": "ann", "host": "laptop",
        })
    };
    sql::run(test.db(), "SET TIME ZONE 'UTC'").await;
    assert_eq!(
        sql::column::<Value>(test.db(), query).await,
        [
            event("1970-01-01T00:16:40+00:00", "intent", json!({ "break_glass": "an outage" })),
            event("1970-01-01T00:16:42+00:00", "failed", json!({ "class": "migration.failed" })),
        ]
    );
    let role = "SELECT DISTINCT role FROM seaworthy.audit_events";
    assert_eq!(sql::column::<String>(test.db(), role).await, [test.url().user().unwrap()]);
}

#[tokio::test]
async fn what_is_in_the_trail_stays_as_it_is() {
    let test = TestDatabase::empty().await;
    audit::begin(test.db(), &operation(), json!({}), DateTime::UNIX_EPOCH).await.unwrap();
    for change in [
        "UPDATE seaworthy.audit_events SET actor = 'nobody'",
        "DELETE FROM seaworthy.audit_events",
        "TRUNCATE seaworthy.audit_events",
        // Statements are refused even if they would touch no row.
        "DELETE FROM seaworthy.audit_events WHERE false",
    ] {
        let error = test.db().execute_unprepared(change).await.unwrap_err();
        assert_eq!(sql::sqlstate(&error).as_deref(), Some("42501"), "{change}");
        assert!(error.to_string().contains("seaworthy.audit_events is append-only"), "{error}");
    }
    let query = "SELECT actor FROM seaworthy.audit_events";
    assert_eq!(sql::column::<String>(test.db(), query).await, ["ann"]);
}

#[tokio::test]
async fn the_first_stamp_stays() {
    let test = TestDatabase::empty().await;
    assert_eq!(stamp::read(test.db()).await.unwrap(), None);
    for environment in [Environment::Production, Environment::Development] {
        stamp::install(test.db()).await.unwrap();
        stamp::write(test.db(), environment).await.unwrap();
        assert_eq!(stamp::read(test.db()).await.unwrap(), Some(Environment::Production));
    }
}

#[tokio::test]
async fn every_environment_can_be_stamped_and_nothing_else() {
    for environment in Environment::ALL {
        let test = TestDatabase::empty().await;
        stamp::install(test.db()).await.unwrap();
        stamp::write(test.db(), environment).await.unwrap();
        assert_eq!(stamp::read(test.db()).await.unwrap(), Some(environment));
        let other = "UPDATE seaworthy.environment SET name = 'prod'";
        let error = test.db().execute_unprepared(other).await.unwrap_err();
        assert_eq!(sql::sqlstate(&error).as_deref(), Some("23514"));
    }
}

#[tokio::test]
async fn reading_needs_no_right_to_create() {
    let test = TestDatabase::empty().await;
    let reader = sql::pool(&test.reader().await).await;
    assert_eq!(stamp::read(&reader).await.unwrap(), None);
    assert!(!house_schema::is_installed(&reader, &PART).await.unwrap());
    stamp::install(test.db()).await.unwrap();
    stamp::write(test.db(), Environment::Staging).await.unwrap();
    assert_eq!(stamp::read(&reader).await.unwrap(), Some(Environment::Staging));
    let error = house_schema::install(&reader, &PART).await.unwrap_err();
    assert_eq!(sql::sqlstate(&error).as_deref(), Some("42501"));
    house_schema::install(test.db(), &PART).await.unwrap();
    house_schema::install(&reader, &PART).await.unwrap();
}

#[tokio::test]
async fn eight_tools_may_install_at_once_on_an_empty_database() {
    let test = TestDatabase::empty().await;
    let mut tools = JoinSet::new();
    for number in 0..8 {
        let url = test.url().clone();
        tools.spawn(async move {
            let db = sql::pool(&url).await;
            let operation = Operation { id: Uuid::from_u128(number), ..operation() };
            audit::begin(&db, &operation, json!({}), DateTime::UNIX_EPOCH).await.unwrap();
            stamp::install(&db).await.unwrap();
            stamp::write(&db, Environment::Testing).await.unwrap();
            house_schema::install(&db, &PART_OF_TOMORROW).await.unwrap();
        });
    }
    tools.join_all().await;
    let events = "SELECT count(*) FROM seaworthy.audit_events";
    assert_eq!(sql::value::<i64>(test.db(), events).await, 8);
    let steps = "SELECT part || ' ' || step FROM seaworthy.installed ORDER BY 1";
    assert_eq!(
        sql::column::<String>(test.db(), steps).await,
        ["audit 0", "audit 1", "sample 0", "sample 1", "sample 2", "stamp 0"]
    );
}

#[tokio::test]
async fn an_older_database_catches_up_and_a_newer_one_is_left_alone() {
    let test = TestDatabase::empty().await;
    house_schema::install(test.db(), &PART).await.unwrap();
    house_schema::install(test.db(), &PART_OF_TOMORROW).await.unwrap();
    sql::run(test.db(), "INSERT INTO seaworthy.sample (m) VALUES (1)").await;
    house_schema::install(test.db(), &PART).await.unwrap();
    assert_eq!(sql::value::<i32>(test.db(), "SELECT m FROM seaworthy.sample").await, 1);
}

#[tokio::test]
async fn a_step_that_fails_leaves_nothing_of_its_part() {
    const BROKEN: Part =
        Part { name: "broken", steps: &["CREATE TABLE seaworthy.half (n int)", "SELECT 1/0"] };
    let test = TestDatabase::empty().await;
    house_schema::install(test.db(), &BROKEN).await.unwrap_err();
    let left = "SELECT to_regnamespace('seaworthy') IS NOT NULL";
    assert!(!sql::value::<bool>(test.db(), left).await);
    assert!(!house_schema::is_installed(test.db(), &BROKEN).await.unwrap());
}

#[tokio::test]
async fn nothing_of_ours_lies_in_the_schema_of_the_team() {
    let test = TestDatabase::empty().await;
    audit::begin(test.db(), &operation(), json!({}), DateTime::UNIX_EPOCH).await.unwrap();
    stamp::install(test.db()).await.unwrap();
    stamp::write(test.db(), Environment::Testing).await.unwrap();
    let query = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    assert_eq!(sql::value::<i64>(test.db(), query).await, 0);
    let query = "SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace";
    assert_eq!(sql::value::<i64>(test.db(), query).await, 0);
}
