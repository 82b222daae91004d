//! A developer's database: full at once, and never touched twice.

use integration_tests::{TestDatabase, sql};
use migration_engine::Snapshot;

use super::{document, fill, seeder};
use crate::content::{assert_same, filled, of_the_team};

#[tokio::test]
async fn one_command_fills_a_developers_database() {
    let test = TestDatabase::migrated().await;
    let run = seeder(&test, "--seed 42 --as-of 2026-03-02").await;
    assert_eq!(run.code, 0, "{run}");
    for said in [
        "seed                created  updated  unchanged  duration",
        "reference.access        108        0          0",
        "development, seed 42, as of 2026-03-02",
        "superadmin@school.example  SUPERADMIN",
        "tess.teacher@school.example  TEACHER  seaworthy-demo",
    ] {
        assert!(run.stdout.contains(said), "`{said}` is missing:\n{run}");
    }
    let mut table = run.stdout.lines().take_while(|line| !line.starts_with("Database"));
    assert!(table.all(|line| line.chars().count() <= 80), "wider than a terminal:\n{run}");
}

#[tokio::test]
async fn a_second_run_writes_no_row_of_any_table() {
    let test = TestDatabase::migrated().await;
    fill(&test).await;
    let before = of_the_team(test.db()).await;

    let document = document(&seeder(&test, "--format json").await);
    let total = &document["data"]["total"];
    assert_eq!((&total["created"], &total["updated"]), (&0.into(), &0.into()), "{total}");
    assert!(total["unchanged"].as_u64().unwrap() > 5_000, "{total}");
    assert_same(&before, &of_the_team(test.db()).await);
}

#[tokio::test]
async fn a_second_run_leaves_even_the_row_versions_alone() {
    let test = TestDatabase::migrated().await;
    fill(&test).await;
    let versions = "SELECT concat_ws(' ', 'users', id, xmin, ctid) FROM users UNION ALL
                    SELECT concat_ws(' ', 'roles', id, xmin, ctid) FROM roles UNION ALL
                    SELECT concat_ws(' ', 'attendance', id, xmin, ctid) FROM attendance ORDER BY 1";
    let before: Vec<String> = sql::column(test.db(), versions).await;
    assert_eq!(seeder(&test, "").await.code, 0);
    assert_same(&before, &sql::column::<String>(test.db(), versions).await);
}

#[tokio::test]
async fn every_one_of_the_32_tables_has_rows() {
    let test = TestDatabase::migrated().await;
    fill(&test).await;
    let tables = "SELECT relname::text FROM pg_class WHERE relkind = 'r'
                  AND relnamespace = 'public'::regnamespace AND relname <> 'seaql_migrations'
                  ORDER BY relname COLLATE \"C\"";
    let tables: Vec<String> = sql::column(test.db(), tables).await;
    assert_eq!(tables.len(), 32, "{tables:?}");
    let mut filled: Vec<_> = filled(&test).await.into_iter().map(|(table, _)| table).collect();
    filled.sort();
    assert_eq!(filled, tables);
}

#[tokio::test]
async fn no_address_and_no_number_can_reach_anybody() {
    let test = TestDatabase::migrated().await;
    fill(&test).await;
    let addresses =
        "SELECT email FROM users UNION ALL SELECT email FROM guardians WHERE email <> ''";
    let addresses: Vec<String> = sql::column(test.db(), addresses).await;
    assert!(addresses.len() > 200, "{}", addresses.len());
    // https://www.rfc-editor.org/rfc/rfc2606
    let reserved = [".example", ".test", ".invalid", "@example.com", "@example.org"];
    for address in &addresses {
        assert!(reserved.iter().any(|domain| address.ends_with(domain)), "{address}");
    }
    let numbers = "SELECT phone FROM guardians WHERE phone <> ''";
    let numbers: Vec<String> = sql::column(test.db(), numbers).await;
    assert!(numbers.len() > 50, "{}", numbers.len());
    // 555-0100 to 555-0199 in North America; 07700 900000 to 900999 in the United Kingdom.
    for number in &numbers {
        let is_american =
            number.len() == 12 && number.starts_with("+1") && number[5..].starts_with("55501");
        let is_british = number.len() == 13 && number.starts_with("+447700900");
        assert!(is_american || is_british, "{number}");
    }
}

#[tokio::test]
async fn reference_data_follows_the_code_and_everything_else_its_owner() {
    let test = TestDatabase::migrated().await;
    fill(&test).await;
    let before = of_the_team(test.db()).await;
    let edit = "UPDATE roles SET description = 'edited' WHERE name = 'TEACHER';
                UPDATE subjects SET name = 'edited' WHERE code = 'MATH';
                UPDATE students SET given_name = 'Edited' WHERE student_no = 'P-001';
                DELETE FROM saved_events;
                UPDATE users SET full_name = 'Edited' WHERE email LIKE 'superadmin@%'";
    sql::run(test.db(), edit).await;
    let document = document(&seeder(&test, "--format json").await);
    assert_eq!(document["data"]["total"]["updated"], 2, "{document}");
    let edited = "SELECT 'role' FROM roles WHERE description = 'edited' UNION ALL
                  SELECT 'subject' FROM subjects WHERE name = 'edited' UNION ALL
                  SELECT 'student' FROM students WHERE given_name = 'Edited' UNION ALL
                  SELECT 'user' FROM users WHERE full_name = 'Edited' ORDER BY 1";
    assert_eq!(sql::column::<String>(test.db(), edited).await, ["student", "user"]);
    let after = of_the_team(test.db()).await;
    let same = |table: &str| {
        let line =
            |content: &[String]| content.iter().find(|line| line.starts_with(table)).cloned();
        line(&before) == line(&after)
    };
    assert!(same("public.saved_events "), "what was deleted comes back");
    assert!(same("public.teachers ") && !same("public.students "));
}

#[tokio::test]
async fn seeding_leaves_the_catalog_alone() {
    let test = TestDatabase::migrated().await;
    let before = Snapshot::take(test.db()).await.unwrap();
    fill(&test).await;
    let changes = before.changes(&Snapshot::take(test.db()).await.unwrap());
    assert!(changes.is_empty(), "{changes:?}");
}
