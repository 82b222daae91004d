//! The same seed, scale and day give the same rows, in whatever parts they come.

use integration_tests::TestDatabase;

use super::{Fingerprints, assert_intact, done, filled, fingerprints};
use crate::{
    content::{Content, assert_same},
    seeder::{DAY, worlds::world},
};

/// What a database has been filled with: as the history tells it, and as the tables have it.
async fn made(test: &TestDatabase) -> (Fingerprints, Content) {
    assert_intact(test).await;
    (fingerprints(test).await, world(test).await)
}

#[track_caller]
fn assert_equal(one: &(Fingerprints, Content), other: &(Fingerprints, Content)) {
    assert_eq!(one.0, other.0);
    assert_same(&one.1, &other.1);
}

#[tokio::test]
async fn the_volume_of_scale_2_is_known() {
    let test = filled(2).await;
    let told = fingerprints(&test).await;
    let lines: Vec<_> = told.iter().map(|(seed, print)| format!("{seed} {print}")).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    volume.festival 882aa0020c284942d889631dedb32f87
    volume.school b0d92ccc8a19b79b4d2dbf119f0ff6cf
    volume.traces c2417c9a81b3f982bc1297ad13c8ef3c
    ");
}

#[tokio::test]
async fn any_number_of_jobs_makes_the_same_rows() {
    let alone = made(&filled(5).await).await;
    for jobs in [1, 2, 4] {
        let test = TestDatabase::migrated().await;
        done(&test, &format!("--scale 5 --jobs {jobs} {DAY}")).await;
        assert_equal(&alone, &made(&test).await);
    }
}

#[tokio::test]
async fn three_shards_are_the_whole_one_after_the_other() {
    let whole = made(&filled(5).await).await;
    let test = TestDatabase::migrated().await;
    for shard in ["3/3", "1/3", "2/3"] {
        done(&test, &format!("--scale 5 --shard {shard} {DAY}")).await;
    }
    assert_equal(&whole, &made(&test).await);
}

#[tokio::test]
async fn three_shards_are_the_whole_side_by_side_on_an_empty_database() {
    let whole = made(&filled(5).await).await;
    let test = TestDatabase::migrated().await;
    let shard = async |shard: &str| done(&test, &format!("--scale 5 --shard {shard} {DAY}")).await;
    tokio::join!(shard("1/3"), shard("2/3"), shard("3/3"));
    assert_equal(&whole, &made(&test).await);
}

#[tokio::test]
async fn more_shards_than_cells_are_the_whole_too() {
    let whole = made(&filled(2).await).await;
    let test = TestDatabase::migrated().await;
    for shard in 1..=3 {
        done(&test, &format!("--scale 2 --shard {shard}/3 {DAY}")).await;
    }
    assert_equal(&whole, &made(&test).await);
}

#[tokio::test]
async fn a_top_up_adds_what_a_larger_scale_has_more() {
    let whole = made(&filled(5).await).await;
    let test = filled(1).await;
    let small = fingerprints(&test).await;
    done(&test, "top-up --scale 2").await;
    assert_ne!(small, fingerprints(&test).await);
    done(&test, "top-up --scale 5 --jobs 1").await;
    assert_equal(&whole, &made(&test).await);
}

#[tokio::test]
async fn a_second_run_adds_nothing() {
    let test = filled(3).await;
    let first = made(&test).await;
    for arguments in ["", "--scale 3", "top-up --scale 3", "--scale 3 --shard 2/3"] {
        let total = done(&test, arguments).await["total"].take();
        assert_eq!((&total["created"], &total["updated"]), (&0.into(), &0.into()), "{arguments}");
    }
    assert_equal(&first, &made(&test).await);
}

#[tokio::test]
async fn another_seed_number_makes_other_rows() {
    let test = TestDatabase::migrated().await;
    done(&test, &format!("--scale 2 --seed 7 {DAY}")).await;
    let (one, other) = (fingerprints(&filled(2).await).await, fingerprints(&test).await);
    assert_eq!(one.len(), 3);
    assert!(one.iter().all(|(seed, print)| other[seed] != *print), "{one:?} {other:?}");
}
