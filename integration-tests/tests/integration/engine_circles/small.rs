//! Small seeds in a circle.

use integration_tests::sql;
use seeding_engine::{Content, Kind, PlanError, Rows, Seed, World, check_references, key};
use uuid::Uuid;

use super::{
    Circles, options,
    schema::{department, member},
};

fn department_id() -> Uuid {
    key("departments", 0)
}

fn member_id(row: u64) -> Uuid {
    key("staff", row)
}

fn departments(name: &str) -> Vec<department::Model> {
    let head_id = Some(member_id(1));
    vec![department::Model { id: department_id(), name: name.to_owned(), head_id }]
}

/// Everybody has the next one as a mentor.
fn staff(count: u64) -> impl Iterator<Item = member::Model> {
    (0..count).map(move |row| member::Model {
        id: member_id(row),
        name: format!("Member {row}"),
        department_id: department_id(),
        mentor_id: (row + 1 < count).then(|| member_id(row + 1)),
    })
}

fn seed(id: &'static str, make: impl Fn(&World) -> Vec<Rows> + Send + Sync + 'static) -> Seed {
    let kind = Kind::Demo;
    Seed {
        id,
        description: "",
        kind,
        version: 1,
        environments: kind.environments(),
        requires: &[],
        content: Content::rows(make),
    }
}

/// A department that only fills what is missing, and `count` members.
fn filled(count: u64) -> Vec<Seed> {
    vec![seed("demo.staff", move |_| {
        vec![
            Rows::of::<member::Entity>(staff(count)).filled(),
            Rows::of::<department::Entity>(departments("Music")).filled(),
        ]
    })]
}

/// A department that follows the code, under a name.
fn synced(name: &'static str, head: u64) -> Vec<Seed> {
    vec![seed("demo.staff", move |_| {
        let head_id = Some(member_id(head));
        let department = department::Model { id: department_id(), name: name.to_owned(), head_id };
        vec![
            Rows::of::<department::Entity>([department]).synced([department::Column::Id]),
            Rows::of::<member::Entity>(staff(3)).filled(),
        ]
    })]
}

#[tokio::test]
async fn a_circle_is_written_left_alone_by_a_second_run_and_taken_back() {
    let (test, seeds) = (Circles::new().await, filled(3));
    let first = test.run(&seeds, &options(1, None)).await;
    assert_eq!((first.total.created, first.total.updated), (4, 0));
    assert_eq!(test.count("departments JOIN staff s ON s.id = head_id").await, 1);
    let recorded = "SELECT after ->> 'head_id' FROM seaworthy.seed_rows
                    WHERE table_name = 'departments'";
    let recorded: Vec<String> = sql::column(test.db(), recorded).await;
    assert_eq!(recorded, [member_id(1).to_string()]);
    let again = test.run(&seeds, &options(1, None)).await;
    assert_eq!((again.total.created, again.total.updated, again.total.unchanged), (0, 0, 4));
    test.undo(&seeds).await;
    assert_eq!(test.count("departments").await + test.count("staff").await, 0);
}

#[tokio::test]
async fn a_row_of_a_circle_that_is_there_stays_as_somebody_edited_it() {
    let (test, seeds) = (Circles::new().await, filled(3));
    test.run(&seeds, &options(1, None)).await;
    sql::run(test.db(), "UPDATE departments SET head_id = NULL").await;
    let again = test.run(&seeds, &options(1, None)).await;
    assert_eq!((again.total.created, again.total.updated), (0, 0));
    assert_eq!(test.count("departments WHERE head_id IS NULL").await, 1);
}

#[tokio::test]
async fn a_row_of_a_circle_that_follows_the_code_gets_its_before_image() {
    let test = Circles::new().await;
    let first = test.run(&synced("Music", 1), &options(1, None)).await;
    assert_eq!((first.total.created, first.total.updated, first.total.unchanged), (4, 0, 0));
    let seeds = synced("Drama", 2);
    let second = test.run(&seeds, &options(1, None)).await;
    assert_eq!((second.total.created, second.total.updated, second.total.unchanged), (0, 1, 3));
    let before: Vec<String> = sql::column(
        test.db(),
        "SELECT before ->> 'head_id' FROM seaworthy.seed_rows WHERE action = 'updated'",
    )
    .await;
    assert_eq!(before, [member_id(1).to_string()]);
    test.undo(&seeds).await;
    assert_eq!(test.count("departments").await + test.count("staff").await, 0);
}

#[tokio::test]
async fn rows_may_refer_to_later_ones_of_their_table_in_another_statement() {
    let (test, seeds) = (Circles::new().await, filled(2_500));
    let first = test.run(&seeds, &options(1, None)).await;
    assert_eq!(first.total.created, 2_501);
    assert_eq!(test.count("staff WHERE mentor_id IS NOT NULL").await, 2_499);
    let edited = "seaworthy.seed_rows d JOIN staff t ON t.id::text = d.key ->> 'id'
                  WHERE NOT to_jsonb(t) @> d.after";
    assert_eq!(test.count(edited).await, 0);
}

#[test]
fn a_seed_that_does_not_require_what_its_rows_need_is_named() {
    let world = World { seed: 42, as_of: "2026-03-02".parse().unwrap() };
    let staff = || seed("demo.staff", |_| vec![Rows::of::<member::Entity>(staff(3)).filled()]);
    let departments = || {
        seed("demo.departments", |_| {
            vec![Rows::of::<department::Entity>(departments("Music")).filled()]
        })
    };
    let error = check_references(&[staff(), departments()], &world).unwrap_err();
    assert!(matches!(error, PlanError::RequiresMore { .. }));
    assert_eq!(
        error.to_string(),
        "seed `demo.staff` fills `staff`, whose `department_id` refers to `departments`, and no \
         seed that it requires fills that; `demo.departments` does"
    );
    let requiring = Seed { requires: &["demo.departments"], ..staff() };
    check_references(&[requiring, departments()], &world).unwrap();
    // Rows that nobody seeds are somebody else's business.
    check_references(&[staff()], &world).unwrap();
}
