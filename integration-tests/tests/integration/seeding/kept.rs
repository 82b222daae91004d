//! Rows that somebody has edited: a rollback asks, and keeps them if told so.

use std::collections::BTreeMap;

use integration_tests::{TestDatabase, sql};

use super::{count, done, filled, fingerprints, seeder};
use crate::{
    content::{self, assert_same, of_the_team},
    seeder::{DAY, assert_failed},
};

/// The rows of every table that has some.
type Counts = BTreeMap<String, u64>;

async fn counts(test: &TestDatabase) -> Counts {
    content::filled(test).await.into_iter().collect()
}

/// A database with personas and then volume, of which a student's enrollment was corrected.
async fn corrected() -> TestDatabase {
    let test = TestDatabase::migrated().await;
    done(&test, &format!("--only demo.personas --only demo.festival {DAY}")).await;
    done(&test, "run --scale 2").await;
    let edit = "UPDATE enrollments SET enrolled_on = enrolled_on - 1
                WHERE id = (SELECT id FROM enrollments ORDER BY id DESC LIMIT 1)";
    sql::run(test.db(), edit).await;
    test
}

#[tokio::test]
async fn edited_rows_stop_a_rollback_and_are_named() {
    let test = corrected().await;
    let before = of_the_team(test.db()).await;
    for arguments in ["rollback", "rollback --dry-run"] {
        let run = seeder(&test, arguments).await;
        assert_failed(&run, 4, "1 row was edited since it was written: enrollments {\"id\":");
        assert_same(&before, &of_the_team(test.db()).await);
    }
}

#[tokio::test]
async fn discarded_they_go_with_the_others() {
    let test = TestDatabase::migrated().await;
    done(&test, &format!("--only demo.personas --only demo.festival {DAY}")).await;
    let before = of_the_team(test.db()).await;
    done(&test, "run --scale 1").await;
    sql::run(test.db(), "UPDATE reviews SET body = 'edited'").await;
    done(&test, "rollback --discard-edited --seed-id volume.traces").await;
    done(&test, "rollback --discard-edited").await;
    // The review of the demo festival was edited as well, and is none of that run's rows.
    let edited = count(&test, "reviews WHERE body = 'edited'").await;
    let there = |line: &&String| !line.starts_with("public.reviews ");
    let rest = async || of_the_team(test.db()).await.iter().filter(there).cloned().collect();
    let (now, then): (Vec<_>, Vec<_>) =
        (rest().await, before.iter().filter(there).cloned().collect());
    assert_same(&then, &now);
    assert_eq!(edited, count(&test, "reviews").await);
}

#[tokio::test]
async fn kept_they_stay_with_what_they_refer_to_and_nothing_else() {
    let test = TestDatabase::migrated().await;
    done(&test, &format!("--only demo.personas --only demo.festival {DAY}")).await;
    let mut expected = counts(&test).await;
    done(&test, "run --scale 2").await;
    let edit = "UPDATE enrollments SET enrolled_on = enrolled_on - 1
                WHERE id = (SELECT id FROM enrollments ORDER BY id DESC LIMIT 1)";
    sql::run(test.db(), edit).await;
    let undone = done(&test, "rollback --keep-edited").await;
    let kept =
        undone["kept"].as_array().unwrap().iter().map(|kept| {
            (kept["table"].as_str().unwrap().to_owned(), kept["rows"].as_u64().unwrap())
        });
    let kept: Counts = kept.collect();
    for table in ["enrollments", "students", "classes", "teachers"] {
        assert_eq!(kept.get(table), Some(&1), "{kept:?}");
    }
    assert!(kept.keys().all(|table| !["attendance", "user_roles"].contains(&&**table)));
    for (table, rows) in kept {
        *expected.entry(table).or_default() += rows;
    }
    assert_eq!(expected, counts(&test).await);
}

#[tokio::test]
async fn a_later_run_loads_around_rows_that_were_kept() {
    let test = corrected().await;
    let edited = count(&test, "enrollments WHERE updated_at > created_at + interval '1 day'").await;
    done(&test, "rollback --keep-edited").await;
    let run = seeder(&test, "run --scale 2").await;
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stdout.contains("merged"), "{run}");
    assert_eq!(fingerprints(&test).await, fingerprints(&filled(2).await).await);
    assert_eq!(counts(&test).await, counts(&filled(2).await).await);
    let verified = seeder(&test, "verify").await;
    assert_eq!((verified.code, edited > 0), (3, true), "{verified}");
    assert!(verified.stdout.contains("1 enrollments edited"), "{verified}");
    assert!(!verified.stdout.contains(" missing: "), "{verified}");
}

#[tokio::test]
async fn a_persona_that_was_edited_stays_with_its_user_and_nothing_else() {
    let test = TestDatabase::migrated().await;
    done(&test, &format!("--only demo.personas {DAY}")).await;
    sql::run(test.db(), "UPDATE students SET given_name = 'Own' WHERE student_no = 'P-001'").await;
    assert_failed(&seeder(&test, "rollback").await, 4, "edited since");
    done(&test, "rollback --keep-edited").await;
    let expected = [("students", 1), ("users", 1)].map(|(table, rows)| (table.to_owned(), rows));
    assert_eq!(counts(&test).await, Counts::from(expected));
}
