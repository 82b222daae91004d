//! What the cells of a volume promise.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::Value;
use seeding_engine::{
    Generated, Seed, World,
    copy::{KeyRange, Source as _},
};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{Settings, described::Described};

/// Every unique key of the tables, the primary key of a table with an `id` among them.
const UNIQUE: [(&str, &[&str]); 53] = [
    ("attendance", &["enrollment_id", "day"]),
    ("attendance", &["id"]),
    ("audit_logs", &["id"]),
    ("classes", &["code", "term"]),
    ("classes", &["id"]),
    ("enrollments", &["id"]),
    ("enrollments", &["student_id", "class_id"]),
    ("event_attendances", &["event_id", "user_id"]),
    ("event_attendances", &["id"]),
    ("event_instructors", &["event_id", "instructor_id"]),
    ("event_musicians", &["event_id", "musician_id"]),
    ("events", &["id"]),
    ("events", &["slug"]),
    ("exam_results", &["exam_id", "student_id"]),
    ("exam_results", &["id"]),
    ("exams", &["id"]),
    ("guardians", &["id"]),
    ("guardians", &["user_id"]),
    ("instructor_follows", &["user_id", "instructor_id"]),
    ("instructors", &["id"]),
    ("instructors", &["slug"]),
    ("musician_follows", &["user_id", "musician_id"]),
    ("musicians", &["id"]),
    ("musicians", &["slug"]),
    ("notifications", &["id"]),
    ("permissions", &["code"]),
    ("permissions", &["id"]),
    ("permissions", &["module", "action"]),
    ("pricing_tiers", &["event_id", "name"]),
    ("pricing_tiers", &["id"]),
    ("reviews", &["event_id", "user_id"]),
    ("reviews", &["id"]),
    ("role_permissions", &["role_id", "permission_id"]),
    ("roles", &["id"]),
    ("roles", &["name"]),
    ("saved_events", &["user_id", "event_id"]),
    ("schedules", &["class_id", "weekday", "starts_at"]),
    ("schedules", &["id"]),
    ("sessions", &["id"]),
    ("sessions", &["token_hash"]),
    ("student_guardians", &["student_id", "guardian_id"]),
    ("students", &["id"]),
    ("students", &["student_no"]),
    ("students", &["user_id"]),
    ("subjects", &["code"]),
    ("teachers", &["employee_no"]),
    ("teachers", &["id"]),
    ("teachers", &["user_id"]),
    ("user_preferences", &["id"]),
    ("user_preferences", &["user_id"]),
    ("user_roles", &["user_id", "role_id"]),
    ("users", &["email"]),
    ("venues", &["slug"]),
];

/// Every reference: table, column, table that it refers to.
const REFERENCES: [(&str, &str, &str); 44] = [
    ("attendance", "enrollment_id", "enrollments"),
    ("audit_logs", "actor_id", "users"),
    ("classes", "subject_id", "subjects"),
    ("classes", "teacher_id", "teachers"),
    ("enrollments", "class_id", "classes"),
    ("enrollments", "student_id", "students"),
    ("event_attendances", "event_id", "events"),
    ("event_attendances", "user_id", "users"),
    ("event_instructors", "event_id", "events"),
    ("event_instructors", "instructor_id", "instructors"),
    ("event_musicians", "event_id", "events"),
    ("event_musicians", "musician_id", "musicians"),
    ("events", "venue_id", "venues"),
    ("exam_results", "exam_id", "exams"),
    ("exam_results", "student_id", "students"),
    ("exams", "class_id", "classes"),
    ("guardians", "user_id", "users"),
    ("instructor_follows", "instructor_id", "instructors"),
    ("instructor_follows", "user_id", "users"),
    ("musician_follows", "musician_id", "musicians"),
    ("musician_follows", "user_id", "users"),
    ("notifications", "user_id", "users"),
    ("pricing_tiers", "event_id", "events"),
    ("reviews", "event_id", "events"),
    ("reviews", "user_id", "users"),
    ("role_permissions", "permission_id", "permissions"),
    ("role_permissions", "role_id", "roles"),
    ("saved_events", "event_id", "events"),
    ("saved_events", "user_id", "users"),
    ("schedules", "class_id", "classes"),
    ("sessions", "user_id", "users"),
    ("student_guardians", "guardian_id", "guardians"),
    ("student_guardians", "student_id", "students"),
    ("students", "user_id", "users"),
    ("teachers", "user_id", "users"),
    ("user_preferences", "user_id", "users"),
    ("user_roles", "granted_by", "users"),
    ("user_roles", "role_id", "roles"),
    ("user_roles", "user_id", "users"),
    ("users", "created_by", "users"),
    ("users", "updated_by", "users"),
    // What the log speaks of is there as well, although nothing checks that.
    ("audit_logs of enrollments", "entity_id", "enrollments"),
    ("audit_logs of sessions", "entity_id", "sessions"),
    ("audit_logs of students", "entity_id", "students"),
];

fn world() -> World {
    World { seed: 42, as_of: "2026-03-02".parse().unwrap() }
}

fn tables(world: &World) -> Vec<Generated> {
    let settings = crate::Settings::default();
    [super::school(&settings), super::festival(&settings), super::traces()]
        .iter()
        .flat_map(|seed| seed.tables(world))
        .collect()
}

/// The rows of `cell`, of the tables that `is_wanted`.
fn some(cell: u64, is_wanted: impl Fn(&str) -> bool) -> Vec<Described> {
    let rows = |table: &Generated| {
        let rows = table.describe(cell);
        let name = table.table();
        rows.iter().map(|row| Described::new(name, row)).collect::<Vec<_>>()
    };
    tables(&world()).iter().filter(|table| is_wanted(table.table())).flat_map(rows).collect()
}

fn cell(cell: u64) -> Vec<Described> {
    some(cell, |_| true)
}

/// The rows of `table` in the first `cells` cells.
fn of_table(table: &str, cells: u64) -> Vec<Described> {
    (0..cells).flat_map(|cell| some(cell, |other| other == table)).collect()
}

/// The rows that are not made by the cell.
fn small() -> Vec<Described> {
    let rows = |seed: &Seed| {
        let rows = seed.rows(&world());
        let rows = rows.iter().flat_map(|rows| {
            rows.describe().into_iter().map(|row| Described::new(rows.table(), &row))
        });
        rows.collect::<Vec<_>>()
    };
    crate::seeds(&Settings::default()).iter().flat_map(rows).collect()
}

#[test]
fn a_cell_is_the_same_whichever_were_made_before() {
    let describe = |order: &[u64]| {
        let mut cells = BTreeMap::new();
        for table in &tables(&world()) {
            for at in order {
                cells.entry(*at).or_insert_with(Vec::new).extend(table.describe(*at));
            }
        }
        cells
    };
    let all = describe(&[0, 1, 2, 3]);
    assert_eq!(all, describe(&[3, 1, 0, 2]));
    assert_eq!(all[&2], describe(&[2])[&2]);
    assert!(all[&1] != all[&2]);
}

#[test]
fn no_unique_key_comes_twice_among_fifty_cells() {
    let mut seen: BTreeMap<(&str, &[&str]), BTreeSet<String>> = BTreeMap::new();
    let mut see = |key: &(&'static str, &'static [&'static str]), value: String| {
        assert!(seen.entry(*key).or_default().insert(value.clone()), "{key:?} {value}");
    };
    for row in small() {
        for key in UNIQUE.iter().filter(|(table, _)| *table == row.table) {
            row.key(key.1).into_iter().for_each(|value| see(key, value));
        }
    }
    for table in tables(&world()) {
        let position =
            |name: &&str| table.columns().iter().position(|column| column == name).unwrap();
        for key in UNIQUE.iter().filter(|(name, _)| *name == table.table()) {
            let positions: Vec<usize> = key.1.iter().map(position).collect();
            for cell in 0..50 {
                table.rows(cell, &mut |values| {
                    let values = positions.iter().map(|at| &values[*at]);
                    if values.clone().all(|value| *value != value.as_null()) {
                        let words: Vec<String> =
                            values.map(|value| value.to_string().replace('\'', "")).collect();
                        see(key, words.join(" "));
                    }
                });
            }
        }
    }
    assert_eq!(seen.len(), UNIQUE.len(), "a unique key of the list is no column of ours");
}

#[test]
fn a_student_has_one_primary_guardian() {
    let mut seen = BTreeSet::new();
    for row in of_table("student_guardians", 3) {
        if row.values["is_primary"] == "TRUE" {
            assert!(seen.insert(row.values["student_id"].clone()), "{row:?}");
        }
    }
    assert_eq!(seen.len(), 180);
}

#[test]
fn a_cell_refers_to_itself_and_to_small_seeds_only() {
    let small = small();
    for number in [0, 1, 7] {
        let rows = cell(number);
        let ids: BTreeSet<(&str, &str)> = rows
            .iter()
            .chain(&small)
            .filter_map(|row| Some((row.table, row.values.get("id")?.as_str())))
            .collect();
        let mut checked = BTreeSet::new();
        for row in rows.iter().chain(&small) {
            let about = row.values.get("entity_type").map(|table| format!("audit_logs of {table}"));
            let is_of = |table: &str| table == row.table || Some(table) == about.as_deref();
            for (table, column, target) in REFERENCES.iter().filter(|(table, ..)| is_of(table)) {
                let Some(key) = row.key(&[column]) else { continue };
                assert!(ids.contains(&(*target, key.as_str())), "{table}.{column} of {row:?}");
                checked.insert((*table, *column));
            }
        }
        // Nobody of ours was created by anybody, and no role was granted by hand.
        assert_eq!(checked.len(), REFERENCES.len() - 3);
    }
}

#[test]
fn the_keys_of_a_cell_are_in_its_range_and_in_order() {
    for table in tables(&world()) {
        let key = table.columns().iter().position(|column| *column == table.key_column()).unwrap();
        for number in [0, 1, 49] {
            let KeyRange { from, to, .. } = table.keys(&(number..number + 1));
            let mut keys: Vec<Uuid> = Vec::new();
            table.rows(number, &mut |values| match &values[key] {
                Value::Uuid(Some(id)) => keys.push(*id),
                other => panic!("{table:?} has the key {other:?}"),
            });
            assert!(keys.is_sorted(), "{table:?}");
            assert!(keys.iter().all(|key| (from..to).contains(key)), "{table:?}");
            assert!(!keys.is_empty(), "{table:?}");
        }
    }
}

#[test]
fn tables_that_share_a_space_of_keys_agree_on_the_rows_of_a_cell() {
    let mut ranges: BTreeMap<_, (Uuid, Uuid)> = BTreeMap::new();
    for table in tables(&world()) {
        let KeyRange { from, to, .. } = table.keys(&(3..4));
        let keys = (from, to);
        assert_eq!(*ranges.entry(table.space()).or_insert(keys), keys, "{table:?}");
    }
}

#[test]
fn nobody_is_in_two_places() {
    for number in [0, 1] {
        let rows: Vec<_> = cell(number).into_iter().chain(small()).collect();
        let of = |table: &'static str| rows.iter().filter(move |row| row.table == table);
        let value = |row: &Described, column: &str| row.values[column].clone();
        let classes: BTreeMap<_, _> = of("classes").map(|row| (value(row, "id"), row)).collect();
        let mut taken: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in of("enrollments").filter(|row| value(row, "status") == "active") {
            taken.entry(value(row, "class_id")).or_default().push(value(row, "student_id"));
        }
        let mut seen = BTreeSet::new();
        let current = super::super::calendar::term(world().as_of);
        for row in of("schedules") {
            let class = classes[&row.values["class_id"]];
            if class.values["term"] != current {
                continue;
            }
            let students = taken.get(&row.values["class_id"]).into_iter().flatten().cloned();
            for busy in students.chain([value(class, "teacher_id"), value(class, "room")]) {
                let slot = (busy, row.key(&["weekday", "starts_at"]).unwrap());
                assert!(seen.insert(slot.clone()), "{slot:?}");
            }
        }
        assert!(seen.len() > 600, "{}", seen.len());
    }
}

#[test]
fn no_venue_holds_two_events_at_once() {
    let mut events: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for row in of_table("events", 10) {
        let time = (row.values["starts_at"].clone(), row.values["ends_at"].clone());
        events.entry(row.values["venue_id"].clone()).or_default().push(time);
    }
    for times in events.values_mut() {
        times.sort();
        assert!(times.is_sorted_by(|one, next| one.1 < next.0), "{times:?}");
    }
}

#[test]
fn a_class_holds_its_students() {
    let school = |table: &str| ["enrollments", "classes"].contains(&table);
    let rows: Vec<_> = (0..10).flat_map(|cell| some(cell, school)).chain(small()).collect();
    let mut students: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.table == "enrollments") {
        *students.entry(&row.values["class_id"]).or_default() += 1;
    }
    for class in rows.iter().filter(|row| row.table == "classes") {
        let capacity: usize = class.values["capacity"].parse().unwrap();
        assert!(students[class.values["id"].as_str()] <= capacity, "{class:?}");
    }
}

/// How many of a thousand rows of `table` in ten cells have `value` in `column`.
fn share(table: &str, column: &str, value: &str) -> usize {
    let rows: Vec<_> = of_table(table, 10);
    rows.iter().filter(|row| row.values[column] == value).count() * 1_000 / rows.len()
}

#[test]
fn shares_are_as_in_life() {
    assert!((910..930).contains(&share("attendance", "status", "present")));
    assert!((380..500).contains(&share("reviews", "rating", "5")));
    assert!((10..60).contains(&share("reviews", "rating", "1")));
    assert!((900..960).contains(&share("users", "status", "active")));
    assert!((970..990).contains(&share("enrollments", "status", "active")));
}

#[test]
fn scores_make_a_bell_around_what_students_can_do() {
    let mut percents = Vec::new();
    let mut of_student: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for row in of_table("exam_results", 5) {
        let number = |column| row.values[column].parse::<f64>().unwrap();
        let percent = number("score") * 100.0 / number("max_score");
        percents.push(percent);
        of_student.entry(row.values["student_id"].clone()).or_default().push(percent);
    }
    let mean = |values: &[f64]| {
        values.iter().sum::<f64>() / f64::from(u32::try_from(values.len()).unwrap())
    };
    let spread = |values: &[f64]| {
        let mean = mean(values);
        values.iter().map(|value| (value - mean).powi(2)).sum::<f64>().sqrt()
            / f64::from(u32::try_from(values.len()).unwrap()).sqrt()
    };
    assert!((64.0..70.0).contains(&mean(&percents)), "{}", mean(&percents));
    let all = spread(&percents);
    let own: Vec<f64> = of_student.values().map(|values| spread(values)).collect();
    assert!((11.0..16.0).contains(&all), "{all}");
    assert!(mean(&own) < 0.75 * all, "a student's scores lie together: {}", mean(&own));
}

#[test]
fn a_few_have_most_of_the_followers() {
    let mut followers: BTreeMap<String, usize> = BTreeMap::new();
    for row in of_table("musician_follows", 10) {
        *followers.entry(row.values["musician_id"].clone()).or_default() += 1;
    }
    let mut counts: Vec<usize> = followers.into_values().collect();
    counts.sort_unstable_by(|one, other| other.cmp(one));
    let total: usize = counts.iter().sum();
    assert!(counts[..6].iter().sum::<usize>() * 2 > total, "{counts:?}");
}

#[test]
fn a_cell_has_a_few_thousand_rows_in_every_table_that_is_not_reference_data() {
    for number in [0, 1, 7] {
        let rows = cell(number);
        let tables: BTreeSet<&str> = rows.iter().map(|row| row.table).collect();
        assert_eq!(tables.len(), 28, "{tables:?}");
        assert!((4_500..6_000).contains(&rows.len()), "{}", rows.len());
        let big = rows.iter().filter(|row| ["attendance", "exam_results"].contains(&row.table));
        assert!((2_500..4_000).contains(&big.count()));
    }
}

#[test]
fn cells_are_known() {
    let digest = |number| {
        let mut hasher = Sha256::new();
        for table in tables(&world()) {
            for row in table.describe(number) {
                hasher.update(format!("{}: {row}\n", table.table()));
            }
        }
        let digest: [u8; 32] = hasher.finalize().into();
        Uuid::from_slice(&digest[..16]).unwrap().to_string()
    };
    assert_eq!(
        [digest(0), digest(7)],
        ["7acab82a-990e-598c-f9cf-f2ef807d5c65", "a4fd9ca5-0f62-6084-e924-52868c154639"]
    );
}
