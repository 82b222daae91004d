//! A restore into the database itself: all of it in one transaction, or nothing.

use integration_tests::{TestDatabase, sql};
use migration_engine::Snapshot;

use super::{Place, forged};
use crate::{
    content::{assert_same, but_the_trail},
    seeder::{assert_failed, fill},
};

/// Things of many kinds that an archive brings along, in `public` and elsewhere.
const RICH: &str = "
CREATE EXTENSION pg_trgm; CREATE EXTENSION hstore SCHEMA public;
CREATE SCHEMA shop; CREATE TYPE shop.mood AS ENUM ('good', 'bad'); CREATE DOMAIN short AS text CHECK (length(VALUE) < 9);
CREATE TABLE shop.orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, mood shop.mood, name short, tags hstore);
INSERT INTO shop.orders (mood, name, tags) SELECT 'good', 'n' || n, 'a=>1' FROM generate_series(1, 30) n;
CREATE TABLE parts (id int, region text, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE parts_eu PARTITION OF parts FOR VALUES IN ('eu'); INSERT INTO parts VALUES (1, 'eu'), (2, 'eu');
CREATE INDEX ON shop.orders USING gin (name gin_trgm_ops);
CREATE VIEW names AS SELECT name FROM shop.orders; CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM shop.orders;
CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n';
CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int);
CREATE PUBLICATION news FOR TABLE shop.orders; ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT SELECT ON TABLES TO PUBLIC;
GRANT CREATE ON SCHEMA public TO PUBLIC; COMMENT ON TABLE shop.orders IS 'COMMIT;';
CREATE TABLE lines (line text); INSERT INTO lines VALUES ('COMMIT;'), ('BEGIN;'), ('SET transaction_timeout = 0;'), (E'\\\\.');
SELECT lo_from_bytea(0, 'large')";

/// What happens to it after the backup.
const LATER: &str = "
DROP VIEW names; CREATE VIEW later AS SELECT id FROM shop.orders; DROP TABLE parts; DROP PUBLICATION news;
CREATE SCHEMA added; CREATE TABLE added.table (id int); DELETE FROM shop.orders WHERE id > 3;
CREATE TYPE public.new AS ENUM ('x'); DROP EXTENSION hstore CASCADE; CREATE EXTENSION citext;
REVOKE ALL ON SCHEMA public FROM PUBLIC; SELECT lo_unlink(oid) FROM pg_largeobject_metadata; SELECT lo_create(0);
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;
CREATE FUNCTION public.added() RETURNS int LANGUAGE sql AS 'SELECT 1'";

/// What the catalogs say beside the tables.
const CATALOG: &str = "
SELECT string_agg(line, E'\\n' ORDER BY line) FROM (
    SELECT 'schema ' || nspname || coalesce(nspacl::text, '') FROM pg_namespace WHERE nspname !~ '^pg_'
    UNION ALL SELECT 'extension ' || extname FROM pg_extension
    UNION ALL SELECT 'type ' || oid::regtype::text FROM pg_type WHERE typtype IN ('e', 'd') AND typnamespace > 16000
    UNION ALL SELECT 'function ' || oid::regprocedure::text FROM pg_proc WHERE oid > 16384 AND NOT EXISTS
        (SELECT FROM pg_depend d WHERE d.objid = pg_proc.oid AND d.deptype IN ('e', 'i'))
    UNION ALL SELECT 'relation ' || oid::regclass::text || relkind::text FROM pg_class WHERE relnamespace IN
        (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'shop', 'added'))
    UNION ALL SELECT 'publication ' || pubname FROM pg_publication
    UNION ALL SELECT 'defaults ' || defaclobjtype::text || defaclacl::text FROM pg_default_acl
    UNION ALL SELECT 'large object ' || encode(lo_get(oid), 'escape') FROM pg_largeobject_metadata
    UNION ALL SELECT 'definition ' || pg_get_indexdef(indexrelid) FROM pg_index WHERE indexrelid > 16384
        AND indrelid IN (SELECT oid FROM pg_class WHERE relnamespace <> 'pg_toast'::regnamespace)
    UNION ALL SELECT 'constraint ' || conname || pg_get_constraintdef(oid) FROM pg_constraint
        WHERE oid > 16384 AND connamespace::regnamespace::text <> 'seaworthy'
) AS lines (line)";

async fn catalog(place: &Place) -> Vec<String> {
    let db = sql::pool(place.test.url()).await;
    let lines: String = sql::value(&db, CATALOG).await;
    db.close().await.unwrap();
    let ours = |line: &&str| !line.contains("seaworthy") && !line.contains("audit");
    lines.lines().filter(ours).map(str::to_owned).collect()
}

#[tokio::test]
async fn whatever_was_changed_since_is_as_it_was() {
    let place = Place::small().await;
    sql::run(place.test.db(), RICH).await;
    let (content, before) = (but_the_trail(place.test.db()).await, catalog(&place).await);
    place.create().await;
    sql::run(place.test.db(), LATER).await;
    assert_ne!(catalog(&place).await, before);
    let done = place.answer("restore --mode in-place --yes").await;
    assert_eq!(done["mode"], "in-place");
    assert_same(&content, &place.content_of(&place.test.name()).await);
    assert_same(&before, &catalog(&place).await);
    // And again, where there is nothing to do.
    place.answer("restore latest:manual --mode in-place --yes").await;
    assert_same(&before, &catalog(&place).await);
}

#[tokio::test]
async fn a_filled_school_comes_back_with_its_whole_catalog() {
    let place = Place::of(TestDatabase::migrated().await);
    fill(&place.test).await;
    let catalog = Snapshot::take(place.test.db()).await.unwrap();
    let content = but_the_trail(place.test.db()).await;
    place.create().await;
    sql::run(place.test.db(), "DROP SCHEMA public CASCADE; CREATE SCHEMA public").await;
    place.answer("restore --mode in-place --yes").await;
    let db = sql::pool(place.test.url()).await;
    let changes = catalog.changes(&Snapshot::take(&db).await.unwrap());
    assert!(changes.is_empty(), "{changes:?}");
    assert_same(&content, &place.content_of(&place.test.name()).await);
}

#[tokio::test]
async fn what_does_not_equal_the_manifest_is_rolled_back() {
    let place = Place::small().await;
    let path = place.create().await;
    sql::run(place.test.db(), "DELETE FROM people WHERE id > 50").await;
    let before = but_the_trail(place.test.db()).await;
    forged(&path, "\"rows\": 200", "\"rows\": 199");
    for arguments in ["--mode in-place", "--mode swap", "--tables people"] {
        let run = place.run(&format!("restore {arguments} --yes --no-safety-backup")).await;
        assert_failed(&run, 3, "table public.people: 199 rows");
        assert_same(&before, &place.content_of(&place.test.name()).await);
    }
}

#[tokio::test]
async fn a_table_that_somebody_holds_is_waited_for_and_nothing_is_half_done() {
    let place = Place::small().await;
    place.create().await;
    sql::run(place.test.db(), "DELETE FROM people WHERE id > 50").await;
    let held = crate::watching::Held::take(place.test.url(), "LOCK TABLE notes").await;
    let folder = place.backups().display().to_string();
    let variables = [("DATABASE_URL", place.test.url().expose()), ("BACKUP_DIR", &folder)];
    let arguments = "restore --mode in-place --yes --no-safety-backup";
    let running = crate::watching::Running::start("backup", &variables, arguments).await;
    crate::watching::until_blocked(&place.test, "notes").await;
    held.release().await;
    let ended = running.end().await;
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    let db = sql::pool(place.test.url()).await;
    assert_eq!(sql::value::<i64>(&db, "SELECT count(*) FROM people").await, 200);
}

#[tokio::test]
async fn a_sanitised_copy_is_no_production() {
    let place = Place::small().await;
    let path = place.create().await;
    let profile = format!("\"sanitised\": {{ \"profile\": \"{}\" }},\n  \"toc\":", "0".repeat(64));
    forged(&path, "\"toc\":", &profile);
    let name = place.test.name();
    for mode in ["swap", "in-place"] {
        let arguments =
            format!("restore --mode {mode} --env production --confirm {name} --break-glass");
        let run = place.program(&arguments).await.arg("because").run().await;
        assert_failed(&run, 4, "is sanitised");
    }
    place.answer("restore --yes").await;
}
