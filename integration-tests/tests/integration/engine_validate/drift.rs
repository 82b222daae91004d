//! The level `schema`, as people meet it: what differs from the history is named.

use integration_tests::{Program, TestDatabase, sql};

use super::validate;

/// Six of the kinds that the engine's own test goes through, and what must be named.
const ERRORS: [(&str, &str); 6] = [
    ("CREATE TABLE extra ()", "table public.extra"),
    ("ALTER TABLE classes ALTER capacity SET DEFAULT 1", "column public.classes.capacity"),
    (
        "ALTER TABLE subjects DROP CONSTRAINT subjects_code_check",
        "constraint public.subjects.subjects_code_check",
    ),
    ("DROP INDEX users_created_by_idx", "index public.users_created_by_idx"),
    (
        "DROP TRIGGER subjects_touch_updated_at ON subjects",
        "trigger public.subjects.subjects_touch_updated_at",
    ),
    ("COMMENT ON TABLE roles IS 'another'", "comment on table public.roles"),
];

#[tokio::test]
async fn a_difference_from_the_history_is_exit_code_3_and_names_the_object() {
    for (mutation, object) in ERRORS {
        let test = TestDatabase::migrated().await;
        sql::run(test.db(), mutation).await;
        let run = validate(&test, "--only schema").await;
        assert_eq!(run.code, 3, "{mutation}\n{run}");
        let line = format!("  error drift.history: {object}\n");
        assert!(run.stdout.contains(&line), "{mutation}\n{run}");
    }
}

#[tokio::test]
async fn owners_privileges_and_the_order_of_columns_are_warnings() {
    const ORDER: &str = "ALTER TABLE subjects DROP description;
        ALTER TABLE subjects ADD description text;
        COMMENT ON COLUMN subjects.description IS 'What the subject covers'";
    let test = TestDatabase::migrated().await;
    let role = test.role("").await.user().unwrap();
    let change =
        format!("ALTER TABLE audit_logs OWNER TO {role}; GRANT SELECT ON roles TO {role}; {ORDER}");
    sql::run(test.db(), &change).await;
    let run = validate(&test, "--only schema").await;
    assert_eq!(run.code, 0, "{run}");
    for object in [
        "owner of table public.audit_logs",
        "privileges on table public.roles",
        "order of the columns of public.subjects",
    ] {
        let line = format!("  warning drift.history: {object}\n");
        assert!(run.stdout.contains(&line), "{object}\n{run}");
    }
}

#[tokio::test]
async fn a_named_database_serves_as_the_shadow_and_never_the_target_itself() {
    let (test, lent) = (TestDatabase::migrated().await, TestDatabase::empty().await);
    let with = async |shadow: &str| {
        let program = Program::new("migration").await.on(test.url()).args("validate --only schema");
        program.arg("--shadow-url").arg(shadow).run().await
    };
    let run = with(lent.url().expose()).await;
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stdout.contains("14 replayed"), "{run}");
    let run = with(test.url().expose()).await;
    assert_eq!(run.code, 4, "{run}");
    assert!(run.stderr.contains("cannot be its own shadow"), "{run}");
    let run = with("nonsense").await;
    assert_eq!(run.code, 2, "{run}");
}
