//! What a way down loses is kept, and the next way up puts it back as it was.

use chrono::{DateTime, Utc};
use dbkit::house_schema::SCHEMA;
use integration_tests::{TestDatabase, sql};
use migration_engine::{
    Losses,
    safekeep::{self, PutBack, SafekeepError},
};
use sea_orm::{DatabaseTransaction, TransactionTrait as _};
use uuid::Uuid;

use super::rehearse;
use crate::content;

const NAME: &str = "m1_pets";
const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

const BASE: &str = "
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN NEW.updated_at := '2030-01-01'; RETURN NEW; END $$;
CREATE TABLE people (id int, part int, name text, updated_at timestamptz, PRIMARY KEY (id, part));
CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON people FOR EACH ROW EXECUTE FUNCTION touch()";

const UP: &str = "
CREATE TYPE mood AS ENUM ('happy', 'sad');
CREATE DOMAIN short AS text CHECK (length(value) < 10);
CREATE TABLE pets (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kennel bigint,
    name short NOT NULL,
    moods mood[] NOT NULL,
    mood mood,
    facts json,
    amount numeric(8, 3),
    photo bytea,
    double_amount numeric GENERATED ALWAYS AS (amount * 2) STORED,
    parent bigint REFERENCES pets,
    updated_at timestamptz
);
CREATE TABLE kennels (id serial PRIMARY KEY, place text UNIQUE);
ALTER TABLE pets ADD CONSTRAINT pets_kennel_fkey FOREIGN KEY (kennel) REFERENCES kennels (id);
CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON pets FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER always AFTER INSERT ON pets FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER never AFTER INSERT ON pets FOR EACH ROW EXECUTE FUNCTION touch();
ALTER TABLE pets ENABLE ALWAYS TRIGGER always, DISABLE TRIGGER never;
ALTER TABLE people ADD COLUMN mood mood NOT NULL DEFAULT 'sad', ADD COLUMN nick text";

const DOWN: &str = "
ALTER TABLE people DROP COLUMN mood, DROP COLUMN nick;
DROP TABLE pets; DROP TABLE kennels; DROP DOMAIN short; DROP TYPE mood";

const ROWS: &str = "
INSERT INTO kennels (id, place) VALUES (7, 'here'), (8, NULL);
INSERT INTO pets (kennel, name, moods, mood, facts, amount, photo, parent)
SELECT 7 + n % 2, 'pet ' || n, ARRAY['happy', 'sad', NULL]::mood[],
    CASE n % 2 WHEN 0 THEN 'happy'::mood END, '{\"b\": 1,  \"a\": [null]}', n / 3.0,
    decode('00ff5c', 'hex'), CASE n WHEN 1 THEN 9 END
FROM generate_series(1, 9) AS n;
INSERT INTO people SELECT n, n % 3, 'name', now(), CASE n % 2 WHEN 0 THEN 'happy' ELSE 'sad' END::mood,
    CASE n % 3 WHEN 0 THEN E'n''\\\\ick ' || n END
FROM generate_series(1, 10) AS n;
UPDATE pets SET updated_at = NULL WHERE id = 3";

/// A live database in which the migration was applied and used.
async fn live() -> TestDatabase {
    let test = TestDatabase::empty().await;
    sql::run(test.db(), &format!("{BASE};{UP};{ROWS}")).await;
    // What a trigger would write is not what stands there.
    let stale = "ALTER TABLE pets DISABLE TRIGGER touch; ALTER TABLE people DISABLE TRIGGER touch;
                 UPDATE pets SET updated_at = '2020-01-01'; UPDATE people SET updated_at = '2020-01-01';
                 ALTER TABLE pets ENABLE TRIGGER touch; ALTER TABLE people ENABLE TRIGGER touch";
    sql::run(test.db(), stale).await;
    test
}

/// Goes down with safekeeping, in one transaction.
async fn down(test: &TestDatabase, losses: &Losses, statements: &str) -> Result<(), SafekeepError> {
    safekeep::install(test.db()).await.unwrap();
    let transaction = test.db().begin().await.unwrap();
    keep(&transaction, losses).await?;
    sql::run(&transaction, statements).await;
    transaction.commit().await.unwrap();
    Ok(())
}

async fn keep(transaction: &DatabaseTransaction, losses: &Losses) -> Result<(), SafekeepError> {
    let run = sql::value(transaction, "SELECT gen_random_uuid()").await;
    let _: Uuid = run;
    safekeep::keep(transaction, losses, run, NAME, NOW).await.map(drop)
}

async fn up(test: &TestDatabase, statements: &str) -> PutBack {
    let transaction = test.db().begin().await.unwrap();
    sql::run(&transaction, statements).await;
    let back = safekeep::put_back(&transaction, NAME, NOW).await.unwrap();
    transaction.commit().await.unwrap();
    back
}

/// A line for each table, with a hash of its rows whatever the order of their columns.
async fn rows(test: &TestDatabase) -> Vec<String> {
    content::of_the_team(test.db()).await
}

/// The copies that there are.
async fn copies(test: &TestDatabase) -> i64 {
    let query = format!(
        "SELECT count(*) FROM pg_class WHERE relnamespace = '{SCHEMA}'::regnamespace
         AND relkind = 'r' AND relname ~ '^safekept_[0-9]'"
    );
    sql::value(test.db(), &query).await
}

#[tokio::test]
async fn down_and_up_leave_every_row_and_every_trigger_as_it_was() {
    let losses = rehearse(BASE, UP, DOWN).await;
    let test = live().await;
    let (before, triggers) = (rows(&test).await, triggers(&test).await);
    down(&test, &losses, DOWN).await.unwrap();
    assert_ne!(rows(&test).await, before);
    assert_eq!(copies(&test).await, 4);
    let back = up(&test, UP).await;
    let items: Vec<_> =
        back.items.iter().map(|item| (item.name.as_str(), item.rows, item.skipped)).collect();
    assert_eq!(
        items,
        [
            ("public.kennels", 2, 0),
            ("public.pets", 9, 0),
            ("public.people.mood", 10, 0),
            ("public.people.nick", 3, 0),
        ]
    );
    assert_eq!(back.left, []);
    assert_eq!(rows(&test).await, before);
    assert_eq!(self::triggers(&test).await, triggers);
    assert_eq!(copies(&test).await, 0);
    let open =
        "SELECT count(*) FROM seaworthy.safekept WHERE restored_at IS NULL OR note IS NOT NULL";
    assert_eq!(sql::value::<i64>(test.db(), open).await, 0);
    // The sequences go on behind the largest value.
    let next = "INSERT INTO pets (name, moods) VALUES ('new', '{}') RETURNING id";
    assert_eq!(sql::value::<i64>(test.db(), next).await, 10);
    let next = "INSERT INTO kennels DEFAULT VALUES RETURNING id";
    assert_eq!(sql::value::<i32>(test.db(), next).await, 9);
    // There is nothing left for the next way up.
    assert_eq!(safekeep::put_back(test.db(), NAME, NOW).await.unwrap(), PutBack::default());
}

async fn triggers(test: &TestDatabase) -> Vec<String> {
    let query =
        "SELECT tgrelid::regclass || ' ' || tgname || ' ' || tgenabled::text FROM pg_trigger
                 WHERE NOT tgisinternal ORDER BY 1";
    sql::column(test.db(), query).await
}

#[tokio::test]
async fn rows_that_the_migration_inserts_itself_stay_as_it_wrote_them() {
    let seeds = "CREATE TABLE seeds (id int PRIMARY KEY, name text);
                 INSERT INTO seeds VALUES (1, 'one'), (2, 'two')";
    let losses = rehearse(BASE, seeds, "DROP TABLE seeds").await;
    for (edit, differing, copies_left) in
        [("SELECT 1", 0, 0), ("UPDATE seeds SET name = 'edited' WHERE id = 2", 1, 1)]
    {
        let test = TestDatabase::empty().await;
        let more = "INSERT INTO seeds VALUES (3, 'three')";
        sql::run(test.db(), &format!("{BASE};{seeds};{more};{edit}")).await;
        down(&test, &losses, "DROP TABLE seeds").await.unwrap();
        let back = up(&test, seeds).await;
        let item = &back.items[0];
        assert_eq!((item.rows, item.skipped, item.differing), (1, 2, differing));
        let names = "SELECT name FROM seeds ORDER BY id";
        let names = sql::column::<String>(test.db(), names).await;
        assert_eq!(names, ["one", "two", "three"]);
        // A row that somebody had edited is nowhere else, so its copy stays.
        assert_eq!(copies(&test).await, copies_left);
    }
}

#[tokio::test]
async fn a_table_that_came_back_with_other_columns_gets_those_that_both_have() {
    let up_then = "CREATE TABLE t (id int PRIMARY KEY, a text, b int)";
    let losses = rehearse(BASE, up_then, "DROP TABLE t").await;
    let test = TestDatabase::empty().await;
    sql::run(test.db(), &format!("{BASE};{up_then};INSERT INTO t VALUES (1, 'x', 5)")).await;
    down(&test, &losses, "DROP TABLE t").await.unwrap();
    let back = up(&test, "CREATE TABLE t (b bigint, c int DEFAULT 3, id int PRIMARY KEY)").await;
    assert_eq!(back.items[0].without, ["a"]);
    let row = "SELECT concat_ws(' ', id, b, c) FROM t";
    assert_eq!(sql::value::<String>(test.db(), row).await, "1 5 3");
    let note = "SELECT note FROM seaworthy.safekept";
    let note = sql::value::<String>(test.db(), note).await;
    assert_eq!(note, "not there any more: a; the copy stays in seaworthy.safekept_1");
    assert_eq!(sql::value::<String>(test.db(), "SELECT a FROM seaworthy.safekept_1").await, "x");
}

#[tokio::test]
async fn a_column_of_a_table_without_a_key_is_refused_before_anything_changes() {
    let base = "CREATE TABLE loose (a int)";
    let up = "ALTER TABLE loose ADD COLUMN b int";
    let losses = rehearse(base, up, "ALTER TABLE loose DROP COLUMN b").await;
    let test = TestDatabase::empty().await;
    sql::run(test.db(), &format!("{base};{up};INSERT INTO loose VALUES (1, 2)")).await;
    let error = safekeep::check(test.db(), &losses).await.unwrap_err();
    let expected = "public.loose.b cannot be kept: the table has no primary key that stays";
    assert_eq!(error.to_string(), expected);
    let error = down(&test, &losses, "SELECT 1").await.unwrap_err();
    assert!(matches!(error, SafekeepError::NoKey { .. }), "{error:?}");
    assert_eq!(copies(&test).await, 0);
}

#[tokio::test]
async fn a_way_down_that_fails_keeps_nothing() {
    let losses = rehearse(BASE, UP, DOWN).await;
    let test = live().await;
    let before = rows(&test).await;
    safekeep::install(test.db()).await.unwrap();
    let transaction = test.db().begin().await.unwrap();
    keep(&transaction, &losses).await.unwrap();
    sql::run(&transaction, DOWN).await;
    transaction.rollback().await.unwrap();
    assert_eq!((rows(&test).await, copies(&test).await), (before, 0));
    assert_eq!(safekeep::put_back(test.db(), NAME, NOW).await.unwrap(), PutBack::default());
}

#[tokio::test]
async fn what_does_not_come_back_stays_in_safekeeping() {
    let losses = rehearse(BASE, UP, DOWN).await;
    let test = live().await;
    down(&test, &losses, DOWN).await.unwrap();
    let back = up(&test, "SELECT 1").await;
    let left: Vec<_> = back.left.iter().map(|left| (left.name.as_str(), left.reason)).collect();
    assert_eq!(
        left,
        [
            ("public.kennels", "the table is not there again"),
            ("public.pets", "the table is not there again"),
            ("public.people.mood", "the column is not there again"),
            ("public.people.nick", "the column is not there again"),
        ]
    );
    assert_eq!((back.items.len(), copies(&test).await), (0, 4));
    // A later way up finds it, unless a later run kept something newer.
    assert_eq!(up(&test, UP).await.items.len(), 4);
}

#[tokio::test]
async fn the_newest_of_two_copies_is_put_back() {
    let losses = rehearse(BASE, UP, DOWN).await;
    let test = live().await;
    down(&test, &losses, DOWN).await.unwrap();
    // A stock tool applies it, and knows nothing of safekeeping.
    sql::run(test.db(), &format!("{UP}; INSERT INTO kennels VALUES (99, 'new')")).await;
    down(&test, &losses, DOWN).await.unwrap();
    let back = up(&test, UP).await;
    assert_eq!(back.left.len(), 4);
    assert!(back.left.iter().all(|left| left.reason == "a later run kept it again"), "{back:?}");
    assert_eq!(sql::column::<i32>(test.db(), "SELECT id FROM kennels").await, [99]);
}

#[tokio::test]
async fn a_policy_that_would_hide_rows_is_an_error() {
    let up = "CREATE TABLE hidden (id int PRIMARY KEY)";
    let losses = rehearse(BASE, up, "DROP TABLE hidden").await;
    let test = TestDatabase::empty().await;
    safekeep::install(test.db()).await.unwrap();
    let url = test.role("").await;
    let role = url.user().unwrap();
    let setup = format!(
        "{up}; INSERT INTO hidden VALUES (1); ALTER TABLE hidden OWNER TO {role};
         ALTER TABLE hidden ENABLE ROW LEVEL SECURITY; ALTER TABLE hidden FORCE ROW LEVEL SECURITY;
         GRANT USAGE, CREATE ON SCHEMA seaworthy TO {role};
         GRANT SELECT, INSERT, UPDATE ON seaworthy.safekept TO {role}"
    );
    sql::run(test.db(), &setup).await;
    let db = sql::pool(&url).await;
    let transaction = db.begin().await.unwrap();
    let error = keep(&transaction, &losses).await.unwrap_err();
    let SafekeepError::Database { source, .. } = &error else { panic!("{error:?}") };
    assert!(source.to_string().contains("row-level security"), "{source}");
    transaction.rollback().await.unwrap();
    sql::run(test.db(), &format!("REASSIGN OWNED BY {role} TO CURRENT_USER; DROP OWNED BY {role}"))
        .await;
}
