//! The role matrix in the code and the one in the database are the same.

use std::collections::BTreeSet;

use integration_tests::{TestDatabase, sql};
use seeder::reference::permissions::{MATRIX, ROLES, holders};

use super::seeder;

const ASSIGNED: &str = "SELECT concat_ws(' ', r.name, p.code) FROM role_permissions rp
    JOIN roles r ON r.id = rp.role_id JOIN permissions p ON p.id = rp.permission_id";

/// A database with reference data alone.
async fn referenced() -> TestDatabase {
    let test = TestDatabase::migrated().await;
    let run = seeder(&test, "--env production --only reference.access").await;
    assert_eq!(run.code, 0, "{run}");
    test
}

async fn set(test: &TestDatabase, query: &str) -> BTreeSet<String> {
    sql::column(test.db(), query).await.into_iter().collect()
}

fn in_the_code() -> BTreeSet<String> {
    let pairs = |(code, cells, _)| holders(cells).map(move |role| format!("{role} {code}"));
    MATRIX.into_iter().flat_map(pairs).collect()
}

#[tokio::test]
async fn roles_permissions_and_assignments_are_those_of_the_code() {
    let test = referenced().await;
    let roles = set(&test, "SELECT concat_ws(': ', name, description) FROM roles").await;
    assert_eq!(roles, ROLES.iter().map(|(name, about)| format!("{name}: {about}")).collect());
    let permissions = "SELECT concat_ws(': ', code, upper(module || '_' || action), description) FROM permissions";
    let expected = MATRIX.iter().map(|(code, _, about)| format!("{code}: {code}: {about}"));
    assert_eq!(set(&test, permissions).await, expected.collect());
    assert_eq!(set(&test, ASSIGNED).await, in_the_code());
    assert!(in_the_code().len() >= 50 && MATRIX.len() >= 25);
}

#[tokio::test]
async fn every_family_is_there_and_nobody_is_left_without() {
    let test = referenced().await;
    let families = set(&test, "SELECT DISTINCT split_part(code, '_', 1) FROM permissions").await;
    let expected = ["ACADEMIC", "AUDIT", "BACKUP", "ROLE", "STUDENT", "SYSTEM", "TEACHER", "USER"];
    assert_eq!(families, expected.map(str::to_owned).into());
    let unheld = "SELECT code FROM permissions p WHERE NOT EXISTS
                      (SELECT FROM role_permissions WHERE permission_id = p.id)";
    assert_eq!(set(&test, unheld).await, BTreeSet::new());
    let missing = "SELECT code FROM permissions p WHERE NOT EXISTS
                       (SELECT FROM role_permissions JOIN roles r ON r.id = role_id
                        WHERE permission_id = p.id AND r.name = 'SUPERADMIN')";
    assert_eq!(set(&test, missing).await, BTreeSet::new(), "SUPERADMIN may not do everything");
}

#[tokio::test]
async fn what_was_taken_from_a_role_comes_back_and_what_a_team_added_stays() {
    let test = referenced().await;
    let change = "DELETE FROM role_permissions USING roles r, permissions p
                      WHERE r.id = role_id AND p.id = permission_id
                      AND r.name = 'ADMIN' AND p.code = 'STUDENT_CREATE';
                  INSERT INTO role_permissions (role_id, permission_id)
                      SELECT r.id, p.id FROM roles r, permissions p
                      WHERE r.name = 'PARENT' AND p.code = 'AUDIT_READ'";
    sql::run(test.db(), change).await;
    assert_eq!(seeder(&test, "--env production --only reference.access").await.code, 0);
    let mut expected = in_the_code();
    expected.insert("PARENT AUDIT_READ".to_owned());
    assert_eq!(set(&test, ASSIGNED).await, expected);
}

#[tokio::test]
async fn the_api_asks_for_codes_that_the_matrix_has() {
    for code in api::permission::CODES {
        assert!(MATRIX.iter().any(|(known, ..)| *known == code), "{code}");
    }
}
