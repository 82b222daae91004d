//! Rows that were deleted or edited by hand: they are noticed, and what is missing comes back.

use integration_tests::sql;

use super::{assert_intact, count, done, filled, fingerprints, seeder, states};
use crate::{
    content::{assert_same, of_the_team},
    seeder::assert_failed,
};

#[tokio::test]
async fn rows_that_were_deleted_are_noticed_and_come_back() {
    let test = filled(2).await;
    let (before, known) = (of_the_team(test.db()).await, fingerprints(&test).await);
    let delete = "DELETE FROM attendance WHERE id IN
                      (SELECT id FROM attendance ORDER BY id DESC LIMIT 3);
                  DELETE FROM venues v WHERE NOT EXISTS (SELECT FROM events WHERE venue_id = v.id);
                  DELETE FROM events WHERE id = (SELECT id FROM events ORDER BY id DESC LIMIT 1)";
    sql::run(test.db(), delete).await;
    let status = seeder(&test, "status").await;
    assert_eq!(status.code, 3, "{status}");
    assert!(status.stdout.contains("partly deleted"), "{status}");
    let school = states(&test).await.remove("volume.school").unwrap();
    let (written, found) = (school["written"].as_u64().unwrap(), school["found"].as_u64().unwrap());
    assert_eq!((school["state"].as_str().unwrap(), written - found), ("partly_deleted", 3));
    let verified = seeder(&test, "verify").await;
    assert_eq!(verified.code, 3, "{verified}");
    assert!(verified.stdout.contains("3 attendance missing: "), "{verified}");

    let total = done(&test, "").await["total"].take();
    assert!(total["created"].as_u64().unwrap() > 3, "{total}");
    assert_same(&before, &of_the_team(test.db()).await);
    assert_eq!(known, fingerprints(&test).await);
    assert_intact(&test).await;
    assert_eq!(seeder(&test, "status").await.code, 0);
}

#[tokio::test]
async fn after_a_truncate_the_next_run_loads_again() {
    let test = filled(2).await;
    let known = fingerprints(&test).await;
    sql::run(test.db(), "TRUNCATE users, venues, instructors, musicians CASCADE").await;
    let status = seeder(&test, "status").await;
    assert_eq!(status.code, 3, "{status}");
    for seed in ["volume.school", "volume.festival", "volume.traces"] {
        assert_eq!(states(&test).await[seed]["state"], "gone", "{status}");
    }
    done(&test, "run --scale 2 --as-of 2026-03-02").await;
    assert_eq!(known, fingerprints(&test).await);
    assert_intact(&test).await;
    let status = seeder(&test, "status").await;
    assert_eq!(status.code, 0, "{status}");
}

#[tokio::test]
async fn after_a_truncate_there_is_no_world_that_binds_anybody() {
    let test = filled(2).await;
    sql::run(test.db(), "TRUNCATE users, venues, instructors, musicians CASCADE").await;
    done(&test, "run --scale 1 --seed 7 --as-of 2026-03-03").await;
    assert_intact(&test).await;
    assert_eq!(states(&test).await["volume.school"]["scale"], 1);
}

#[tokio::test]
async fn rows_that_were_edited_are_noticed_and_stay() {
    let test = filled(1).await;
    let edit = "UPDATE attendance SET note = 'mine'
                WHERE id = (SELECT id FROM attendance ORDER BY id DESC LIMIT 1);
                UPDATE students SET given_name = 'Mine' WHERE student_no = 'P-001'";
    sql::run(test.db(), edit).await;
    let status = seeder(&test, "status").await;
    assert_eq!(status.code, 0, "{status}");
    for seed in ["volume.school", "demo.personas"] {
        assert_eq!(states(&test).await[seed]["state"], "edited", "{status}");
    }
    let verified = seeder(&test, "verify").await;
    assert_eq!(verified.code, 3, "{verified}");
    assert!(verified.stdout.contains("1 attendance edited: "), "{verified}");
    let total = done(&test, "").await["total"].take();
    assert_eq!((&total["created"], &total["updated"]), (&0.into(), &0.into()));
    assert_eq!(count(&test, "attendance WHERE note = 'mine'").await, 1);
    assert_eq!(count(&test, "students WHERE given_name = 'Mine'").await, 1);
}

#[tokio::test]
async fn rows_of_an_older_version_are_taken_back_before_newer_ones_come() {
    let test = filled(1).await;
    let known = fingerprints(&test).await;
    sql::run(
        test.db(),
        "UPDATE seaworthy.seed_tables SET version = 1 WHERE seed_id = 'volume.traces';
         UPDATE seaworthy.seed_run_seeds SET version = 1 WHERE seed_id = 'volume.traces'",
    )
    .await;
    let status = seeder(&test, "status").await;
    assert_eq!((status.code, status.stdout.contains("outdated")), (3, true), "{status}");
    let before = of_the_team(test.db()).await;
    let refused = seeder(&test, "").await;
    assert_failed(&refused, 4, "rows of version 1 of seed `volume.traces`; this is version ");
    let unknowable = seeder(&test, "rollback --seed-id volume.traces").await;
    assert_failed(&unknowable, 4, "rows of `volume.traces` may have been edited");
    assert_same(&before, &of_the_team(test.db()).await);
    done(&test, "rollback --seed-id volume.traces --discard-edited").await;
    done(&test, "").await;
    assert_eq!(known, fingerprints(&test).await);
    assert_same(&before, &of_the_team(test.db()).await);
}
