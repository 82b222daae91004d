//! A wipe takes everything in the schema, whoever made it, and nothing else.

use chrono::DateTime;
use dbkit::{
    DatabaseUrl, Environment,
    audit::{self, Operation},
};
use integration_tests::{Engine, TestDatabase, sql};
use migration_engine::{Project, RunError, Snapshot, run};
use serde_json::json;
use uuid::Uuid;

/// One of everything that a schema can hold, some with names that must be quoted.
const ALL_KINDS: &str = r#"
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TYPE point3 AS (x int, y int, z int);
CREATE TYPE span AS RANGE (subtype = numeric);
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE SEQUENCE alone;
CREATE TABLE "we""ird; DROP" ("a b" positive, m mood);
CREATE TABLE serials (id serial PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY, p point3, s span);
CREATE TABLE parts (at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE parts_2026 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE children () INHERITS (serials);
CREATE TABLE one (id int PRIMARY KEY);
CREATE TABLE two (id int PRIMARY KEY REFERENCES one);
ALTER TABLE one ADD FOREIGN KEY (id) REFERENCES two;
CREATE VIEW of_nothing AS SELECT 1 AS one;
CREATE VIEW of_a_view AS SELECT * FROM of_nothing;
CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM serials;
CREATE FUNCTION plain(int) RETURNS int LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION plain(text) RETURNS text LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER touch BEFORE UPDATE ON serials FOR EACH ROW EXECUTE FUNCTION touch();
CREATE PROCEDURE act() LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
CREATE RULE ignore AS ON DELETE TO one DO INSTEAD NOTHING;
CREATE STATISTICS linked ON id, n FROM serials;
"#;

async fn wipe(test: &TestDatabase) {
    wipe_as(test.url(), test).await.unwrap();
}

async fn wipe_as(url: &DatabaseUrl, test: &TestDatabase) -> Result<(), RunError> {
    let permit = test.permit();
    Engine::default()
        .run(url, async |session, orders| {
            run::wipe(session, &Project::of(Vec::new()), &permit, orders).await
        })
        .await
}

async fn changes(before: &Snapshot, test: &TestDatabase) -> Vec<String> {
    let after = Snapshot::take(test.db()).await.unwrap();
    before.changes(&after).iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn of_every_kind_of_object_nothing_is_left() {
    let test = TestDatabase::empty().await;
    let nothing = Snapshot::take(test.db()).await.unwrap();
    sql::run(test.db(), ALL_KINDS).await;
    assert!(changes(&nothing, &test).await.len() > 40);
    wipe(&test).await;
    assert_eq!(changes(&nothing, &test).await, [""; 0]);
}

#[tokio::test]
async fn a_migrated_database_is_as_good_as_new() {
    let (test, empty) = (TestDatabase::migrated().await, TestDatabase::empty().await);
    wipe(&test).await;
    let nothing = Snapshot::take(empty.db()).await.unwrap();
    assert_eq!(changes(&nothing, &test).await, [""; 0]);
    wipe(&test).await;
}

#[tokio::test]
async fn an_extension_keeps_what_belongs_to_it() {
    let test = TestDatabase::empty().await;
    let available = "SELECT count(*) FROM pg_available_extensions WHERE name = 'citext'";
    if sql::value::<i64>(test.db(), available).await == 0 {
        return;
    }
    sql::run(test.db(), "CREATE EXTENSION citext").await;
    let before = Snapshot::take(test.db()).await.unwrap();
    sql::run(test.db(), "CREATE TABLE names (name citext); CREATE INDEX ON names (name)").await;
    wipe(&test).await;
    assert_eq!(changes(&before, &test).await, [""; 0]);
    assert!(sql::value::<bool>(test.db(), "SELECT 'A'::citext = 'a'::citext").await);
}

#[tokio::test]
async fn the_audit_trail_and_other_schemas_stay() {
    let test = TestDatabase::migrated().await;
    let operation = Operation {
        id: Uuid::nil(),
        tool: "test",
        command: "wipe".to_owned(),
        environment: Environment::Testing,
        actor: "somebody".to_owned(),
        host: "here".to_owned(),
    };
    let now = DateTime::UNIX_EPOCH;
    audit::begin(test.db(), &operation, json!({}), now).await.unwrap();
    sql::run(test.db(), "CREATE SCHEMA other CREATE TABLE kept (n int)").await;
    wipe(&test).await;
    let events = "SELECT count(*) FROM seaworthy.audit_events WHERE actor = 'somebody'";
    assert_eq!(sql::value::<i64>(test.db(), events).await, 1);
    assert_eq!(sql::value::<i64>(test.db(), "SELECT count(*) FROM other.kept").await, 0);
}

#[tokio::test]
async fn a_wipe_that_fails_leaves_everything() {
    let test = TestDatabase::migrated().await;
    // What somebody else owns cannot be dropped by a role that is not theirs.
    let owner = test.role("").await;
    let grant = format!("GRANT ALL ON SCHEMA public TO \"{}\"", owner.user().unwrap());
    sql::run(test.db(), &grant).await;
    sql::run(&sql::pool(&owner).await, "CREATE TABLE a_first ()").await;
    let before = Snapshot::take(test.db()).await.unwrap();
    wipe_as(&owner, &test).await.unwrap_err();
    assert_eq!(changes(&before, &test).await, [""; 0]);
}
