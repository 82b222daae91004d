//! A restored database takes the place of the live one, at once and for as long as one wants.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use dbkit::DatabaseUrl;
use integration_tests::{sql, unique_name};
use sea_orm::DatabaseConnection;
use serde_json::Value;

use super::{Place, tree};
use crate::{
    content::{assert_same, but_the_trail},
    seeder::{assert_failed, document},
    watching::{Running, hold_restores, trap, until_trapped},
};

/// What happens to the live database after the backup.
const LATER: &str = "DELETE FROM people WHERE id > 50; CREATE TABLE later (id int);
                     ALTER TABLE notes DROP COLUMN amount; INSERT INTO later VALUES (1)";

/// A database with a backup, to which more has happened since: before and after.
async fn moved_on() -> (Place, Vec<String>, Vec<String>) {
    let place = Place::small().await;
    let before = but_the_trail(place.test.db()).await;
    place.create().await;
    sql::run(place.test.db(), LATER).await;
    let after = but_the_trail(place.test.db()).await;
    assert_ne!(before, after);
    (place, before, after)
}

impl Place {
    /// What is in one of the databases of this server now.
    pub(super) async fn content_of(&self, name: &str) -> Vec<String> {
        let db = sql::pool(&self.test.url().with_database(name)).await;
        let content = but_the_trail(&db).await;
        db.close().await.unwrap();
        content
    }

    /// Runs a command that succeeds; its answer.
    pub(super) async fn answer(&self, arguments: &str) -> Value {
        let run = self.run(&format!("{arguments} --format json")).await;
        assert_eq!(run.code, 0, "{run}");
        document(&run)["data"].clone()
    }

    /// The databases that this server has, as far as their names begin like that.
    pub(super) async fn databases(&self, beginning: &str) -> Vec<String> {
        let server = sql::pool(&self.test.url().with_database("postgres")).await;
        let query = format!(
            "SELECT datname::text FROM pg_database WHERE starts_with(datname::text, '{beginning}')"
        );
        sql::column(&server, &query).await
    }
}

#[tokio::test]
async fn the_backup_takes_the_databases_place_and_what_was_there_is_kept() {
    let (place, before, after) = moved_on().await;
    let name = place.test.name();
    let done = place.answer("restore --yes").await;
    assert_eq!((&done["mode"], &done["database"]), (&"swap".into(), &name.clone().into()));
    let kept = done["kept"].as_str().unwrap();
    assert!(kept.starts_with(&format!("{name}__before_")), "{kept}");
    assert_same(&before, &place.content_of(&name).await);
    assert_same(&after, &place.content_of(kept).await);

    let safety = done["safety_backup"].as_str().unwrap();
    assert!(safety.contains("_before-restore_"), "{safety}");
    let new = unique_name();
    place.answer(&format!("restore {safety} --to {new}")).await;
    assert_same(&after, &place.content_of(&new).await);
}

#[tokio::test]
async fn an_undo_and_its_undo_exchange_the_two_and_finish_drops_one() {
    let (place, before, after) = moved_on().await;
    let name = place.test.name();
    place.answer("restore --yes --no-safety-backup").await;
    for expected in [&after, &before, &after] {
        let undone = place.answer("undo --yes").await;
        assert_same(expected, &place.content_of(&name).await);
        let other = if expected == &before { &after } else { &before };
        assert_same(other, &place.content_of(undone["kept"].as_str().unwrap()).await);
    }
    assert_eq!(place.databases(&format!("{name}__before_")).await.len(), 1);
    let finished = place.answer("finish --yes").await;
    assert_eq!(finished["dropped"].as_array().unwrap().len(), 1);
    assert_eq!(place.databases(&format!("{name}__before_")).await, [""; 0]);
    assert_same(&after, &place.content_of(&name).await);
    for command in ["undo --yes", "finish --yes"] {
        let run = place.run(command).await;
        assert_failed(&run, 1, &format!("nothing is kept of `{name}`"));
    }
}

#[tokio::test]
async fn a_lost_database_is_brought_back_from_what_is_kept_of_it() {
    let (place, _, after) = moved_on().await;
    let name = place.test.name();
    let done = place.answer("restore --yes --no-safety-backup").await;
    let kept = done["kept"].as_str().unwrap();
    let server = sql::pool(&place.test.url().with_database("postgres")).await;
    sql::run(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    let doctor = place.run("doctor").await;
    assert_eq!(doctor.code, 3, "{doctor}");
    assert!(doctor.stdout.contains(&format!("`backup undo {kept}`")), "{doctor}");
    let finish = place.run("finish --yes").await;
    assert_eq!(finish.code, 1, "{finish}");
    let undone = place.answer("undo --yes").await;
    assert_eq!(undone["kept"], Value::Null);
    assert_same(&after, &place.content_of(&name).await);
}

/// Owner, privileges, settings, limit and comment of a database.
async fn properties(server: &DatabaseConnection, name: &str) -> Value {
    let query = format!(
        "SELECT json_build_object(
             'owner', datdba::regrole, 'limit', datconnlimit,
             'comment', shobj_description(oid, 'pg_database'),
             'acl', (SELECT json_agg(item::text ORDER BY item::text) FROM unnest(datacl) AS item),
             'settings', (SELECT json_agg(json_build_array(setrole::regrole, setconfig)
                          ORDER BY setrole) FROM pg_db_role_setting WHERE setdatabase = d.oid))::text
         FROM pg_database d WHERE datname = '{name}'"
    );
    serde_json::from_str(&sql::value::<String>(server, &query).await).unwrap()
}

#[tokio::test]
async fn what_belongs_to_the_database_as_a_whole_survives() {
    let (place, ..) = moved_on().await;
    let (name, server) =
        (place.test.name(), sql::pool(&place.test.url().with_database("postgres")).await);
    let [owner, user] = [place.test.role("CREATEDB").await, place.test.role("").await]
        .map(|url| url.user().unwrap());
    let statements = format!(
        "ALTER DATABASE {name} OWNER TO {owner};
         REVOKE ALL ON DATABASE {name} FROM PUBLIC;
         GRANT CONNECT, TEMPORARY ON DATABASE {name} TO {user} WITH GRANT OPTION;
         ALTER DATABASE {name} CONNECTION LIMIT 77;
         ALTER DATABASE {name} SET work_mem TO '7MB';
         ALTER DATABASE {name} SET search_path TO \"$user\", \"a, b\", public;
         ALTER DATABASE {name} SET \"shop.motto\" TO 'it''s = so';
         ALTER ROLE {user} IN DATABASE {name} SET statement_timeout TO '5s';
         COMMENT ON DATABASE {name} IS 'The shop''s \\ own'"
    );
    sql::run(&server, &statements).await;
    let before = properties(&server, &name).await;
    assert_eq!(before["acl"].as_array().unwrap().len(), 2, "{before}");
    place.answer("restore --yes").await;
    assert_eq!(properties(&server, &name).await, before);
    place.answer("undo --yes").await;
    assert_eq!(properties(&server, &name).await, before);
    sql::run(&server, &format!("ALTER DATABASE {name} OWNER TO CURRENT_USER")).await;
    place.answer("finish --yes").await;
    sql::run(&server, &format!("REVOKE ALL ON DATABASE {name} FROM {user}")).await;
}

#[tokio::test]
async fn clients_that_come_back_at_once_do_not_hold_it_up() {
    let (place, before, _) = moved_on().await;
    let name = place.test.name();
    let (stop, connected) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let client = |url: DatabaseUrl| {
        let (stop, connected) = (Arc::clone(&stop), Arc::clone(&connected));
        async move {
            while !stop.load(Ordering::Relaxed) {
                let Ok(mut session) = sql::session(&url).await else { continue };
                connected.fetch_add(1, Ordering::Relaxed);
                let query = "SELECT count(*) FROM people";
                while !stop.load(Ordering::Relaxed)
                    && sqlx::query(query).execute(&mut session).await.is_ok()
                {}
            }
        }
    };
    let clients: Vec<_> = (0..20).map(|_| tokio::spawn(client(place.test.url().clone()))).collect();
    crate::watching::until("all clients", async || connected.load(Ordering::Relaxed) >= 20).await;
    for _ in 0..2 {
        place.answer("restore latest:manual --yes --no-safety-backup").await;
        assert_same(&before, &place.content_of(&name).await);
    }
    let so_far = connected.load(Ordering::Relaxed);
    crate::watching::until("clients that are back", async || {
        connected.load(Ordering::Relaxed) >= so_far
    })
    .await;
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
}

#[tokio::test]
async fn the_trail_tells_of_it_in_both_databases() {
    let (place, ..) = moved_on().await;
    let done = place.answer("restore --yes --no-safety-backup").await;
    for name in [place.test.name(), done["kept"].as_str().unwrap().to_owned()] {
        let db = sql::pool(&place.test.url().with_database(&name)).await;
        let outcomes: Vec<String> = sql::column(
            &db,
            "SELECT outcome FROM seaworthy.audit_events
             WHERE command LIKE 'restore % --mode swap --no-safety-backup' ORDER BY id",
        )
        .await;
        assert_eq!(outcomes, ["intent", "done"], "{name}");
    }
}

#[tokio::test]
async fn nothing_is_replaced_without_consent_and_production_needs_a_reason() {
    let (place, _, after) = moved_on().await;
    let name = place.test.name();
    for (arguments, hint) in [
        ("restore", "add `--yes`"),
        ("restore --env staging --yes", "--confirm"),
        ("restore --env production --yes", "--break-glass"),
        (&format!("restore --env production --confirm {name}"), "--break-glass"),
        ("restore --mode in-place", "add `--yes`"),
        ("restore --tables people", "add `--yes`"),
    ] {
        let run = place.run(arguments).await;
        assert_eq!(run.code, 4, "{arguments}: {run}");
        assert!(run.stderr.contains(hint), "{arguments}: {run}");
    }
    assert_same(&after, &place.content_of(&name).await);
    let reason =
        format!("restore --env production --confirm {name} --no-safety-backup --break-glass");
    let run = place.program(&reason).await.arg("the data are lost").run().await;
    assert_eq!(run.code, 0, "{run}");
    let db = sql::pool(place.test.url()).await;
    let told = "SELECT count(*) FROM seaworthy.audit_events
                WHERE detail ->> 'break_glass' = 'the data are lost'";
    assert_eq!(sql::value::<i64>(&db, told).await, 1);
}

#[tokio::test]
async fn a_backup_of_another_database_is_refused_unless_one_means_it() {
    let (place, before, _) = moved_on().await;
    let other = Place::small().await;
    sql::run(other.test.db(), "DROP TABLE people").await;
    let untouched = but_the_trail(other.test.db()).await;
    let backups = place.list().await.0;
    let id = backups[0]["id"].as_str().unwrap();
    for mode in ["swap", "in-place"] {
        let run = place.program(&format!("restore {id} --mode {mode} --yes")).await;
        let run = run.on(other.test.url()).run().await;
        let message =
            format!("is a backup of `{}`, not of `{}`", place.test.name(), other.test.name());
        assert_failed(&run, 4, &message);
        assert!(run.stderr.contains("--from-other"), "{run}");
        assert_same(&untouched, &other.content_of(&other.test.name()).await);
    }
    let run = place.program(&format!("restore {id} --from-other --yes --no-safety-backup")).await;
    let run = run.on(other.test.url()).run().await;
    assert_eq!(run.code, 0, "{run}");
    assert_same(&before, &other.content_of(&other.test.name()).await);
}

#[tokio::test]
async fn two_at_once_exclude_each_other() {
    let place = Place::small().await;
    let role = place.test.role("").await.user().unwrap();
    sql::run(place.test.db(), &trap(&role)).await;
    place.create().await;
    let folder = place.backups().display().to_string();
    let variables = [("DATABASE_URL", place.test.url().expose()), ("BACKUP_DIR", &folder)];
    let held = hold_restores(&place.test.url().with_database("postgres"), &role).await;
    let first = "restore --yes --no-safety-backup";
    let running = Running::start("backup", &variables, first).await;
    until_trapped(place.test.db(), &role).await;
    for second in ["restore --yes --no-safety-backup", "undo --yes", "finish --yes"] {
        let run = place.run(&format!("{second} --lock-wait 0")).await;
        assert_failed(&run, 5, "another restore run is under way");
    }
    held.release().await;
    let ended = running.end().await;
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
}

/// What lets a table be made, but not be made again: an index that only a test can build.
pub(super) const BROKEN: &str = "
CREATE FUNCTION broken(id int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('application_name') LIKE 'seaworthy backup%' THEN
        RAISE EXCEPTION 'this index cannot be built';
    END IF;
    RETURN id;
END $$;
CREATE INDEX broken ON people (broken(id))";

#[tokio::test]
async fn a_restore_that_breaks_at_its_end_leaves_everything_as_it_was() {
    let place = Place::small().await;
    sql::run(place.test.db(), BROKEN).await;
    place.create().await;
    sql::run(place.test.db(), "DELETE FROM people WHERE id > 50").await;
    let before = but_the_trail(place.test.db()).await;
    for arguments in ["--mode swap", "--mode in-place", "--tables people"] {
        let run = place.run(&format!("restore {arguments} --yes --no-safety-backup")).await;
        assert_failed(&run, 1, "this index cannot be built");
        assert_same(&before, &place.content_of(&place.test.name()).await);
    }
    let doctor = place.run("doctor").await;
    assert!(!doctor.stdout.contains(&place.test.name()), "{doctor}");
    let unfinished = tree(&place.backups());
    assert!(unfinished.iter().all(|path| path.extension().is_none_or(|end| end != "partial")));
}

#[tokio::test]
async fn a_database_that_is_gone_is_made_anew_and_not_replaced() {
    let place = Place::small().await;
    place.create().await;
    let name = place.test.name();
    let server = sql::pool(&place.test.url().with_database("postgres")).await;
    sql::run(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    let run = place.run("restore --yes").await;
    assert_failed(&run, 1, "there is nothing to replace");
    assert!(run.stderr.contains(&format!("--to {name}")), "{run}");
}
