//! The same seed number gives the same world, wherever and whenever; another gives another.

use integration_tests::{Program, TestDatabase, sql};

use super::{SYSTEM_PASSWORD, assert_failed, seeder};
use crate::content::{Content, assert_same, but_the_trail, of};

/// What no two databases have in common: when reference data arrived, and the salted hashes of
/// the system users' passwords.
const WORLD: &str = "to_jsonb(t) - CASE
    WHEN tableoid::regclass::text IN ('roles', 'permissions', 'role_permissions', 'subjects')
        OR (to_jsonb(t) ->> 'is_system')::boolean
        THEN ARRAY['created_at', 'updated_at', 'password_hash']
    WHEN to_jsonb(t) ->> 'user_id' IN (SELECT id::text FROM users WHERE is_system)
        THEN ARRAY['granted_at']
    ELSE ARRAY[]::text[] END";

/// The content of every table, without what no two databases have in common.
pub(crate) async fn world(test: &TestDatabase) -> Content {
    let tables = "SELECT format('%I', relname) FROM pg_class WHERE relkind = 'r'
                  AND relnamespace = 'public'::regnamespace AND relname <> 'seaql_migrations'
                  ORDER BY 1";
    let tables: Vec<String> = sql::column(test.db(), tables).await;
    assert_eq!(tables.len(), 32);
    of(test.db(), &tables, WORLD).await
}

async fn filled(arguments: &str) -> TestDatabase {
    let test = TestDatabase::migrated().await;
    let seeder = Program::new("seeder").await.on(test.url()).args(arguments);
    let run = seeder.env("SEED_SYSTEM_PASSWORD", SYSTEM_PASSWORD).run().await;
    assert_eq!(run.code, 0, "{run}");
    test
}

#[tokio::test]
async fn the_same_seed_and_day_give_the_same_content_of_every_table() {
    let (one, other) = tokio::join!(
        filled("--seed 7 --as-of 2026-03-02"),
        filled("--seed 7 --as-of 2026-03-02 --env testing"),
    );
    assert_same(&world(&one).await, &world(&other).await);
}

#[tokio::test]
async fn the_day_can_come_from_the_clock_and_the_rows_do_not_depend_on_the_way() {
    let at_once = filled("--seed 7 --as-of 2026-03-02").await;
    let by_parts = TestDatabase::migrated().await;
    for arguments in ["--only volume.traces", "--only demo.festival", ""] {
        let seeder = Program::new("seeder").await.on(by_parts.url());
        // The first run decides; noon of 2026-03-02 is what its clock says.
        let seeder = seeder.args(arguments).env("SOURCE_DATE_EPOCH", "1772452800");
        let run = match arguments {
            "--only volume.traces" => seeder.args("--seed 7").run().await,
            _ => seeder.run().await,
        };
        assert_eq!(run.code, 0, "{run}");
    }
    assert_same(&world(&at_once).await, &world(&by_parts).await);
}

#[tokio::test]
async fn another_seed_gives_another_world_with_the_same_keys_and_counts() {
    let (one, other) =
        tokio::join!(filled("--seed 7 --as-of 2026-03-02"), filled("--seed 8 --as-of 2026-03-02"));
    let (before, after) = (world(&one).await, world(&other).await);
    let differing: Vec<_> = before
        .iter()
        .filter(|line| !after.contains(line))
        .filter_map(|l| l.split(' ').next())
        .collect();
    for table in ["students", "users", "guardians", "attendance", "exam_results", "reviews"] {
        assert!(differing.contains(&table), "{table} is the same in both: {differing:?}");
    }
    for table in ["roles", "permissions", "role_permissions", "subjects"] {
        assert!(!differing.contains(&table), "{table} depends on the seed");
    }
}

#[tokio::test]
async fn two_worlds_are_never_mixed() {
    let test = filled("--seed 7 --as-of 2026-03-02").await;
    let before = but_the_trail(test.db()).await;
    for (arguments, said) in [
        ("--seed 8", "rows of seed 7, not of seed 8"),
        ("plan --seed 8", "rows of seed 7, not of seed 8"),
        ("--dry-run --seed 8", "rows of seed 7, not of seed 8"),
        ("--as-of 2026-03-03", "as of 2026-03-02, not as of 2026-03-03"),
    ] {
        let run = seeder(&test, arguments).await;
        assert_failed(&run, 4, said);
    }
    assert_same(&before, &but_the_trail(test.db()).await);
    assert_eq!(seeder(&test, "--seed 7 --as-of 2026-03-02").await.code, 0);
}
