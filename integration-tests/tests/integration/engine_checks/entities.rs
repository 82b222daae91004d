//! Entities and database, compared by consequence.

use entity as _;
use integration_tests::{TestDatabase, sql};
use migration_engine::{
    CheckLimits, Finding,
    entities::{self, Definitions, RegistryError},
};
use sea_orm::{DbBackend, EntityRegistry, Schema};

use super::line;

pub(super) async fn definitions() -> Definitions {
    let registry = EntityRegistry::build_schema(Schema::new(DbBackend::Postgres), "entity::*");
    Definitions::of(registry, 32).await.unwrap()
}

pub(super) async fn check(test: &TestDatabase) -> Vec<Finding> {
    let (definitions, limits) = (definitions().await, CheckLimits::default());
    entities::check(test.db(), &definitions, "seaql_migrations", limits).await.unwrap()
}

#[tokio::test]
async fn the_entities_fit_the_migrated_schema() {
    let findings = check(&TestDatabase::migrated().await).await;
    let lines: Vec<_> = findings.iter().map(line).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

#[tokio::test]
async fn fewer_entities_than_there_must_be_are_no_answer() {
    let registry = EntityRegistry::build_schema(Schema::new(DbBackend::Postgres), "entity::*");
    let error = Definitions::of(registry, 33).await.unwrap_err();
    assert!(matches!(error, RegistryError::TooFew { found: 32, at_least: 33 }), "{error}");
}

/// Changes of the migrated schema, each with what the findings then start with.
const MUTATIONS: &[(&str, &[&str])] = &[
    // Rows cannot be read.
    ("DROP TABLE audit_logs", &["error entities.decode table public.audit_logs: it is missing"]),
    (
        "ALTER TABLE classes DROP COLUMN room",
        &["error entities.decode column public.classes.room: it is missing"],
    ),
    (
        "ALTER TABLE classes ALTER COLUMN capacity TYPE bigint",
        &[
            "error entities.decode column public.classes.capacity: it is bigint and the field is integer",
        ],
    ),
    (
        "ALTER TABLE exam_results ALTER COLUMN score TYPE double precision",
        &["error entities.decode column public.exam_results.score: it is double precision"],
    ),
    (
        "ALTER TABLE users ALTER COLUMN last_login_at TYPE timestamp",
        &["error entities.decode column public.users.last_login_at: it is timestamp without"],
    ),
    (
        "ALTER TABLE audit_logs ALTER COLUMN before TYPE text",
        &["error entities.decode column public.audit_logs.before: it is text"],
    ),
    (
        "ALTER TABLE users ALTER COLUMN full_name DROP NOT NULL",
        &["error entities.decode column public.users.full_name: it may be null"],
    ),
    (
        "ALTER TYPE theme ADD VALUE 'sepia'",
        &["error entities.decode type public.theme: no variant stands for (sepia)"],
    ),
    (
        "ALTER TABLE permissions RENAME COLUMN description TO summary",
        &[
            "error entities.decode column public.permissions.description: it is missing",
            "error entities.insert column public.permissions.summary: it needs a value",
            "info entities.cosmetic table public.permissions: its entity has no field for (summary)",
        ],
    ),
    // Rows cannot be written.
    (
        "ALTER TYPE theme RENAME VALUE 'dark' TO 'night'",
        &[
            "error entities.insert type public.theme: the database does not know (dark)",
            "error entities.decode type public.theme: no variant stands for (night)",
        ],
    ),
    (
        "ALTER TABLE user_preferences ALTER COLUMN theme DROP DEFAULT,
             ALTER COLUMN theme TYPE text, ALTER COLUMN theme SET DEFAULT 'system'",
        &[
            "error entities.decode column public.user_preferences.theme: it is text and the field is theme",
        ],
    ),
    (
        "ALTER TABLE subjects ADD COLUMN credits integer NOT NULL",
        &[
            "error entities.insert column public.subjects.credits: it needs a value",
            "info entities.cosmetic table public.subjects: its entity has no field for (credits)",
        ],
    ),
    (
        "ALTER TABLE subjects ALTER COLUMN description SET NOT NULL",
        &["warning entities.insert column public.subjects.description: it is NOT NULL without"],
    ),
    (
        "ALTER TABLE subjects ALTER COLUMN description SET NOT NULL,
             ALTER COLUMN description SET DEFAULT ''",
        &["warning entities.insert column public.subjects.description: it is NOT NULL and"],
    ),
    (
        "ALTER TABLE users ALTER COLUMN updated_at DROP DEFAULT",
        &["error entities.insert column public.users.updated_at: the entity leaves its value"],
    ),
    (
        "ALTER TABLE subjects DROP CONSTRAINT subjects_code_key",
        &["error entities.insert table public.subjects: the unique key on (code) is missing"],
    ),
    (
        "ALTER TABLE subjects DROP CONSTRAINT subjects_code_key;
         CREATE UNIQUE INDEX ON subjects (code) WHERE description IS NULL",
        &["error entities.insert table public.subjects: the unique key on (code) is missing"],
    ),
    (
        "ALTER TABLE saved_events DROP CONSTRAINT saved_events_pkey",
        &[
            "error entities.insert table public.saved_events: the primary key on (user_id, event_id)",
        ],
    ),
    (
        "ALTER TABLE classes DROP COLUMN capacity,
             ADD COLUMN capacity integer NOT NULL GENERATED ALWAYS AS (30) STORED",
        &["error entities.insert column public.classes.capacity: the database alone may write it"],
    ),
    (
        "ALTER TABLE classes ALTER COLUMN room TYPE varchar(4)",
        &["warning entities.insert column public.classes.room: it is character varying(4)"],
    ),
    (
        "ALTER TABLE classes DROP CONSTRAINT classes_teacher_id_fkey",
        &[
            "warning entities.insert table public.classes: (teacher_id) -> teachers (id) is no foreign key",
        ],
    ),
    (
        "ALTER TABLE classes DROP CONSTRAINT classes_teacher_id_fkey,
             ADD FOREIGN KEY (teacher_id) REFERENCES teachers (id) ON DELETE CASCADE",
        &[
            "warning entities.insert table public.classes: (teacher_id) -> teachers (id) is ON DELETE CASCADE",
        ],
    ),
    // Nothing comes of it.
    (
        "ALTER TABLE users ALTER COLUMN full_name TYPE varchar",
        &["info entities.cosmetic column public.users.full_name: it is character varying"],
    ),
    ("CREATE DOMAIN sentence AS text; ALTER TABLE users ALTER COLUMN full_name TYPE sentence", &[]),
    (
        "CREATE TABLE legacy (id bigint PRIMARY KEY, note text NOT NULL)",
        &["info entities.cosmetic table public.legacy: no entity maps it"],
    ),
    (
        "ALTER TABLE subjects ADD COLUMN credits integer NOT NULL DEFAULT 5",
        &["info entities.cosmetic table public.subjects: its entity has no field for (credits)"],
    ),
    (
        "ALTER TABLE saved_events DROP CONSTRAINT saved_events_pkey;
         CREATE UNIQUE INDEX ON saved_events (event_id, user_id)",
        &["info entities.cosmetic table public.saved_events: (user_id, event_id) is a unique key"],
    ),
    (
        "ALTER TABLE subjects ADD CONSTRAINT named CHECK (code <> ''); CREATE INDEX ON users (id)",
        &[],
    ),
    ("ALTER TABLE classes RENAME CONSTRAINT classes_code_term_key TO other_name", &[]),
];

#[tokio::test]
async fn every_difference_is_judged_by_its_consequence() {
    for (mutation, expected) in MUTATIONS {
        let test = TestDatabase::migrated().await;
        sql::run(test.db(), mutation).await;
        let found: Vec<_> = check(&test).await.iter().map(line).collect();
        let fits = found.len() == expected.len()
            && found.iter().zip(*expected).all(|(found, expected)| found.starts_with(expected));
        assert!(fits, "{mutation}\n{}", found.join("\n"));
    }
}

#[tokio::test]
async fn what_was_said_to_fail_does_fail() {
    use entity::access::{types::Theme, user_preference::Column};
    use entity::prelude::{Class, UserPreference};
    use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

    let test = TestDatabase::migrated().await;
    let fill = "SET session_replication_role = replica;
        INSERT INTO classes (id, code, subject_id, teacher_id, term, capacity)
        VALUES (gen_random_uuid(), 'A', gen_random_uuid(), gen_random_uuid(), '2026-a', 3);
        INSERT INTO user_preferences (id, user_id) VALUES (gen_random_uuid(), gen_random_uuid());
        ALTER TABLE classes ALTER COLUMN capacity TYPE bigint;
        ALTER TABLE user_preferences ALTER COLUMN theme DROP DEFAULT,
            ALTER COLUMN theme TYPE text";
    sql::run(test.db(), fill).await;
    // A `bigint` does not become an `i32`.
    Class::find().all(test.db()).await.unwrap_err();
    // An enumeration is read from any text, and is not compared with one.
    UserPreference::find().one(test.db()).await.unwrap().unwrap();
    let filtered = UserPreference::find().filter(Column::Theme.eq(Theme::System));
    let error = filtered.one(test.db()).await.unwrap_err();
    assert_eq!(sql::sqlstate(&error).as_deref(), Some("42883"));
}

#[tokio::test]
async fn rows_without_a_value_are_counted() {
    let test = TestDatabase::migrated().await;
    let change = "ALTER TABLE permissions ALTER COLUMN description DROP NOT NULL;
        INSERT INTO permissions (id, code, module, action)
        SELECT gen_random_uuid(), 'A_' || upper(chr(64 + n)), 'a', chr(96 + n) FROM generate_series(1, 3) n";
    sql::run(test.db(), change).await;
    let found = check(&test).await;
    assert!(found[0].message.ends_with("; there are 3 now"), "{found:?}");
}

#[tokio::test]
async fn a_broken_table_is_found_by_reading_it_and_a_locked_one_does_not_hang() {
    use sea_orm::TransactionTrait as _;

    let test = TestDatabase::migrated().await;
    let change = "CREATE FUNCTION boom() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'boom'; END $$;
        ALTER TABLE subjects RENAME TO subjects_kept;
        CREATE VIEW subjects AS SELECT id, boom() AS code, name, description, created_at, updated_at
            FROM (VALUES (gen_random_uuid(), 'n', 'd', now(), now())) v (id, name, description, created_at, updated_at)";
    sql::run(test.db(), change).await;
    let other = test.db().begin().await.unwrap();
    sql::run(&other, "LOCK TABLE venues").await;
    let found: Vec<_> = check(&test).await.iter().map(line).collect();
    let broken = "error entities.decode table public.subjects: it cannot be read";
    assert!(found.iter().any(|line| line.starts_with(broken)), "{found:?}");
    let locked = "info entities.decode table public.venues: no row of it was read: somebody holds a lock on it";
    assert!(found.iter().any(|line| line == locked), "{found:?}");
    other.rollback().await.unwrap();
}
