//! A schema with everything that a naive tool stumbles over.

use integration_tests::{TestDatabase, sql};

use super::{KEY, Sanitising};
use crate::seeder::assert_failed;

const PROFILE: &str = include_str!("nasty.toml");

const MAIL_BOX: &str = "\"odd \"\" schema\".\"mail box\"";

/// Every column that is not kept, but for days, and for what is too short to be looked for.
const COLUMNS: [(&str, &str); 31] = [
    ("people", "email"),
    ("people", "login"),
    ("people", "full_name"),
    ("people", "shout"),
    ("people", "badge"),
    ("people", "phone"),
    ("people", "work_phone"),
    ("people", "boss"),
    ("people", "nicknames"),
    ("people", "devices"),
    ("people", "profile"),
    ("people", "remarks"),
    ("people", "photo"),
    ("people", "home"),
    ("people", "seen"),
    ("people", "api_token"),
    ("people", "site"),
    ("people", "street"),
    ("people", "net"),
    ("people", "host"),
    ("people", "tax_no"),
    ("people", "sub ject"),
    ("staff", "email"),
    ("staff", "full_name"),
    ("staff", "desk"),
    (MAIL_BOX, "owner"),
    (MAIL_BOX, "login"),
    (MAIL_BOX, "sub \"ject"),
    ("visits_de", "name"),
    ("visits_else_all", "ip"),
    ("logs_all", "line"),
];

async fn nasty() -> Sanitising {
    let test = TestDatabase::empty().await;
    sql::run(test.db(), include_str!("nasty.sql")).await;
    Sanitising::of(test, PROFILE)
}

/// What must be the same before and after.
const QUESTIONS: [&str; 14] = [
    "SELECT count(DISTINCT (email, login, badge, phone, host, tax_no, api_token, lower(full_name))) FROM ONLY people",
    "SELECT count(*) FROM ONLY people a JOIN ONLY people b ON a.boss = b.email",
    "SELECT count(*) FROM ONLY people WHERE work_phone IS NULL",
    "SELECT count(*) FROM ONLY people WHERE shout = upper(full_name)",
    "SELECT sum(cardinality(nicknames)) FROM ONLY people",
    "SELECT count(*) FROM ONLY people WHERE nicknames[2] IS NULL AND nicknames[3] IS NOT NULL",
    "SELECT count(*) FROM ONLY people WHERE jsonb_typeof(profile) = 'object' AND json_typeof(remarks) = 'array'",
    "SELECT count(*) FROM ONLY people WHERE mood = 'glad'",
    "SELECT count(*) FROM \"odd \"\" schema\".\"mail box\" b JOIN ONLY people p ON p.email = b.owner AND p.login = b.login",
    "SELECT count(*) FROM visits_de",
    "SELECT count(*) FROM visits v JOIN ONLY people p ON p.email = v.who",
    "SELECT count(*) FROM directory d JOIN ONLY people p ON d.email = p.email AND d.full_name = p.full_name",
    "SELECT count(*) FROM staff",
    "SELECT count(*) FROM pg_constraint WHERE contype IN ('f', 'u', 'p', 'c') AND convalidated AND connamespace > 16384",
];

#[tokio::test]
async fn nobody_is_to_be_found_and_every_constraint_holds() {
    let sanitising = nasty().await;
    let made = sanitising.make(KEY).await;
    let mut originals = sanitising.originals(&COLUMNS).await;
    originals.extend(["canary-of-the-mapping", "Lorimer", "Quentin"].map(str::to_owned));
    // Large objects and bytes stand there as hexadecimal digits.
    originals.insert("63616e6172792d6f662d7468652d6f626a656374".to_owned());
    assert!(originals.len() > 800, "{}", originals.len());
    made.assert_nobody_is_in_it(&originals).await;
    assert_eq!(sanitising.scratch_databases().await, [""; 0]);

    let restored = made.restore(&sanitising.place).await;
    for question in QUESTIONS {
        // `count` and `sum` have other types, and text has none.
        let question =
            question.replacen("SELECT ", "SELECT text(", 1).replacen(" FROM", ") FROM", 1);
        let before: String = sql::value(sanitising.db(), &question).await;
        let after: String = sql::value(&restored.db, &question).await;
        assert_ne!(before, "0", "{question}");
        assert_eq!(before, after, "{question}");
    }
    let emptied =
        "SELECT (SELECT count(*) FROM logs) + (SELECT count(*) FROM pg_largeobject_metadata)
                   + (SELECT count(*) FROM pg_user_mappings)";
    assert_eq!(sql::value::<i64>(&restored.db, emptied).await, 0);
    let trigger = "SELECT tgenabled::text FROM pg_trigger WHERE tgname = 'forbid'";
    assert_eq!(sql::value::<String>(&restored.db, trigger).await, "O");
    restored.drop(&sanitising.place).await;
}

#[tokio::test]
async fn one_key_gives_the_same_copy_of_it() {
    let sanitising = nasty().await;
    let (first, second) = (sanitising.make(KEY).await, sanitising.make(KEY).await);
    assert_eq!(first.content(), second.content());
}

#[tokio::test]
async fn a_check_that_forbids_a_pseudonym_is_named_with_its_column() {
    for (constraint, said) in [
        (
            "ALTER TABLE ONLY people ADD CONSTRAINT ours CHECK (site LIKE '%.invalid/') NO INHERIT",
            "public.people (site)",
        ),
        (
            "ALTER DOMAIN mail ADD CONSTRAINT ours CHECK (VALUE LIKE '%@corp.invalid')",
            "odd \" schema.mail box (owner)",
        ),
    ] {
        let sanitising = nasty().await;
        sql::run(sanitising.db(), constraint).await;
        let run = sanitising.run("").await;
        assert_failed(&run, 1, &format!("the pseudonyms of {said} violate its constraint `ours`"));
        assert!(!run.stderr.contains("Lorimer"), "{run}");
        sanitising.assert_nothing_is_left().await;
    }
}

#[tokio::test]
async fn pseudonyms_that_meet_are_an_error_and_not_a_copy() {
    let test = TestDatabase::empty().await;
    // Every day of a year moves by at most 45: two of them meet for certain.
    let days = "CREATE TABLE days (day date CONSTRAINT once UNIQUE);
                INSERT INTO days SELECT date '2026-01-01' + n FROM generate_series(0, 364) AS n";
    sql::run(test.db(), days).await;
    let sanitising = Sanitising::of(test, "[public.days]\nday = \"personal:date\"\n");
    let run = sanitising.run("").await;
    assert_failed(&run, 1, "the schema does not hold over the pseudonyms");
    assert!(run.stderr.contains("\"once\""), "{run}");
    sanitising.assert_nothing_is_left().await;
}
