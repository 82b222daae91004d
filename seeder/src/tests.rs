use std::collections::{BTreeMap, BTreeSet};

use dbkit::Environment;
use seeding_engine::{Kind, Plan, Seed, World, plan};

use super::*;

fn world(seed: i64) -> World {
    World { seed, as_of: "2026-03-02".parse().unwrap() }
}

/// Every row of `seed`, as `table: columns`.
fn rows_of(seed: &Seed, world: &World) -> Vec<String> {
    let tables = (seed.rows)(world).into_iter();
    tables
        .flat_map(|rows| {
            rows.describe().into_iter().map(move |row| format!("{}: {row}", rows.table()))
        })
        .collect()
}

fn rows(world: &World) -> Vec<String> {
    seeds(&Settings::default()).iter().flat_map(|seed| rows_of(seed, world)).collect()
}

fn counts(world: &World) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for seed in seeds(&Settings::default()) {
        for rows in (seed.rows)(world) {
            *counts.entry(rows.table()).or_default() += rows.len();
        }
    }
    counts
}

fn planned(environment: Environment, only: &[String]) -> Vec<(&'static str, bool)> {
    let seeds = seeds(&Settings::default());
    let Plan { steps } = plan(&seeds, environment, only, &BTreeMap::new()).unwrap();
    let is_applied = |action| matches!(action, seeding_engine::Action::Apply(_));
    steps.into_iter().map(|(seed, action)| (seed.id, is_applied(action))).collect()
}

#[test]
fn the_same_seed_makes_the_same_rows() {
    assert_eq!(rows(&world(42)), rows(&world(42)));
}

#[test]
fn another_seed_makes_another_volume_and_the_same_reference_data() {
    for seed in seeds(&Settings::default()) {
        let is_same = rows_of(&seed, &world(1)) == rows_of(&seed, &world(2));
        match seed.kind {
            Kind::Reference | Kind::System => assert!(is_same, "{}", seed.id),
            Kind::Volume => assert!(!is_same, "{}", seed.id),
            // Made by hand, but for who was in class.
            Kind::Demo => {}
        }
    }
}

#[test]
fn keys_do_not_depend_on_the_seed() {
    let tables = ["users", "students", "guardians", "classes", "enrollments", "events", "exams"];
    let keys = |seed| -> BTreeSet<String> {
        rows(&world(seed))
            .iter()
            .filter_map(|row| row.split_once(": "))
            .filter(|(table, _)| tables.contains(table))
            .filter_map(|(table, row)| Some(format!("{table} {}", row.split(' ').next()?)))
            .collect()
    };
    assert!(keys(1) == keys(2));
    assert!(keys(1).iter().all(|key| key.contains(" id=")));
}

#[test]
fn every_table_gets_rows_and_a_few_thousand_in_all() {
    let counts = counts(&world(42));
    assert_eq!(counts.len(), 32, "{counts:?}");
    assert!(counts.values().all(|rows| *rows > 0), "{counts:?}");
    let total: usize = counts.values().sum();
    assert!((4_000..8_000).contains(&total), "{total}");
    assert!(counts["permissions"] >= 25 && counts["role_permissions"] >= 50);
}

#[test]
fn no_key_comes_twice() {
    let mut seen = BTreeSet::new();
    for row in rows(&world(42)) {
        let table = row.split(' ').next().unwrap();
        if let Some(id) = row.split(' ').find(|word| word.starts_with("id=")) {
            assert!(seen.insert(format!("{table} {id}")), "{row}");
        }
    }
}

#[test]
fn no_address_can_reach_anybody() {
    let mut addresses = 0;
    for row in rows(&world(42)) {
        let is_part = |c: char| c.is_alphanumeric() || "@.-_+".contains(c);
        for word in
            row.split(|c| !is_part(c)).filter(|word| word.contains('@') && !word.starts_with('@'))
        {
            assert!(word.ends_with(".example"), "{word}");
            addresses += 1;
        }
    }
    assert!(addresses > 150, "{addresses}");
}

#[test]
fn addresses_are_unique() {
    let mut seen = BTreeSet::new();
    for row in rows(&world(42)).iter().filter(|row| row.starts_with("users: ")) {
        let address = row.split(' ').find(|word| word.starts_with("email=")).unwrap();
        assert!(seen.insert(address.to_owned()), "{address}");
    }
}

#[test]
fn every_status_of_a_user_and_of_an_event_is_among_the_hand_made_rows() {
    let settings = Settings::default();
    let users = rows_of(&personas::seed(&settings), &world(42));
    for status in ["active", "invited", "suspended", "disabled"] {
        assert!(users.iter().any(|row| row.contains(&format!("status='{status}'"))), "{status}");
    }
    let events: Vec<String> = rows_of(&festival::seed(&settings), &world(42))
        .into_iter()
        .filter(|row| row.starts_with("events: "))
        .collect();
    assert_eq!(events.len(), 8);
    for status in ["draft", "published", "cancelled", "completed", "archived"] {
        assert!(events.iter().any(|row| row.contains(&format!("status='{status}'"))), "{status}");
    }
}

#[test]
fn about_92_of_a_hundred_are_in_class() {
    let rows = rows(&world(42));
    let attendance: Vec<&String> =
        rows.iter().filter(|row| row.starts_with("attendance: ")).collect();
    let present = attendance.iter().filter(|row| row.contains("status='present'")).count();
    assert!((900..940).contains(&(present * 1_000 / attendance.len())), "{present}");
}

#[test]
fn development_applies_everything_in_an_order_that_works() {
    let order: Vec<&str> =
        planned(Environment::Development, &[]).iter().map(|step| step.0).collect();
    assert_eq!(
        order,
        [
            "reference.access",
            "demo.festival",
            "reference.subjects",
            "demo.personas",
            "system.users",
            "volume.festival",
            "volume.school",
            "volume.traces",
        ]
    );
}

#[test]
fn production_and_staging_get_reference_data_and_system_users_only() {
    for environment in [Environment::Production, Environment::Staging] {
        let steps = planned(environment, &[]).into_iter();
        let applied: Vec<&str> = steps.filter(|step| step.1).map(|step| step.0).collect();
        assert_eq!(applied, ["reference.access", "reference.subjects", "system.users"]);
    }
}

#[test]
fn production_refuses_everything_else() {
    let seeds = seeds(&Settings::default());
    for seed in seeds.iter().filter(|seed| seed.kind.is_generated()) {
        let only = [seed.id.to_owned()];
        assert!(plan(&seeds, Environment::Production, &only, &BTreeMap::new()).is_err());
    }
}

#[test]
fn nothing_that_is_seeded_tells_a_password() {
    let password = |text: &str| Some(Password::new(text));
    let system_passwords = SystemPasswords {
        superadmin: password("tell-1"),
        admin: password("tell-2"),
        principal: password("tell-3"),
    };
    let settings =
        Settings { persona_password: password("tell-4"), system_passwords, ..Settings::default() };
    assert!(!format!("{settings:?}").contains("tell-"));
    for seed in seeds(&settings) {
        assert!(rows_of(&seed, &world(42)).iter().all(|row| !row.contains("tell-")));
    }
}
