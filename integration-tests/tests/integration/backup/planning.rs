//! What a restore says that it would do, and which backup it would take.

use integration_tests::{TestDatabase, sql};
use serde_json::{Value, json};

use super::Place;
use crate::{
    content::{assert_same, whole},
    seeder::{assert_failed, document},
    watching::Held,
};

#[tokio::test]
async fn a_plan_tells_what_would_be_lost_and_changes_nothing() {
    let place = Place::of(TestDatabase::migrated().await);
    let role = place.test.role("").await.user().unwrap();
    let first = "CREATE TABLE people (id int); INSERT INTO people SELECT generate_series(1, 7);
                 CREATE TABLE dropped (id int); INSERT INTO dropped VALUES (1)";
    sql::run(place.test.db(), first).await;
    sql::run(place.test.db(), &format!("ALTER TABLE people OWNER TO {role}")).await;
    place.create().await;
    let later = "INSERT INTO people VALUES (8), (9); DROP TABLE dropped; CREATE TABLE added ();
                 INSERT INTO seaql_migrations (version, applied_at) VALUES ('m99999999_later', 0);
                 DELETE FROM seaql_migrations WHERE version = (SELECT min(version) FROM seaql_migrations)";
    sql::run(place.test.db(), later).await;
    sql::run(
        place.test.db(),
        &format!(
            "REASSIGN OWNED BY {role} TO CURRENT_USER; ALTER ROLE {role} RENAME TO {role}_now"
        ),
    )
    .await;
    let held = Held::take(place.test.url(), "SELECT 1").await;
    let before = whole(place.test.db()).await;
    let plan = place.answer("restore --plan").await;
    assert_same(&before, &whole(place.test.db()).await);
    held.release().await;

    let table = |name: &str| {
        let tables = plan["tables"].as_array().unwrap().iter();
        let found = tables.filter(|table| table["name"] == name).collect::<Vec<_>>();
        (found[0]["live"].clone(), found[0]["backup"].clone())
    };
    assert_eq!(plan["mode"], "swap");
    assert_eq!(table("people"), (json!(9), json!(7)));
    assert_eq!(table("dropped"), (Value::Null, json!(1)));
    assert_eq!(table("added"), (json!(0), Value::Null));
    assert_eq!(plan["migrations_lost"], json!(["m99999999_later"]));
    assert_eq!(plan["migrations_back"].as_array().unwrap().len(), 1);
    assert_eq!(plan["roles_missing"], json!([role]));
    assert_eq!(plan["extensions_missing"], json!([]));
    let sessions = plan["sessions"].as_array().unwrap();
    let tests = sessions.iter().find(|session| session["application"] == "seaworthy test").unwrap();
    assert!(tests["sessions"].as_u64().unwrap() >= 1, "{sessions:?}");
    assert!(plan["space"]["server_needs"].as_u64().unwrap() > 1_000_000, "{plan}");
    assert!(plan["space"]["here_free"].as_u64().unwrap() > 0, "{plan}");
    assert!(plan["client_version"].as_str().is_some_and(|version| !version.is_empty()));

    let text = place.run("restore --plan").await;
    assert_eq!(text.code, 0, "{text}");
    for part in
        ["public.people", "rows now", "m99999999_later", &role, "cut off", "Nothing was changed"]
    {
        assert!(text.stdout.contains(part), "{part}: {text}");
    }
    sql::run(place.test.db(), &format!("ALTER ROLE {role}_now RENAME TO {role}")).await;
}

#[tokio::test]
async fn a_plan_names_what_stands_in_the_way() {
    let place = Place::small().await;
    place.create().await;
    sql::run(place.test.db(), "CREATE VIEW named AS SELECT name FROM people").await;
    let run = place.run("restore --tables people --plan --format json").await;
    assert_eq!(run.code, 3, "{run}");
    let data = document(&run)["data"].clone();
    assert_eq!(data["obstacles"], json!(["view public.named needs a table"]));
    assert_eq!(data["tables"].as_array().unwrap().len(), 1);
    let other = Place::small().await;
    let id = place.list().await.0[0]["id"].as_str().unwrap().to_owned();
    let run = place.program(&format!("restore {id} --plan")).await.on(other.test.url()).run().await;
    assert_eq!(run.code, 3, "{run}");
    assert!(run.stdout.contains("in the way: "), "{run}");
}

#[tokio::test]
async fn the_backup_that_is_meant_is_found_by_proof_kind_and_migration() {
    let place = Place::of(TestDatabase::migrated().await);
    sql::run(place.test.db(), "CREATE TABLE marks (n int)").await;
    let head: String =
        sql::value(place.test.db(), "SELECT max(version) FROM seaql_migrations").await;
    let mut ids = Vec::new();
    for arguments in ["", "--kind scheduled", ""] {
        let created = place.answer(&format!("create {arguments}")).await;
        ids.push(created["id"].as_str().unwrap().to_owned());
        let more = "INSERT INTO marks VALUES (1);
                    INSERT INTO seaql_migrations VALUES ('n' || (SELECT count(*) FROM marks), 0)";
        sql::run(place.test.db(), more).await;
    }
    let chosen = async |arguments: &str| {
        let plan = place.answer(&format!("restore {arguments} --plan")).await;
        plan["backup"].as_str().unwrap().to_owned()
    };
    assert_eq!(chosen("latest").await, ids[2]);
    assert_eq!(chosen("latest:scheduled").await, ids[1]);
    assert_eq!(chosen(&format!("--to-migration {head}")).await, ids[0]);
    assert_eq!(chosen("--to-migration n1").await, ids[1]);
    let unverified = place.run("restore latest:verified --plan").await;
    assert_failed(&unverified, 1, "that was verified");
    for (id, level) in [(&ids[0], "structure"), (&ids[2], "hash")] {
        assert_eq!(place.run(&format!("verify {id} --level {level}")).await.code, 0);
    }
    assert_eq!(chosen("latest:verified").await, ids[0]);
    for (arguments, message) in [
        ("latest:before-import", "of kind before-import"),
        ("latest:nonsense", "cannot be the beginning"),
        ("--to-migration m0", "with m0 as the last migration"),
    ] {
        assert_failed(&place.run(&format!("restore {arguments} --plan")).await, 1, message);
    }
}

#[tokio::test]
async fn modes_that_contradict_each_other_are_usage_errors() {
    let place = Place::small().await;
    place.create().await;
    for arguments in [
        "--mode new-db",
        "--mode swap --to x",
        "--mode in-place --to x",
        "--mode swap --tables people",
    ] {
        let run = place.run(&format!("restore {arguments} --yes")).await;
        assert_eq!(run.code, 2, "{arguments}: {run}");
    }
}
