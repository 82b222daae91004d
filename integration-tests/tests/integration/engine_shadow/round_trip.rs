//! Up, down and up again: the project's history passes, and no wrong way down does.

use std::sync::Mutex;

use dbkit::DatabaseUrl;
use integration_tests::{Program, TestDatabase, sql};
use migration::Migrator;
use migration_engine::{
    Fill, Metadata, Project, RoundTrip, Severity,
    round_trip::{RoundTripEvent, round_trip},
};
use sea_orm_migration::MigrationTrait;

use super::{Script, options, script};
use crate::seeder::{DAY, SYSTEM_PASSWORD};

/// Fills a database as a developer does.
struct Seeder;

#[async_trait::async_trait]
impl Fill for Seeder {
    async fn fill(&self, url: &DatabaseUrl) -> Result<(), String> {
        let seeder = Program::new("seeder").await.on(url).args(DAY);
        let run = seeder.env("SEED_SYSTEM_PASSWORD", SYSTEM_PASSWORD).run().await;
        if run.code == 0 { Ok(()) } else { Err(run.to_string()) }
    }
}

/// Fills a database by SQL.
struct Rows(&'static str);

#[async_trait::async_trait]
impl Fill for Rows {
    async fn fill(&self, url: &DatabaseUrl) -> Result<(), String> {
        sql::run(&sql::pool(url).await, self.0).await;
        Ok(())
    }
}

fn history(scripts: &[Script]) -> Project {
    let boxed = |script: &Script| Box::new(*script) as Box<dyn MigrationTrait>;
    Project::of(scripts.iter().map(boxed).collect())
}

async fn trip(project: &Project, fill: Option<&dyn Fill>) -> RoundTrip {
    let test = TestDatabase::empty().await;
    round_trip(test.url(), &options(), project, fill, &()).await.unwrap()
}

fn told(trip: &RoundTrip) -> Vec<String> {
    let findings = trip.findings.iter();
    findings
        .map(|finding| format!("{} {}: {}", finding.severity, finding.check, finding.message))
        .collect()
}

#[tokio::test]
async fn this_projects_history_makes_the_round_trip() {
    let test = TestDatabase::empty().await;
    let events = Mutex::new(Vec::new());
    let project = Project::new::<Migrator>(Vec::new(), "");
    let trip = round_trip(test.url(), &options(), &project, None, &events).await.unwrap();
    let count = project.migrations().len();
    assert_eq!((trip.tried, trip.tried_filled, told(&trip)), (count, None, Vec::new()));
    assert_eq!(events.into_inner().unwrap().len(), count);
}

#[tokio::test]
async fn it_does_so_with_the_seeders_data_in_place() {
    let project = Project::new::<Migrator>(Vec::new(), "");
    let trip = trip(&project, Some(&Seeder)).await;
    assert_eq!(told(&trip), [""; 0]);
    assert_eq!(trip.tried_filled, Some(project.migrations().len()));
}

const BASE: Script = script(
    "base",
    "CREATE TABLE a (id bigint PRIMARY KEY, n int DEFAULT 1, CONSTRAINT a_n_check CHECK (n > 0));
     CREATE TABLE b (a_id bigint CONSTRAINT b_a_fkey REFERENCES a);
     CREATE INDEX a_n_idx ON a (n); COMMENT ON COLUMN a.n IS 'how many';
     CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
     CREATE TRIGGER a_trigger BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f()",
    "DROP TABLE b; DROP TABLE a; DROP FUNCTION f",
);

/// What is wrong, the way up, the wrong way down, the check that finds it, and what is named.
const WRONG: &[(&str, &str, &str, &str, &str)] = &[
    (
        "left-over enum",
        "CREATE TYPE mood AS ENUM ('x'); ALTER TABLE a ADD mood mood",
        "ALTER TABLE a DROP mood",
        "round-trip.down",
        "type public.mood is extra",
    ),
    (
        "lost foreign key through CASCADE",
        "ALTER TABLE a DROP CONSTRAINT a_pkey CASCADE; ALTER TABLE a ADD CONSTRAINT a_pk PRIMARY KEY (id)",
        "ALTER TABLE a RENAME CONSTRAINT a_pk TO a_pkey",
        "round-trip.down",
        "constraint public.b.b_a_fkey is missing",
    ),
    (
        "renamed constraint",
        "ALTER TABLE a DROP CONSTRAINT a_n_check",
        "ALTER TABLE a ADD CONSTRAINT a_check CHECK (n > 0)",
        "round-trip.down",
        "constraint public.a.a_n_check is renamed to a_check",
    ),
    (
        "lost comment",
        "ALTER TABLE a DROP n",
        "ALTER TABLE a ADD n int DEFAULT 1 CONSTRAINT a_n_check CHECK (n > 0); CREATE INDEX a_n_idx ON a (n)",
        "round-trip.down",
        "comment on column n of table public.a is missing",
    ),
    (
        "left-over sequence",
        "CREATE SEQUENCE s; ALTER TABLE a ADD m bigint DEFAULT nextval('s')",
        "ALTER TABLE a DROP m",
        "round-trip.down",
        "sequence public.s is extra",
    ),
    (
        "lost default",
        "ALTER TABLE a ALTER n SET DEFAULT 2",
        "ALTER TABLE a ALTER n DROP DEFAULT",
        "round-trip.down",
        "column public.a.n: integer DEFAULT 1 → integer",
    ),
    (
        "lost index",
        "DROP INDEX a_n_idx",
        "SELECT 1",
        "round-trip.down",
        "index public.a_n_idx is missing",
    ),
    (
        "seed rows that block going up again",
        "INSERT INTO a VALUES (1)",
        "SELECT 1",
        "round-trip.up-again",
        "wrong cannot be applied again: ",
    ),
    (
        "seed rows that stay",
        "INSERT INTO b VALUES (NULL)",
        "SELECT 1",
        "round-trip.rows",
        "table public.b had 0 rows and has 1",
    ),
    (
        "lost trigger",
        "DROP TRIGGER a_trigger ON a",
        "SELECT 1",
        "round-trip.down",
        "trigger public.a.a_trigger is missing",
    ),
    (
        "left-over function",
        "CREATE FUNCTION g() RETURNS int RETURN 1",
        "SELECT 1",
        "round-trip.down",
        "routine public.g() is extra",
    ),
    (
        "changed column type",
        "ALTER TABLE a DROP CONSTRAINT a_n_check, ALTER n DROP DEFAULT, ALTER n TYPE text USING n::text",
        "ALTER TABLE a ALTER n TYPE bigint USING n::bigint; ALTER TABLE a ALTER n SET DEFAULT 1;
         ALTER TABLE a ADD CONSTRAINT a_n_check CHECK (n > 0)",
        "round-trip.down",
        "column public.a.n: integer DEFAULT 1 → bigint DEFAULT 1",
    ),
    (
        "changed view",
        "CREATE OR REPLACE VIEW v AS SELECT 2 AS x",
        "DROP VIEW v",
        "round-trip.down",
        "view public.v is missing",
    ),
    (
        "no way down",
        "CREATE TABLE c ()",
        "SELECT 1/0",
        "round-trip.down",
        "wrong cannot be rolled back: ",
    ),
];

#[tokio::test]
async fn every_wrong_way_down_is_found_and_its_object_named() {
    let mut missed = Vec::new();
    for &(what, up, down, check, named) in WRONG {
        let base = script("view", "CREATE VIEW v AS SELECT 1 AS x", "DROP VIEW v");
        let trip = trip(&history(&[BASE, base, script("wrong", up, down)]), None).await;
        let found = |finding: &migration_engine::Finding| {
            finding.severity == Severity::Error
                && finding.check == check
                && finding.message.contains(named)
        };
        if !trip.findings.iter().any(found) {
            missed.push(format!("{what}: {}", told(&trip).join("; ")));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[tokio::test]
async fn what_comes_after_a_migration_that_does_not_come_back_is_tried_all_the_same() {
    let scripts = [
        BASE,
        script("enum", "CREATE TYPE mood AS ENUM ('x')", "SELECT 1"),
        script("after", "CREATE TABLE c (mood mood); CREATE TABLE d ()", "DROP TABLE c"),
    ];
    let trip = trip(&history(&scripts), None).await;
    let told = told(&trip);
    let [extra, again, left, left_again] = &told[..] else { panic!("{told:#?}") };
    assert_eq!(extra, "error round-trip.down: enum down: type public.mood is extra: ENUM 'x'");
    assert!(
        again.starts_with("error round-trip.up-again: enum cannot be applied again: "),
        "{again}"
    );
    assert!(
        left.starts_with("error round-trip.down: after down: table public.d is extra"),
        "{left}"
    );
    assert!(left_again.starts_with("error round-trip.up-again: after cannot"), "{left_again}");
    assert_eq!(trip.tried, 3);
}

#[tokio::test]
async fn rows_that_a_way_down_deletes_elsewhere_are_found_where_there_is_data() {
    let scripts = [BASE, script("wrong", "CREATE TABLE c ()", "DROP TABLE c; DELETE FROM b")];
    let fill = Rows(
        "INSERT INTO a VALUES (1); INSERT INTO b VALUES (1), (1); INSERT INTO c DEFAULT VALUES",
    );
    let trip = trip(&history(&scripts), Some(&fill)).await;
    let expected = "error round-trip.rows: wrong down and up: table public.b had 2 rows and has 0";
    assert_eq!(told(&trip), [expected]);
    assert_eq!(trip.tried_filled, Some(2));
}

#[tokio::test]
async fn a_way_down_that_fails_on_data_is_found_where_there_is_data() {
    let wrong = script(
        "wrong",
        "ALTER TABLE a ALTER n DROP NOT NULL",
        "ALTER TABLE a ALTER n SET NOT NULL",
    );
    let base = script("base", "CREATE TABLE a (n int NOT NULL)", "DROP TABLE a");
    let trip = trip(&history(&[base, wrong]), Some(&Rows("INSERT INTO a VALUES (NULL)"))).await;
    let told = told(&trip);
    assert!(
        told[0].starts_with("error round-trip.down: wrong cannot be rolled back: "),
        "{told:#?}"
    );
    assert_eq!(
        told[1..],
        ["info round-trip.down: 1 migrations before it were not tried with data"]
    );
    assert_eq!((trip.tried, trip.tried_filled), (2, Some(1)));
}

#[tokio::test]
async fn a_way_down_that_refuses_because_of_data_is_no_failure() {
    let down = "DO $$ BEGIN IF EXISTS (SELECT FROM a) THEN
                RAISE EXCEPTION 'there are rows' USING ERRCODE = '55000'; END IF; END $$; DROP TABLE a";
    let scripts = [script("careful", "CREATE TABLE a (n int)", down)];
    let trip = trip(&history(&scripts), Some(&Rows("INSERT INTO a VALUES (1)"))).await;
    let [finding] = &trip.findings[..] else { panic!("{:#?}", trip.findings) };
    assert_eq!(finding.severity, Severity::Info);
    assert!(finding.message.contains("there are rows"), "{}", finding.message);
}

#[tokio::test]
async fn a_migration_that_says_it_is_irreversible_may_refuse_if_it_changes_nothing() {
    let metadata = Metadata {
        name: "final".to_owned(),
        irreversible: Some("the letters are sent".to_owned()),
        ..Metadata::default()
    };
    let refuses = script("final", "CREATE TABLE a ()", "SELECT 1/0");
    let after = script("after", "CREATE TABLE b ()", "DROP TABLE b");
    let project = history(&[refuses, after]).with_metadata(vec![metadata.clone()]);
    let found = trip(&project, None).await;
    let severities: Vec<_> = found.findings.iter().map(|finding| finding.severity).collect();
    assert_eq!(severities, [Severity::Info]);

    let half = Script {
        transaction: false,
        ..script("final", "CREATE TABLE a ()", "COMMIT; DROP TABLE a; COMMIT; SELECT 1/0")
    };
    let project = history(&[half, after]).with_metadata(vec![metadata]);
    let found = trip(&project, None).await;
    assert_eq!(found.findings[0].severity, Severity::Error, "{:#?}", told(&found));
    assert_eq!(found.tried, 2);
}

#[tokio::test]
async fn every_step_is_told() {
    let (test, events) = (TestDatabase::empty().await, Mutex::new(Vec::new()));
    let project = history(&[BASE]);
    let fill = Rows("SELECT 1");
    round_trip(test.url(), &options(), &project, Some(&fill), &events).await.unwrap();
    let trying =
        |filled| RoundTripEvent::Trying { name: "base".to_owned(), filled, number: 1, total: 1 };
    assert_eq!(
        events.into_inner().unwrap(),
        [trying(false), RoundTripEvent::Filling, trying(true)]
    );
}
