//! A restore makes a new database, or none.

use integration_tests::{sql, unique_name};
use nix::sys::signal::Signal;

use super::Place;
use crate::{
    content::{assert_same, whole},
    seeder::assert_failed,
    watching::{Running, hold_restores, trap, until_trapped},
};

async fn exists(place: &Place, database: &str) -> bool {
    let question = format!("SELECT EXISTS (SELECT FROM pg_database WHERE datname = '{database}')");
    sql::value(place.test.db(), &question).await
}

#[tokio::test]
async fn a_database_that_exists_is_refused_and_stays_as_it_is() {
    let place = Place::small().await;
    place.create().await;
    let other = Place::small().await;
    sql::run(other.test.db(), "UPDATE people SET name = 'precious'").await;
    let (own, before) = (whole(place.test.db()).await, whole(other.test.db()).await);
    for name in
        [other.test.name(), place.test.name(), "postgres".to_owned(), "template1".to_owned()]
    {
        let run = place.run(&format!("restore --to {name}")).await;
        assert_failed(&run, 1, &format!("database `{name}` exists already"));
    }
    assert_same(&before, &whole(other.test.db()).await);
    let mut after = whole(place.test.db()).await;
    after.retain(|line| !line.starts_with("seaworthy.audit_events"));
    assert!(after.iter().all(|line| own.contains(line)), "{after:?}");
}

#[tokio::test]
async fn a_new_database_has_nothing_left_to_vacuum() {
    let place = Place::small().await;
    place.create().await;
    let name = unique_name();
    let run = place.run(&format!("restore --to {name}")).await;
    assert_eq!(run.code, 0, "{run}");
    let db = sql::pool(&place.test.url().with_database(&name)).await;
    sql::run(&db, "CREATE EXTENSION pg_visibility").await;
    let pages = "
        SELECT concat(sum(pg_relation_size(oid) / current_setting('block_size')::int), ' pages, ',
            sum((pg_visibility_map_summary(oid)).all_frozen), ' frozen')
        FROM pg_class WHERE relname IN ('people', 'notes')";
    let seen: String = sql::value(&db, pages).await;
    let (pages, frozen) = seen.split_once(" pages, ").unwrap();
    assert_eq!(frozen, format!("{pages} frozen"));
    assert_ne!(pages, "0");
}

/// The hash of an enum's value is another one in every database, so `pg_dump` has such rows go through the root.
const FELT: &str = "
    CREATE TYPE mood AS ENUM ('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
    CREATE TABLE felt (n int, m mood) PARTITION BY HASH (m);
    CREATE TABLE felt_0 PARTITION OF felt FOR VALUES WITH (MODULUS 3, REMAINDER 0);
    CREATE TABLE felt_1 PARTITION OF felt FOR VALUES WITH (MODULUS 3, REMAINDER 1);
    CREATE TABLE felt_2 PARTITION OF felt FOR VALUES WITH (MODULUS 3, REMAINDER 2);
    INSERT INTO felt SELECT n, (enum_range(NULL::mood))[1 + n % 8] FROM generate_series(1, 800) AS n";

#[tokio::test]
async fn rows_may_come_back_in_another_partition() {
    let place = Place::small().await;
    sql::run(place.test.db(), FELT).await;
    place.create().await;
    let rows = "SELECT string_agg(concat(n, m), ',' ORDER BY n) FROM felt";
    let before: String = sql::value(place.test.db(), rows).await;
    // Each makes the type anew, with other numbers for its values.
    for mode in ["--to", "--yes --mode swap", "--yes --mode in-place"] {
        let name = if mode == "--to" { unique_name() } else { String::new() };
        let run = place.run(&format!("restore latest {mode} {name}")).await;
        assert_eq!(run.code, 0, "{mode}: {run}");
        let name = if name.is_empty() { place.test.name() } else { name };
        let db = sql::pool(&place.test.url().with_database(&name)).await;
        assert_eq!(sql::value::<String>(&db, rows).await, before, "{mode}");
        db.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_role_that_may_not_create_databases_is_told_so() {
    let place = Place::small().await;
    place.create().await;
    let role = place.test.role("").await;
    let user = role.user().unwrap();
    let grants = format!(
        "GRANT CREATE ON DATABASE {} TO {user}; GRANT ALL ON SCHEMA seaworthy TO {user};
         GRANT ALL ON ALL TABLES IN SCHEMA seaworthy TO {user};
         GRANT ALL ON ALL SEQUENCES IN SCHEMA seaworthy TO {user}",
        place.test.name(),
    );
    sql::run(place.test.db(), &grants).await;
    let run = place.program("restore --to not_made").await.on(&role).run().await;
    assert_failed(&run, 1, "may not create databases");
    assert!(run.stderr.contains("CREATEDB"), "{run}");
}

#[tokio::test]
async fn a_lost_database_can_be_restored_under_its_own_name() {
    let place = Place::small().await;
    let before = whole(place.test.db()).await;
    let name = place.test.name();
    let server = sql::pool(&place.test.url().with_database("postgres")).await;
    let role = place.test.role("").await;
    let user = role.user().unwrap();
    let own = format!(
        "ALTER DATABASE {name} OWNER TO {user}; REVOKE CONNECT ON DATABASE {name} FROM PUBLIC;
         GRANT CREATE ON DATABASE {name} TO {user} WITH GRANT OPTION;
         ALTER DATABASE {name} CONNECTION LIMIT 77; COMMENT ON DATABASE {name} IS 'the fair''s';
         ALTER DATABASE {name} SET work_mem TO '5MB';
         ALTER ROLE {user} IN DATABASE {name} SET search_path TO app, \"$user\""
    );
    sql::run(&server, &own).await;
    let belongings = format!(
        "SELECT concat_ws('; ', pg_get_userbyid(datdba), datacl, datconnlimit,
             shobj_description(oid, 'pg_database'),
             (SELECT string_agg(setrole::regrole || ' ' || setconfig::text, ', ' ORDER BY setrole)
              FROM pg_db_role_setting WHERE setdatabase = d.oid))
         FROM pg_database d WHERE datname = '{name}'"
    );
    let belonged: String = sql::value(&server, &belongings).await;
    assert!(belonged.contains("77; the fair's; - {work_mem=5MB}, "), "{belonged}");
    place.create().await;
    sql::run(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    let run = place.run(&format!("restore latest --to {name}")).await;
    assert_eq!(run.code, 0, "{run}");
    assert!(
        run.stderr.contains("does not exist: only the trail beside the backups records this"),
        "{run}"
    );
    let db = sql::pool(place.test.url()).await;
    let mut after = whole(&db).await;
    after.retain(|line| !line.starts_with("seaworthy."));
    assert_same(&before, &after);
    assert_eq!(belonged, sql::value::<String>(&server, &belongings).await);
}

#[tokio::test]
async fn without_its_roles_a_database_is_restored_and_that_is_said() {
    let place = Place::small().await;
    let server = sql::pool(&place.test.url().with_database("postgres")).await;
    let (name, role, new) = (place.test.name(), unique_name(), unique_name());
    let grant = format!("CREATE ROLE {role}; GRANT CREATE ON DATABASE {name} TO {role}");
    sql::run(&server, &grant).await;
    place.create().await;
    let forget = format!("REVOKE ALL ON DATABASE {name} FROM {role}; DROP ROLE {role}");
    sql::run(&server, &forget).await;
    let run = place.run(&format!("restore latest --to {new}")).await;
    assert_eq!(run.code, 0, "{run}");
    let said = format!("of the database itself: role \"{role}\" does not exist");
    assert!(run.stdout.contains(&said), "{run}");
}

#[tokio::test]
async fn when_minutes_count_rows_are_counted_and_that_is_said() {
    let place = Place::small().await;
    place.create().await;
    let new = unique_name();
    let run = place.run(&format!("restore latest --to {new} --compare counts")).await;
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stdout.contains("their values were not compared"), "{run}");
    let replaced = place.answer("restore --yes --compare counts").await;
    assert_eq!(replaced["compared"], "counts");
    for way in ["--mode in-place", "--tables people"] {
        let run = place.run(&format!("restore --yes --compare counts {way}")).await;
        assert_failed(&run, 2, "in one transaction every value is compared");
    }
}

/// Some 45 MB, which is read back in parts.
const LARGE: &str = "
CREATE TABLE large (id int PRIMARY KEY, text text);
INSERT INTO large SELECT n, repeat(md5(n::text), 4) FROM generate_series(1, 260000) AS n;
DELETE FROM large WHERE id % 7 = 0; UPDATE large SET text = 'changed' WHERE id % 11 = 0";

#[tokio::test]
async fn a_large_table_is_compared_in_parts_and_each_row_once() {
    let place = Place::small().await;
    sql::run(place.test.db(), LARGE).await;
    place.create().await;
    let run = place.run("verify --level restore").await;
    assert_eq!(run.code, 0, "{run}");
}

#[tokio::test]
async fn a_restore_that_is_interrupted_drops_what_it_has_made() {
    let place = Place::small().await;
    let role = place.test.role("").await.user().unwrap();
    sql::run(place.test.db(), &trap(&role)).await;
    place.create().await;
    let folder = place.backups().display().to_string();
    let variables = [("DATABASE_URL", place.test.url().expose()), ("BACKUP_DIR", &folder)];
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let new = unique_name();
        let held = hold_restores(place.test.url(), &role).await;
        let running = Running::start("backup", &variables, &format!("restore --to {new}")).await;
        let unfinished = until_trapped(place.test.db(), &role).await;
        assert!(unfinished.starts_with("seaworthy_restore_"), "{unfinished}");
        assert!(!exists(&place, &new).await, "what is unfinished has the name of what is not");
        running.signal(signal);
        let ended = running.end().await;
        assert_eq!(ended.code, Some(130), "{}{}", ended.stdout, ended.stderr);
        assert!(ended.stderr.contains("the restore was stopped"), "{}", ended.stderr);
        held.release().await;
        for database in [&new, &unfinished] {
            assert!(!exists(&place, database).await, "{database} is left behind");
        }
    }
}

#[tokio::test]
async fn a_killed_restore_leaves_nothing_under_the_name_that_was_asked_for() {
    let place = Place::small().await;
    let role = place.test.role("").await.user().unwrap();
    sql::run(place.test.db(), &trap(&role)).await;
    place.create().await;
    let folder = place.backups().display().to_string();
    let variables = [("DATABASE_URL", place.test.url().expose()), ("BACKUP_DIR", &folder)];
    let new = unique_name();
    let held = hold_restores(place.test.url(), &role).await;
    let running = Running::start("backup", &variables, &format!("restore --to {new}")).await;
    let unfinished = until_trapped(place.test.db(), &role).await;
    running.kill().await;
    held.release().await;
    assert!(!exists(&place, &new).await);
    let run = place.run(&format!("restore --to {new}")).await;
    assert_eq!(run.code, 0, "{run}");
    let drop = format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)");
    sql::run(place.test.db(), &drop).await;
}

#[tokio::test]
async fn a_restore_that_fails_drops_what_it_has_made_and_says_why() {
    let place = Place::small().await;
    let owner = place.test.role("").await.user().unwrap();
    sql::run(place.test.db(), &format!("ALTER TABLE people OWNER TO {owner}")).await;
    place.create().await;
    sql::run(place.test.db(), &format!("ALTER ROLE {owner} RENAME TO {owner}_now")).await;
    let new = unique_name();
    let failed = place.run(&format!("restore --to {new}")).await;
    assert_failed(&failed, 1, "does not exist");
    assert!(failed.stderr.contains("--no-owner"), "{failed}");
    assert!(!exists(&place, &new).await, "{new} is left behind");
    let run = place.run(&format!("restore --to {new} --no-owner")).await;
    assert_eq!(run.code, 0, "{run}");
    // The harness drops it by its first name.
    sql::run(place.test.db(), &format!("ALTER ROLE {owner}_now RENAME TO {owner}")).await;
}
