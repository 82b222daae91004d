//! Generated tables in a circle.

use integration_tests::sql;
use seeding_engine::{Content, Generated, Kind, Seed, Shard, Space, Way, verify};
use uuid::Uuid;

use super::{
    Circles, options,
    schema::{department, member},
};

/// A cell has one department and so many members of its staff.
const STAFF: u64 = 5;

fn department_id(cell: u64) -> Uuid {
    Space::new("departments/volume").key(cell)
}

fn member_id(cell: u64, row: u64) -> Uuid {
    Space::new("staff/volume").key(cell * STAFF + row)
}

/// The children come first, so that the order is the engine's doing.
fn seeds() -> Vec<Seed> {
    let staff = Generated::of::<member::Entity>(
        member::Column::Id,
        Space::new("staff/volume"),
        STAFF,
        |cell| {
            let member = |row| member::Model {
                id: member_id(cell, row),
                name: format!("Member {row} of {cell}"),
                department_id: department_id(cell),
                mentor_id: (row + 1 < STAFF).then(|| member_id(cell, row + 1)),
            };
            (0..STAFF).map(member).collect()
        },
    );
    let departments = Generated::of::<department::Entity>(
        department::Column::Id,
        Space::new("departments/volume"),
        1,
        |cell| {
            vec![department::Model {
                id: department_id(cell),
                name: format!("Department {cell}"),
                head_id: (cell % 2 == 0).then(|| member_id(cell, 3)),
            }]
        },
    );
    let kind = Kind::Volume;
    vec![Seed {
        id: "volume.staff",
        description: "",
        kind,
        version: 1,
        environments: kind.environments(),
        requires: &[],
        content: Content::tables(move |_| vec![staff.clone(), departments.clone()]),
    }]
}

/// How many rows `verify` finds as they were generated, and how many others.
async fn verified(test: &Circles) -> (u64, u64) {
    let (mut intact, mut others) = (0, 0);
    for table in verify(test.database(), &seeds(), 5).await.unwrap() {
        let found = table.difference;
        intact += found.intact;
        others += found.missing.total + found.edited.total + found.additional.total;
    }
    (intact, others)
}

async fn whole_and_gone_again(shard: Option<Shard>, way: Way) {
    let (test, seeds) = (Circles::new().await, seeds());
    let options = options(10, shard);
    let first = test.run(&seeds, &options).await;
    let generated = first.seeds[0].generated.as_ref().unwrap();
    assert_eq!((generated.rows, generated.way), (60, Some(way)));
    assert_eq!(test.count("departments WHERE head_id IS NOT NULL").await, 5);
    assert_eq!(test.count("staff WHERE mentor_id IS NOT NULL").await, 40);
    assert_eq!(verified(&test).await, (60, 0));
    let again = test.run(&seeds, &options).await;
    assert_eq!((again.total.created, again.total.unchanged), (0, 60));
    let fingerprint = again.seeds[0].generated.as_ref().unwrap().fingerprint;
    assert_eq!(fingerprint, generated.fingerprint);
    let undone = test.undo(&seeds).await;
    assert_eq!(undone.deleted.iter().map(|table| table.rows).sum::<u64>(), 60);
    assert_eq!(test.count("departments").await + test.count("staff").await, 0);
}

#[tokio::test]
async fn a_circle_is_loaded_in_blocks_verified_and_taken_back() {
    whole_and_gone_again(Some(Shard { index: 1, of: 1 }), Way::Live).await;
}

#[tokio::test]
async fn a_circle_is_loaded_in_bulk_mode_verified_and_taken_back() {
    let (test, seeds) = (Circles::new().await, seeds());
    let summary = test.run(&seeds, &options(10_000, None)).await;
    let generated = summary.seeds[0].generated.as_ref().unwrap();
    assert_eq!((generated.rows, generated.way), (60_000, Some(Way::BulkMode)));
    assert_eq!(test.count("departments WHERE head_id IS NOT NULL").await, 5_000);
    assert_eq!(verified(&test).await, (60_000, 0));
    test.undo(&seeds).await;
    assert_eq!(test.count("departments").await + test.count("staff").await, 0);
}

#[tokio::test]
async fn rows_of_a_circle_that_were_deleted_come_back_and_others_are_left_alone() {
    let (test, seeds) = (Circles::new().await, seeds());
    let options = options(4, Some(Shard { index: 1, of: 1 }));
    test.run(&seeds, &options).await;
    // The head of the third department is edited; everything of the first goes.
    let edit = format!("UPDATE departments SET head_id = NULL WHERE id = '{}'", department_id(2));
    sql::run(test.db(), &edit).await;
    let gone = format!(
        "UPDATE departments SET head_id = NULL WHERE id = '{0}';
         DELETE FROM staff WHERE department_id = '{0}'; DELETE FROM departments WHERE id = '{0}'",
        department_id(0)
    );
    sql::run(test.db(), &gone).await;
    let summary = test.run(&seeds, &options).await;
    assert_eq!((summary.total.created, summary.total.unchanged), (6, 18));
    let heads: Vec<Uuid> =
        sql::column(test.db(), "SELECT id FROM departments WHERE head_id IS NOT NULL").await;
    assert_eq!(heads, [department_id(0)]);
    assert_eq!(test.count("staff WHERE mentor_id IS NOT NULL").await, 16);
}
