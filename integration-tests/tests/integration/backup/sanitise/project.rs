//! The project's own schema, filled as a developer's is, by the project's own profile.

use integration_tests::{TestDatabase, sql};

use super::{KEY, Sanitising, own_profile};
use crate::seeder;

/// What personas leave out.
const MORE: &str = "
DELETE FROM audit_logs;
INSERT INTO audit_logs (id, actor_id, action, entity_type, entity_id, before, after)
SELECT gen_random_uuid(), id, 'user.rename', 'users', id,
    jsonb_build_object('full_name', full_name, 'email', email), jsonb_build_array(email)
FROM users;
INSERT INTO sessions (id, user_id, token_hash, ip, user_agent, expires_at)
SELECT gen_random_uuid(), id, encode(sha256(email::bytea), 'hex'), '10.20.30.40', 'A browser of ' || full_name, now() + interval '1 hour'
FROM users;
UPDATE sessions SET ip = ('10.20.30.' || (ascii(token_hash) % 100))::inet;
UPDATE guardians SET email = lower(given_name || '.' || family_name || '@home.invalid'),
    phone = '+49301234' || lpad((ascii(given_name) * 7 + ascii(family_name))::text, 4, '0')";

/// Every column that is not kept, but for days, which others of the same year have too.
const COLUMNS: [(&str, &str); 25] = [
    ("users", "email"),
    ("users", "full_name"),
    ("users", "display_name"),
    ("users", "password_hash"),
    ("sessions", "token_hash"),
    ("sessions", "ip"),
    ("sessions", "user_agent"),
    ("audit_logs", "before"),
    ("audit_logs", "after"),
    ("teachers", "employee_no"),
    ("students", "student_no"),
    ("students", "given_name"),
    ("students", "family_name"),
    ("guardians", "given_name"),
    ("guardians", "family_name"),
    ("guardians", "email"),
    ("guardians", "phone"),
    ("exam_results", "remarks"),
    ("attendance", "note"),
    ("instructors", "slug"),
    ("instructors", "name"),
    ("instructors", "bio"),
    ("musicians", "slug"),
    ("musicians", "name"),
    ("reviews", "body"),
];

async fn filled() -> Sanitising {
    let test = TestDatabase::migrated().await;
    seeder::fill(&test).await;
    sql::run(test.db(), MORE).await;
    Sanitising::of(test, &own_profile())
}

#[tokio::test]
async fn nobody_is_to_be_found_and_everything_still_refers_to_what_it_did() {
    let sanitising = filled().await;
    let made = sanitising.make(KEY).await;
    let originals = sanitising.originals(&COLUMNS).await;
    assert!(originals.len() > 50, "there would be nobody to find: {}", originals.len());
    made.assert_nobody_is_in_it(&originals).await;
    assert_eq!(made.manifest["kind"], "sanitised");
    assert_eq!(made.manifest["source"]["database"], sanitising.place.test.name());
    assert_eq!(made.manifest["sanitised"]["profile"].as_str().map(str::len), Some(64));
    assert_eq!(sanitising.scratch_databases().await, [""; 0]);
    sanitising.place.assert_sound(1).await;

    // A restore compares every row with the manifest, and makes every constraint.
    let restored = made.restore(&sanitising.place).await;
    let (before, after) = (sanitising.db(), &restored.db);
    for question in [
        "SELECT count(*) FROM pg_constraint WHERE contype IN ('f', 'u', 'p') AND convalidated",
        "SELECT count(*) FROM users JOIN user_roles ON user_id = users.id",
        "SELECT count(*) FROM students JOIN users ON users.id = user_id AND given_name || ' ' || family_name = full_name",
        "SELECT count(DISTINCT email) FROM users",
        "SELECT count(*) FROM guardians WHERE phone IS NOT NULL",
        "SELECT count(*) FROM audit_logs WHERE jsonb_typeof(before) = 'object'",
        "SELECT count(*) FROM seaql_migrations",
    ] {
        let (before, after): (i64, i64) =
            (sql::value(before, question).await, sql::value(after, question).await);
        assert!(before > 0, "{question}");
        assert_eq!(before, after, "{question}");
    }
    let ours = "SELECT (SELECT count(*) FROM seaworthy.audit_events) + (SELECT count(*) FROM seaworthy.seed_rows)
        + (SELECT count(*) FROM seaworthy.environment)";
    assert_eq!(sql::value::<i64>(after, ours).await, 0);
    let addresses =
        "SELECT bool_and(email LIKE '%@mail.example' AND password_hash = '!') FROM users";
    assert!(sql::value::<bool>(after, addresses).await);
    restored.drop(&sanitising.place).await;
}

#[tokio::test]
async fn one_key_gives_the_same_copy_and_another_key_another() {
    let sanitising = filled().await;
    let first = sanitising.make(KEY).await;
    let second = sanitising.make(KEY).await;
    assert_eq!(first.content(), second.content());
    let other = sanitising.make("another key of these tests").await;
    let hash = |made: &super::Sanitised, name: &str| {
        let tables = made.content().as_array().unwrap();
        let table = tables.iter().find(|table| table["name"] == name).unwrap();
        table["hash"].as_str().unwrap().to_owned()
    };
    for table in ["users", "students", "guardians", "sessions"] {
        assert_ne!(hash(&first, table), hash(&other, table), "{table}");
    }
    for table in ["roles", "classes"] {
        assert_eq!(hash(&first, table), hash(&other, table), "{table}");
    }
}

#[tokio::test]
async fn days_move_a_little_and_never_stay() {
    let sanitising = filled().await;
    let made = sanitising.make(KEY).await;
    let restored = made.restore(&sanitising.place).await;
    let days = "SELECT array_agg((birth_date - date '2000-01-01')::int ORDER BY id) FROM students";
    let before: Vec<i32> = sql::value(sanitising.db(), days).await;
    let after: Vec<i32> = sql::value(&restored.db, days).await;
    assert_eq!(before.len(), after.len());
    assert!(before.iter().zip(&after).all(|(a, b)| (1..=45).contains(&(a - b).abs())));
    restored.drop(&sanitising.place).await;
}

#[tokio::test]
async fn the_projects_profile_speaks_of_every_column() {
    let sanitising = Sanitising::of(TestDatabase::migrated().await, &own_profile());
    let run = sanitising.run("--check").await;
    assert_eq!(run.code, 0, "{run}");
}
