//! What `migration validate` answers, as scripts and people read it.

use integration_tests::{Program, TestDatabase, sql};
use serde_json::{Value, json};

use super::validate;

#[tokio::test]
async fn a_sound_database_passes_and_says_how_much_was_looked_at() {
    let test = TestDatabase::migrated().await;
    assert_run!(validate(&test, "--detailed").await, @"
    exit code 0
    --- stdout
    static: nothing found

    ledger: nothing found

    schema: nothing found

    data: nothing found

    advice: nothing found

    14 migrations, 14 applied, 32 entities, [n] objects, 14 replayed, 41 constraints, 96 indexes, 0 sequences checked: 0 error(s), 0 warning(s)
    ");
}

#[tokio::test]
async fn what_is_wrong_is_listed_by_level_with_the_worst_first() {
    let test = TestDatabase::migrated().await;
    let change = "ALTER TABLE classes ALTER COLUMN room TYPE varchar(4);
        ALTER TABLE users ALTER COLUMN full_name DROP NOT NULL;
        CREATE TABLE legacy (id serial PRIMARY KEY); INSERT INTO legacy VALUES (7)";
    sql::run(test.db(), change).await;
    assert_run!(validate(&test, "").await, @"
    exit code 3
    --- stdout
    static: nothing found

    ledger: nothing found

    schema:
      error drift.history: column public.classes.room
        column public.classes.room: text → character varying(4); it was not so after the last run of migrations
      error drift.history: column public.users.full_name
        column public.users.full_name: text NOT NULL → text; it was not so after the last run of migrations
      error drift.history: index public.legacy_pkey
        index public.legacy_pkey is extra: CREATE UNIQUE INDEX legacy_pkey ON public.legacy USING btree (id); it was not so after the last run of migrations
      error drift.history: sequence public.legacy_id_seq
        sequence public.legacy_id_seq is extra: integer 1 1 2147483647 1 1 f persistence=p owned_by=public.legacy.id/a; it was not so after the last run of migrations
      error drift.history: table public.legacy
        table public.legacy is extra: persistence=p rls=false/false replident=d; it was not so after the last run of migrations
      error entities.decode: column public.users.full_name
        it may be null and the field is no Option: decoding fails at the first row without a value; there is none now
        make the column NOT NULL, or the field an Option
      warning entities.insert: column public.classes.room
        it is character varying(4) and the field is text: the database refuses some values
      info entities.cosmetic: table public.legacy
        no entity maps it

    data:
      error data.sequence: sequence public.legacy_id_seq
        its next number is 1, and public.legacy.id has 7 already: an insert fails or repeats a number
        SELECT setval('public.legacy_id_seq', 7)

    14 migrations, 14 applied, 32 entities, [n] objects, 14 replayed, 41 constraints, 97 indexes, 1 sequences checked: 7 error(s), 1 warning(s)
    ");
    assert_run!(validate(&test, "--only data").await, @"
    exit code 3
    --- stdout
    data:
      error data.sequence: sequence public.legacy_id_seq
        its next number is 1, and public.legacy.id has 7 already: an insert fails or repeats a number
        SELECT setval('public.legacy_id_seq', 7)

    41 constraints, 97 indexes, 1 sequences checked: 1 error(s), 0 warning(s)
    ");
}

#[tokio::test]
async fn scripts_get_one_document_with_every_level() {
    let test = TestDatabase::migrated().await;
    let run = validate(&test, "--format json").await;
    assert_eq!(run.code, 0, "{run}");
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["schema"], "seaworthy/migration.validate/1");
    assert_eq!(document["ok"], true);
    let levels = document["data"]["levels"].as_array().unwrap();
    let names: Vec<_> = levels.iter().map(|level| &level["level"]).collect();
    assert_eq!(names, ["static", "ledger", "schema", "data"]);
    assert_eq!(levels[0]["counts"], json!({ "migrations": 14 }));
    assert_eq!(levels[1]["counts"], json!({ "applied": 14 }));
    assert_eq!(levels[2]["counts"]["entities"], 32);
    assert_eq!(levels[2]["counts"]["replayed"], 14);
    assert!(levels[2]["counts"]["objects"].as_u64().unwrap() > 700, "{run}");
    assert_eq!(document["data"]["errors"], 0);
}

#[tokio::test]
async fn a_table_that_is_gone_is_found_three_ways() {
    let test = TestDatabase::migrated().await;
    sql::run(test.db(), "DROP TABLE audit_logs").await;
    let run = validate(&test, "--skip data --format json").await;
    assert_eq!(run.code, 3, "{run}");
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["ok"], false);
    let findings = document["data"]["levels"][2]["findings"].as_array().unwrap();
    let of_table: Vec<_> = findings
        .iter()
        .filter(|it| it["subject"] == "table public.audit_logs")
        .map(|it| (it["check"].as_str().unwrap(), it["message"].as_str().unwrap()))
        .collect();
    assert_eq!(of_table.len(), 2, "{findings:?}");
    assert_eq!(of_table[0].0, "drift.history");
    assert!(of_table[0].1.ends_with("it was not so after the last run of migrations"));
    assert_eq!(of_table[1].0, "entities.decode");
}

#[tokio::test]
async fn a_role_that_may_only_read_may_validate_all_but_the_history() {
    let test = TestDatabase::migrated().await;
    let reader = test.reader().await;
    let of_reader = async |arguments: &str| {
        Program::new("migration").await.on(&reader).args("validate").args(arguments).run().await
    };
    let run = of_reader("--detailed").await;
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stdout.contains("warning drift.history: the schema\n    not checked: "), "{run}");
    assert!(run.stdout.contains("--shadow-url"), "{run}");
    sql::run(test.db(), "CREATE TABLE extra ()").await;
    let run = of_reader("--only schema").await;
    assert_eq!(run.code, 3, "{run}");
    assert!(run.stdout.contains("error drift.time: table public.extra\n"), "{run}");
}

#[tokio::test]
async fn the_code_alone_is_checked_without_a_database() {
    let run = Program::new("migration").await.args("validate --only static").run().await;
    assert_run!(run, @"
    exit code 0
    --- stdout
    static: nothing found

    14 migrations checked: 0 error(s), 0 warning(s)
    ");
}
