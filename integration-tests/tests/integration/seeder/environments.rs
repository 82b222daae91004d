//! What each environment gets, and what it never gets.

use std::collections::BTreeMap;

use argon2::{
    Argon2,
    password_hash::{PasswordVerifier as _, phc::PasswordHash},
};
use integration_tests::{Program, Run, TestDatabase, sql};
use seeder::{
    personas::PERSONAS,
    reference::{
        SUBJECTS,
        permissions::{MATRIX, ROLES, holders},
    },
    system::SYSTEM_USERS,
};

use super::{SYSTEM_PASSWORD, assert_failed, document, fill, seeder};
use crate::content::{assert_same, but_the_trail, filled, of_the_team, whole};

/// Whether the stored hash of `email` fits `password`.
async fn fits(test: &TestDatabase, email: &str, password: &str) -> bool {
    let query = format!("SELECT password_hash FROM users WHERE email = '{email}'");
    let hash: String = sql::value(test.db(), &query).await;
    let hash = PasswordHash::new(&hash).unwrap();
    Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
}

/// The passwords that a run has shown, by address.
#[track_caller]
fn shown(run: &Run) -> BTreeMap<String, Option<String>> {
    assert_eq!(run.code, 0, "{run}");
    let document = document(run);
    let users = document["data"]["system_users"].as_array().unwrap().clone();
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    users.iter().map(|user| (text(&user["email"]).unwrap(), text(&user["password"]))).collect()
}

#[tokio::test]
async fn production_gets_reference_data_and_system_users_and_nothing_else() {
    let test = TestDatabase::migrated().await;
    let run = seeder(&test, "--env production").await;
    assert_eq!(run.code, 0, "{run}");
    let expected = [
        ("permissions", MATRIX.len()),
        ("role_permissions", MATRIX.iter().map(|(_, cells, _)| holders(cells).count()).sum()),
        ("roles", ROLES.len()),
        ("subjects", SUBJECTS.len()),
        ("user_roles", SYSTEM_USERS.len()),
        ("users", SYSTEM_USERS.len()),
    ];
    let mut filled = filled(&test).await;
    filled.sort();
    assert_eq!(filled, expected.map(|(table, rows)| (table.to_owned(), rows as u64)));
    let emails = "SELECT email FROM users WHERE is_system AND status = 'active' ORDER BY email";
    assert_eq!(
        sql::column::<String>(test.db(), emails).await,
        ["admin@school.example", "principal@school.example", "superadmin@school.example"]
    );
    assert!(!run.stdout.contains("persona in") && !run.stdout.contains("seaworthy-demo"), "{run}");
    let stamp: String = sql::value(test.db(), "SELECT name FROM seaworthy.environment").await;
    assert_eq!(stamp, "production");
}

#[tokio::test]
async fn generated_passwords_are_shown_once_and_fit() {
    let test = TestDatabase::migrated().await;
    let first = shown(&seeder(&test, "--env production --format json").await);
    assert_eq!(first.len(), SYSTEM_USERS.len());
    for (email, password) in &first {
        let password = password.as_deref().unwrap();
        assert!(password.len() >= 16, "{email} got a short password");
        assert!(fits(&test, email, password).await, "{email} cannot log in");
        assert!(!fits(&test, email, "seaworthy-demo").await);
    }
    let mut different: Vec<_> = first.values().collect();
    different.sort();
    different.dedup();
    assert_eq!(different.len(), first.len(), "two users share a password");

    let again = seeder(&test, "--env production").await;
    assert_eq!(again.code, 0, "{again}");
    for (email, password) in &first {
        let password = password.as_deref().unwrap();
        assert!(!again.stdout.contains(password) && !again.stderr.contains(password), "{again}");
        assert!(fits(&test, email, password).await, "{email} got another password");
    }
    assert!(!again.stdout.contains("System users"), "{again}");
    assert!(shown(&seeder(&test, "--env production --format json").await).is_empty());
}

#[tokio::test]
async fn a_password_that_the_team_has_set_is_used_and_not_shown() {
    let test = TestDatabase::migrated().await;
    let seeder = Program::new("seeder").await.on(test.url()).args("--env production -vv");
    let run = seeder.env("SEED_SYSTEM_PASSWORD", SYSTEM_PASSWORD).run().await;
    assert_eq!(run.code, 0, "{run}");
    assert!(!format!("{run}").contains(SYSTEM_PASSWORD), "{run}");
    for user in SYSTEM_USERS {
        assert!(fits(&test, &user.email("school.example"), SYSTEM_PASSWORD).await);
    }
}

#[tokio::test]
async fn the_domain_of_the_system_users_is_the_teams_choice() {
    let test = TestDatabase::migrated().await;
    let seeder = Program::new("seeder").await.on(test.url()).args("--env production");
    let run = seeder.env("SEED_DOMAIN", "Team.example").run().await;
    assert_eq!(run.code, 0, "{run}");
    let wrong = "SELECT count(*) FROM users WHERE email NOT LIKE '%@team.example'";
    assert_eq!(sql::value::<i64>(test.db(), wrong).await, 0);
}

#[tokio::test]
async fn testing_gets_personas_who_can_log_in() {
    let test = TestDatabase::migrated().await;
    let run = seeder(&test, "--env testing").await;
    assert_eq!(run.code, 0, "{run}");
    for persona in PERSONAS.iter().filter(|persona| persona.can_log_in()) {
        assert!(run.stdout.contains(&persona.email()), "{run}");
        assert!(fits(&test, &persona.email(), "seaworthy-demo").await, "{}", persona.name);
    }
    let statuses = "SELECT DISTINCT status::text FROM users ORDER BY 1";
    let statuses: Vec<String> = sql::column(test.db(), statuses).await;
    assert_eq!(statuses, ["active", "disabled", "invited", "suspended"]);
}

#[tokio::test]
async fn production_refuses_what_is_made_up_even_if_asked_for_by_name() {
    let test = TestDatabase::migrated().await;
    assert_eq!(seeder(&test, "--env production").await.code, 0);
    let before = but_the_trail(test.db()).await;
    for seed in ["demo.personas", "demo.festival", "volume.school"] {
        let run = seeder(&test, &format!("--env production --only {seed}")).await;
        assert_failed(&run, 4, seed);
    }
    assert_same(&before, &but_the_trail(test.db()).await);

    let fresh = TestDatabase::migrated().await;
    let before = of_the_team(fresh.db()).await;
    let run = seeder(&fresh, "--env production --only demo.personas").await;
    assert_failed(&run, 4, "demo.personas");
    assert_same(&before, &of_the_team(fresh.db()).await);
    let stamp = "SELECT to_regclass('seaworthy.environment') IS NULL";
    assert!(sql::value::<bool>(fresh.db(), stamp).await, "a refusal stamps the database");
}

#[tokio::test]
async fn a_database_that_is_stamped_otherwise_is_refused_before_anything_is_written() {
    let test = TestDatabase::migrated().await;
    fill(&test).await;
    let before = whole(test.db()).await;
    for arguments in ["--env production", "run --env staging", "plan --env testing"] {
        let run = seeder(&test, arguments).await;
        assert_failed(&run, 4, "development");
    }
    assert_same(&before, &whole(test.db()).await);
}

#[tokio::test]
async fn the_stamp_outlives_the_flag() {
    let test = TestDatabase::migrated().await;
    assert_eq!(seeder(&test, "--env testing").await.code, 0);
    let run = seeder(&test, "").await;
    assert_failed(&run, 4, "testing");
    assert!(run.stderr.contains("--env testing"), "{run}");
}
