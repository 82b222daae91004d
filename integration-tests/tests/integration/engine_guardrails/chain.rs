//! The chain through the audit trail: it holds under load, and shows what a superuser did to it.

use chrono::DateTime;
use dbkit::{
    Environment, Identifier,
    audit::{self, Chain, Fracture, Operation, Outcome},
};
use integration_tests::{TestDatabase, sql};
use sea_orm::{ConnectionTrait as _, DatabaseConnection};
use serde_json::json;
use tokio::task::JoinSet;
use uuid::Uuid;

/// How a superuser gets past the triggers.
const UNGUARDED: &str = "SET session_replication_role = replica";

fn operation(number: u128) -> Operation {
    Operation {
        id: Uuid::from_u128(number),
        tool: "migration",
        command: "down".to_owned(),
        environment: Environment::Testing,
        actor: "ann".to_owned(),
        host: "laptop".to_owned(),
    }
}

/// A trail of five events.
async fn trail(test: &TestDatabase) {
    let (db, operation, at) = (test.db(), operation(1), DateTime::UNIX_EPOCH);
    audit::begin(db, &operation, json!({ "n": 1 }), at).await.unwrap();
    for n in 2..5 {
        audit::note(db, &operation, json!({ "n": n, "text": "ünï \"\\" }), at).await.unwrap();
    }
    audit::finish(db, &operation, Outcome::Done, json!({}), at).await.unwrap();
}

async fn verify(db: &DatabaseConnection) -> Chain {
    audit::verify(db).await.unwrap().unwrap()
}

#[tokio::test]
async fn an_untouched_trail_is_whole_and_has_a_head_to_keep_elsewhere() {
    let test = TestDatabase::empty().await;
    assert_eq!(audit::verify(test.db()).await.unwrap(), None);
    trail(&test).await;
    let chain = verify(test.db()).await;
    assert_eq!((chain.events, chain.fracture), (5, None));
    let head = chain.head.unwrap();
    assert_eq!((head.position, head.hash.len()), (5, 64));
    let outcomes = "SELECT outcome FROM seaworthy.audit_events ORDER BY position";
    assert_eq!(
        sql::column::<String>(test.db(), outcomes).await,
        ["intent", "step", "step", "step", "done"]
    );
    // What the session has set changes no text that is hashed.
    let settings =
        "SET TIME ZONE 'Asia/Kolkata'; SET DateStyle = 'German'; SET bytea_output = 'escape'";
    let session = sql::pool(test.url()).await;
    sql::run(&session, settings).await;
    assert_eq!(verify(&session).await.fracture, None);
}

#[track_caller]
fn check(tampering: &'static str, expected: Fracture) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    async move {
        let test = TestDatabase::empty().await;
        trail(&test).await;
        sql::run(test.db(), &format!("BEGIN; {UNGUARDED}; {tampering}; COMMIT")).await;
        assert_eq!(verify(test.db()).await.fracture, Some(expected), "{caller}: {tampering}");
    }
}

#[tokio::test]
async fn a_field_that_was_changed_is_found() {
    for tampering in [
        "UPDATE seaworthy.audit_events SET actor = 'nobody' WHERE position = 3",
        "UPDATE seaworthy.audit_events SET detail = '{}' WHERE position = 3",
        "UPDATE seaworthy.audit_events SET at = at + interval '1 microsecond' WHERE position = 3",
        "UPDATE seaworthy.audit_events SET role = 'nobody' WHERE position = 3",
        "UPDATE seaworthy.audit_events SET hash = sha256('') WHERE position = 3",
    ] {
        check(tampering, Fracture::Changed { position: 3 }).await;
    }
}

#[tokio::test]
async fn an_event_that_was_changed_and_hashed_again_is_found() {
    let rewrite = "UPDATE seaworthy.audit_events SET actor = 'nobody' WHERE position = 3;
                   UPDATE seaworthy.audit_events e SET hash = seaworthy.audit_event_hash(e)
                   WHERE position = 3";
    check(rewrite, Fracture::Unlinked { position: 4 }).await;
}

#[tokio::test]
async fn a_hash_function_that_was_replaced_helps_nobody() {
    let replace = "UPDATE seaworthy.audit_events SET actor = 'nobody' WHERE position = 3;
                   CREATE OR REPLACE FUNCTION seaworthy.audit_event_hash(event seaworthy.audit_events)
                   RETURNS bytea LANGUAGE sql AS 'SELECT event.hash'";
    check(replace, Fracture::Changed { position: 3 }).await;
}

#[tokio::test]
async fn an_event_that_was_removed_is_found() {
    for (tampering, position) in [
        ("DELETE FROM seaworthy.audit_events WHERE position = 1", 1),
        ("DELETE FROM seaworthy.audit_events WHERE position IN (2, 3)", 2),
        // The numbers are made to fit.
        (
            "DELETE FROM seaworthy.audit_events WHERE position = 2;
             UPDATE seaworthy.audit_events SET position = 2 WHERE position = 3;
             UPDATE seaworthy.audit_events SET position = 3 WHERE position = 4;
             UPDATE seaworthy.audit_events SET position = 4 WHERE position = 5",
            2,
        ),
    ] {
        check(tampering, Fracture::Removed { position }).await;
    }
}

#[tokio::test]
async fn events_that_changed_places_are_found() {
    for tampering in [
        "UPDATE seaworthy.audit_events SET position = -2 WHERE position = 2;
         UPDATE seaworthy.audit_events SET position = 2 WHERE position = 3;
         UPDATE seaworthy.audit_events SET position = 3 WHERE position = -2",
        // All but the links is swapped.
        "ALTER TABLE seaworthy.audit_events ALTER COLUMN id SET GENERATED BY DEFAULT;
         UPDATE seaworthy.audit_events SET id = -id WHERE position IN (2, 3);
         UPDATE seaworthy.audit_events e SET id = -o.id, detail = o.detail
         FROM (SELECT 5 - position AS place, id, detail FROM seaworthy.audit_events
               WHERE position IN (2, 3)) AS o
         WHERE e.position = o.place",
    ] {
        check(tampering, Fracture::Reordered { position: 2 }).await;
    }
}

#[tokio::test]
async fn a_tail_that_was_cut_off_shows_by_a_head_that_was_kept() {
    let test = TestDatabase::empty().await;
    trail(&test).await;
    let kept = verify(test.db()).await.head;
    let cut = "DELETE FROM seaworthy.audit_events WHERE position > 3";
    sql::run(test.db(), &format!("BEGIN; {UNGUARDED}; {cut}; COMMIT")).await;
    let chain = verify(test.db()).await;
    assert_eq!(chain.fracture, None);
    assert_ne!(chain.head, kept);
}

#[tokio::test]
async fn eight_writers_at_once_make_one_chain() {
    let test = TestDatabase::empty().await;
    audit::begin(test.db(), &operation(0), json!({}), DateTime::UNIX_EPOCH).await.unwrap();
    // A writer that sees an old snapshot would follow an event that another one follows already.
    let default = format!(
        "ALTER DATABASE {} SET default_transaction_isolation = 'serializable'",
        Identifier(&test.name())
    );
    sql::run(test.db(), &default).await;
    let mut writers = JoinSet::new();
    for number in 1..=8 {
        let url = test.url().clone();
        writers.spawn(async move {
            let db = sql::pool(&url).await;
            for n in 0..20 {
                let detail = json!({ "n": n });
                audit::note(&db, &operation(number), detail, DateTime::UNIX_EPOCH).await.unwrap();
            }
        });
    }
    writers.join_all().await;
    let chain = verify(test.db()).await;
    assert_eq!((chain.events, chain.fracture), (161, None));
    assert_eq!(chain.head.unwrap().position, 161);
}

#[tokio::test]
async fn a_role_that_may_only_insert_continues_the_chain() {
    let test = TestDatabase::empty().await;
    audit::begin(test.db(), &operation(0), json!({}), DateTime::UNIX_EPOCH).await.unwrap();
    for (number, privileges) in [(1, "INSERT"), (2, "INSERT, SELECT")] {
        let url = test.role("").await;
        let role = url.user().unwrap();
        let grants = format!(
            "GRANT USAGE ON SCHEMA seaworthy TO {role};
             GRANT SELECT ON seaworthy.installed TO {role};
             GRANT {privileges} ON seaworthy.audit_events TO {role}"
        );
        sql::run(test.db(), &grants).await;
        let db = sql::pool(&url).await;
        let (operation, at) = (operation(number), DateTime::UNIX_EPOCH);
        audit::begin(&db, &operation, json!({}), at).await.unwrap();
        audit::finish(&db, &operation, Outcome::Done, json!({}), at).await.unwrap();
        // Nobody chooses a place in the chain, or writes in another's name.
        let forged = "INSERT INTO seaworthy.audit_events (at, operation_id, tool, command, outcome,
                          environment, actor, host, position, prev_hash, hash)
                      VALUES (now(), gen_random_uuid(), '', '', 'step', '', '', '', 1, '', '')";
        db.execute_unprepared(forged).await.unwrap();
        let last = "SELECT role FROM seaworthy.audit_events ORDER BY position DESC LIMIT 1";
        assert_eq!(sql::value::<String>(test.db(), last).await, role);
    }
    let chain = verify(test.db()).await;
    assert_eq!((chain.events, chain.fracture), (7, None));
}

#[tokio::test]
async fn a_trail_of_the_version_before_is_chained_as_it_is() {
    let test = TestDatabase::empty().await;
    trail(&test).await;
    let older = "ALTER TABLE seaworthy.audit_events DROP COLUMN position CASCADE,
                     DROP COLUMN prev_hash CASCADE, DROP COLUMN hash CASCADE;
                 DROP TRIGGER audit_events_chain ON seaworthy.audit_events;
                 DROP FUNCTION seaworthy.chain_audit_event();
                 DROP FUNCTION seaworthy.audit_event_hash(seaworthy.audit_events);
                 DELETE FROM seaworthy.installed WHERE part = 'audit' AND step = 1";
    sql::run(test.db(), older).await;
    assert_eq!(audit::verify(test.db()).await.unwrap(), None);
    audit::begin(test.db(), &operation(2), json!({}), DateTime::UNIX_EPOCH).await.unwrap();
    let chain = verify(test.db()).await;
    assert_eq!((chain.events, chain.fracture), (6, None));
    let update = "UPDATE seaworthy.audit_events SET actor = 'nobody'";
    let error = test.db().execute_unprepared(update).await.unwrap_err();
    assert!(error.to_string().contains("seaworthy.audit_events is append-only"), "{error}");
}
