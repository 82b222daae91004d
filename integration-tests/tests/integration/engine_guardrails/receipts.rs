//! A receipt names what a way down loses, counts it, and never hangs.

use std::time::Duration;

use integration_tests::{TestDatabase, sql};
use migration_engine::{
    Losses, Receipt,
    receipt::{self, Count, ReceiptLimits},
};
use serde_json::json;

use super::rehearse;
use crate::watching::Held;

const BASE: &str = "
CREATE TABLE people (id bigint PRIMARY KEY, name text, age text);
COMMENT ON TABLE people IS 'Everybody'";

const UP: &str = "
CREATE TYPE mood AS ENUM ('happy', 'sad');
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TABLE \"Pets\" (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner bigint REFERENCES people,
    mood mood NOT NULL CHECK (mood <> 'sad'),
    number serial
);
CREATE INDEX ON \"Pets\" (owner);
CREATE TRIGGER touch BEFORE UPDATE ON \"Pets\" FOR EACH ROW EXECUTE FUNCTION touch();
CREATE STATISTICS pet_facts ON owner, mood FROM \"Pets\";
COMMENT ON TABLE \"Pets\" IS 'Animals';
COMMENT ON COLUMN \"Pets\".mood IS 'As seen';
COMMENT ON TYPE mood IS 'As felt';
GRANT SELECT ON \"Pets\" TO PUBLIC;
CREATE TABLE logs (at date) PARTITION BY RANGE (at);
CREATE TABLE logs_old PARTITION OF logs FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
CREATE TABLE logs_new PARTITION OF logs FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);
ALTER TABLE people ADD COLUMN nick text CONSTRAINT people_nick_key UNIQUE, ADD COLUMN pet bigint;
COMMENT ON COLUMN people.nick IS 'Among friends';
ALTER TABLE people ADD CONSTRAINT people_pet_fkey FOREIGN KEY (pet) REFERENCES \"Pets\";
CREATE VIEW happy AS SELECT * FROM \"Pets\" WHERE mood = 'happy';
ALTER TABLE people ALTER COLUMN age TYPE int USING age::int;
ALTER TABLE people RENAME COLUMN name TO full_name";

const DOWN: &str = "
UPDATE people SET full_name = nick WHERE nick IS NOT NULL;
ALTER TABLE people DROP COLUMN nick;
DROP TABLE logs;
DROP TABLE \"Pets\" CASCADE;
DROP FUNCTION touch();
DROP TYPE mood;
ALTER TABLE people ALTER COLUMN age TYPE text;
ALTER TABLE people RENAME COLUMN full_name TO name";

const ROWS: &str = "
INSERT INTO people (id, full_name, nick) SELECT n, 'name', CASE WHEN n <= 7 THEN 'n' || n END
FROM generate_series(1, 20) AS n;
INSERT INTO \"Pets\" (owner, mood) SELECT n, 'happy' FROM generate_series(1, 12) AS n;
INSERT INTO logs SELECT '2025-12-30'::date + n FROM generate_series(1, 5) AS n;
ANALYZE";

async fn live() -> TestDatabase {
    let test = TestDatabase::empty().await;
    sql::run(test.db(), &format!("{BASE};{UP};{ROWS}")).await;
    test
}

fn limits() -> ReceiptLimits {
    ReceiptLimits { lock: Duration::from_millis(50), ..ReceiptLimits::default() }
}

async fn take(test: &TestDatabase, losses: &Losses) -> Receipt {
    receipt::take(test.db(), losses, &limits()).await.unwrap()
}

#[tokio::test]
async fn a_receipt_lists_what_goes_once_and_counts_it() {
    let losses = rehearse(BASE, UP, DOWN).await;
    let receipt = take(&live().await, &losses).await;
    let rows: Vec<_> = receipt.rows().iter().map(|row| row.join(" | ")).collect();
    assert_eq!(
        rows,
        [
            "table | public.logs | 5 rows",
            "table | public.Pets | 12 rows",
            "column | public.people.nick | 7 values",
            "column | public.people.age | integer becomes text",
            "constraint | public.people.people_nick_key | ",
            "constraint | public.people.people_pet_fkey | ",
            "routine | public.touch() | ",
            "type | public.mood | ",
            "view | public.happy | ",
            "statement | UPDATE people SET full_name = nick WHERE nick IS NOT NULL | may change rows",
        ]
    );
    let json = serde_json::to_value(&receipt).unwrap();
    assert_eq!(
        json["tables"][1],
        json!({ "schema": "public", "name": "Pets", "rows": { "count": "exact", "n": 12 } })
    );
    assert_eq!(json["columns"][0]["column"], "nick");
}

#[tokio::test]
async fn what_depends_on_it_on_the_live_database_alone_is_listed_too() {
    let (losses, test) = (rehearse(BASE, UP, DOWN).await, live().await);
    let made_by_hand = "CREATE VIEW nicks AS SELECT nick FROM people;
        CREATE MATERIALIZED VIEW \"On nicks\" AS SELECT * FROM nicks;
        CREATE VIEW names AS SELECT full_name FROM people;
        CREATE TABLE vets (pet bigint REFERENCES \"Pets\", person bigint REFERENCES people)";
    sql::run(test.db(), made_by_hand).await;
    let lock = "LOCK TABLE \"Pets\", people, logs, vets, nicks IN ACCESS EXCLUSIVE MODE";
    let held = Held::take(test.url(), lock).await;
    let receipt = take(&test, &losses).await;
    held.release().await;
    let names: Vec<_> = receipt.dependants.iter().map(|object| object.name.as_str()).collect();
    assert_eq!(names, ["public.vets.vets_pet_fkey", "public.\"On nicks\"", "public.nicks"]);
    let line = ["view", "public.nicks", "depends on it here"].map(str::to_owned);
    assert!(receipt.rows().contains(&line));
}

#[tokio::test]
async fn counting_stops_at_the_cap() {
    let (losses, test) = (rehearse(BASE, UP, DOWN).await, live().await);
    for (cap, expected) in [(11, Count::AtLeast { n: 11 }), (12, Count::Exact { n: 12 })] {
        let limits = ReceiptLimits { cap, ..limits() };
        let receipt = receipt::take(test.db(), &losses, &limits).await.unwrap();
        assert_eq!(receipt.tables[1].rows, expected);
    }
}

#[tokio::test]
async fn a_locked_table_is_estimated_instead_of_waited_for() {
    let (losses, test) = (rehearse(BASE, UP, DOWN).await, live().await);
    let lock = "LOCK TABLE \"Pets\", people, logs IN ACCESS EXCLUSIVE MODE";
    let held = Held::take(test.url(), lock).await;
    let receipt = take(&test, &losses).await;
    let about =
        |n| Count::Unknown { estimate: Some(n), reason: "somebody has locked it".to_owned() };
    assert_eq!(receipt.tables[1].rows, about(12));
    assert_eq!(receipt.columns[0].non_null, about(7));
    assert_eq!(receipt.tables[0].rows, about(5));
    held.release().await;
}

#[tokio::test]
async fn what_takes_too_long_is_not_counted() {
    let mut losses = rehearse("SELECT 1", "CREATE TABLE t (a int)", "DROP TABLE t").await;
    let test = TestDatabase::empty().await;
    // On the live database, somebody has put a view in its place.
    sql::run(test.db(), "CREATE VIEW t AS SELECT FROM pg_sleep(60)").await;
    losses.tables[0].partitioned = true;
    let limits = ReceiptLimits { statement: Duration::from_millis(50), ..limits() };
    let receipt = receipt::take(test.db(), &losses, &limits).await.unwrap();
    let reason = "counting took too long".to_owned();
    assert_eq!(receipt.tables[0].rows, Count::Unknown { estimate: None, reason });
}

#[tokio::test]
async fn what_may_not_be_read_is_not_counted_and_the_reason_is_given() {
    let (losses, test) = (rehearse(BASE, UP, DOWN).await, live().await);
    let url = test.role("").await;
    let policy = format!(
        "GRANT SELECT ON people TO {role}; ALTER TABLE people ENABLE ROW LEVEL SECURITY;
         REVOKE SELECT ON \"Pets\" FROM PUBLIC; DROP TABLE logs",
        role = url.user().unwrap()
    );
    sql::run(test.db(), &policy).await;
    let db = sql::pool(&url).await;
    let receipt = receipt::take(&db, &losses, &limits()).await.unwrap();
    let counts = [&receipt.tables[0].rows, &receipt.tables[1].rows, &receipt.columns[0].non_null];
    assert_eq!(
        counts.map(|count| count.of("rows")),
        [
            "unknown: it is not there",
            "about 12 rows: permission denied for table Pets",
            "unknown: query would be affected by row-level security policy for table \"people\"",
        ]
    );
}

#[tokio::test]
async fn a_way_down_that_only_adds_or_renames_loses_nothing() {
    let up = "ALTER TABLE people RENAME TO persons; ALTER TABLE persons RENAME age TO years";
    let down = "ALTER TABLE persons RENAME years TO age; ALTER TABLE persons RENAME TO people";
    let losses = rehearse(BASE, "SELECT 1", up).await;
    // Both at once is more than can be told apart from a loss.
    assert_eq!(losses.tables.len(), 1);
    for (up, down) in [
        ("ALTER TABLE people RENAME TO persons", "ALTER TABLE persons RENAME TO people"),
        ("ALTER TABLE people RENAME age TO years", "ALTER TABLE people RENAME years TO age"),
        ("ALTER TABLE people DROP COLUMN age", "ALTER TABLE people ADD COLUMN age text"),
    ] {
        let losses = rehearse(BASE, up, down).await;
        assert_eq!(losses, Losses::default(), "{down}");
        let receipt = take(&TestDatabase::empty().await, &losses).await;
        assert!(!receipt.has_data() && receipt.rows().is_empty());
    }
    assert!(rehearse(BASE, up, down).await.has_data());
}
