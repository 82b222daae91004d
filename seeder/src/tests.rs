//! All seeds together: what they offer, and where.

use std::collections::{BTreeMap, BTreeSet};

use dbkit::Environment;
use seeding_engine::{Kind, Seed, Selection, World, plan, values::safe};

use super::{described::Described, *};

fn world(seed: i64) -> World {
    World { seed, as_of: "2026-03-02".parse().unwrap() }
}

/// Every row of `seed`, as `table: columns`; where it is made by the cell, of the first one.
fn rows_of(seed: &Seed, world: &World) -> Vec<String> {
    let named = |table: &str, rows: Vec<String>| -> Vec<String> {
        rows.into_iter().map(|row| format!("{table}: {row}")).collect()
    };
    let rows = seed.rows(world).into_iter().flat_map(|rows| named(rows.table(), rows.describe()));
    let tables = seed.tables(world).into_iter();
    rows.chain(tables.flat_map(|table| named(table.table(), table.describe(0)))).collect()
}

fn rows(world: &World) -> Vec<String> {
    seeds(&Settings::default()).iter().flat_map(|seed| rows_of(seed, world)).collect()
}

fn counts(world: &World) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for row in rows(world) {
        let table = row.split(':').next().unwrap_or_default();
        *counts.entry(table.to_owned()).or_default() += 1;
    }
    counts
}

/// The seeds that a plain run in `environment` applies, in order.
fn applied(environment: Environment) -> Vec<&'static str> {
    let seeds = seeds(&Settings::default());
    let plan = plan(&seeds, environment, &Selection::default(), &BTreeMap::new()).unwrap();
    plan.applied().map(|seed| seed.id).collect()
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
            Kind::Demo | Kind::Scenario => {}
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
    assert!((5_000..10_000).contains(&total), "{total}");
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
fn nothing_reaches_a_real_person() {
    let mut addresses = 0;
    for row in rows(&world(42)) {
        let (table, row) = row.split_once(": ").unwrap();
        for (column, value) in Described::new("", row).values {
            safe::check_value(table, &column, &value).unwrap();
        }
        let is_part = |c: char| c.is_alphanumeric() || "@.-_+".contains(c);
        for word in
            row.split(|c| !is_part(c)).filter(|word| word.contains('@') && !word.starts_with('@'))
        {
            assert!(word.ends_with(".example"), "{word}");
            addresses += 1;
        }
    }
    assert!(addresses > 600, "{addresses}");
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
fn development_applies_everything_but_scenarios_in_an_order_that_works() {
    assert_eq!(
        applied(Environment::Development),
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
        assert_eq!(
            applied(environment),
            ["reference.access", "reference.subjects", "system.users"]
        );
    }
}

#[test]
fn production_refuses_everything_else() {
    let seeds = seeds(&Settings::default());
    for seed in seeds.iter().filter(|seed| seed.kind.is_generated()) {
        let named = Selection { only: vec![seed.id.to_owned()], ..Selection::default() };
        assert!(plan(&seeds, Environment::Production, &named, &BTreeMap::new()).is_err());
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

#[test]
fn a_scenario_can_be_had_by_its_name_where_invented_rows_may_be() {
    let seeds = seeds(&Settings::default());
    let scenarios: Vec<&Seed> = seeds.iter().filter(|seed| seed.kind == Kind::Scenario).collect();
    assert_eq!(scenarios.len(), 6);
    for scenario in scenarios {
        let named = Selection { only: vec![scenario.id.to_owned()], ..Selection::default() };
        let plan = |environment| plan(&seeds, environment, &named, &BTreeMap::new());
        let applied = plan(Environment::Testing).unwrap();
        assert!(applied.applied().any(|seed| seed.id == scenario.id));
        assert!(plan(Environment::Staging).is_err());
        assert!(scenario.rows(&world(42)).iter().all(|rows| !rows.is_empty()), "{}", scenario.id);
    }
}

#[test]
fn every_seed_requires_the_seeds_whose_rows_its_own_need() {
    seeding_engine::check_references(&seeds(&Settings::default()), &world(42)).unwrap();
}
