//! Runs that meet each other, somebody else, or a network that breaks.

use integration_tests::{Behaviour, Proxy, TestDatabase, sql};

use super::{assert_intact, done, filled, fingerprints, seeder};
use crate::{
    content::{assert_same, of_the_team},
    seeder::{DAY, assert_failed},
    watching::{Held, Running, until_alone, until_blocked},
};

/// Only generated rows come into this table.
const TABLE: &str = "audit_logs";

/// Nobody can write to that table.
async fn hold(test: &TestDatabase) -> Held {
    Held::take(test.url(), &format!("LOCK TABLE {TABLE} IN SHARE MODE")).await
}

async fn start(url: &dbkit::DatabaseUrl, arguments: &str) -> Running {
    Running::start("seeder", &[("DATABASE_URL", url.expose())], arguments).await
}

#[tokio::test]
async fn a_shard_lets_other_shards_in_and_nobody_else() {
    let test = TestDatabase::migrated().await;
    let held = hold(&test).await;
    let first = start(test.url(), &format!("--scale 2 --shard 1/2 {DAY}")).await;
    until_blocked(&test, TABLE).await;
    for arguments in
        ["run --lock-wait 0", "rollback --lock-wait 0", "top-up --scale 3 --lock-wait 0"]
    {
        assert_failed(&seeder(&test, arguments).await, 5, "another seeding run is under way");
    }
    done(&test, "--scale 2 --shard 2/2 --only volume.school").await;
    held.release().await;
    let first = first.end().await;
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    done(&test, "").await;
    assert_eq!(fingerprints(&test).await, fingerprints(&filled(2).await).await);
    assert_intact(&test).await;
}

#[tokio::test]
async fn a_shard_does_not_come_beside_a_run_of_the_whole() {
    let test = TestDatabase::migrated().await;
    let held = hold(&test).await;
    let first = start(test.url(), &format!("--scale 2 {DAY}")).await;
    until_blocked(&test, TABLE).await;
    let shard = seeder(&test, "--scale 2 --shard 1/2 --lock-wait 0").await;
    assert_failed(&shard, 5, "another seeding run is under way");
    held.release().await;
    assert_eq!(first.end().await.code, Some(0));
}

#[tokio::test]
async fn a_connection_that_breaks_in_the_middle_of_a_load_leaves_what_the_next_run_completes() {
    let known = filled(2).await;
    // In the rows of cell 1, and in the last statement of a part.
    for moment in ["S-00001-0020", "INSERT INTO seaworthy.seed_tables", "COMMIT"] {
        let test = TestDatabase::migrated().await;
        done(&test, &format!("--only demo.personas --only demo.festival {DAY}")).await;
        let before = of_the_team(test.db()).await;
        let proxy = Proxy::start(test.url(), Behaviour::CutBefore(moment));
        let ended = start(proxy.url(), "--scale 2 --only volume.school").await.end().await;
        assert!(matches!(ended.code, Some(1 | 6)), "{moment}: {:?}", ended.stderr);
        assert_eq!(ended.stderr.lines().filter(|line| line.starts_with("error: ")).count(), 1);
        until_alone(&test).await;
        if moment == "S-00001-0020" {
            assert_same(&before, &of_the_team(test.db()).await);
        }
        done(&test, "--scale 2").await;
        assert_eq!(fingerprints(&test).await, fingerprints(&known).await, "{moment}");
        assert_intact(&test).await;
        assert_eq!(seeder(&test, "status").await.code, 0);
    }
}

#[tokio::test]
async fn an_answer_to_a_commit_that_never_comes_loads_nothing_twice() {
    let known = filled(2).await;
    let test = TestDatabase::migrated().await;
    done(&test, &format!("--only demo.personas {DAY}")).await;
    let proxy = Proxy::start(test.url(), Behaviour::CutAfter("COMMIT"));
    let ended = start(proxy.url(), "--scale 2 --only volume.school").await.end().await;
    assert!(matches!(ended.code, Some(1 | 6)), "{:?}", ended.stderr);
    until_alone(&test).await;
    done(&test, "--scale 2").await;
    assert_eq!(fingerprints(&test).await, fingerprints(&known).await);
    assert_intact(&test).await;
}

#[tokio::test]
async fn a_table_that_somebody_holds_is_waited_for_and_then_the_run_gives_up() {
    let test = TestDatabase::migrated().await;
    done(&test, &format!("--scale 1 --skip volume.traces {DAY}")).await;
    let before = of_the_team(test.db()).await;
    for mode in ["SHARE", "ACCESS EXCLUSIVE"] {
        let held = Held::take(test.url(), &format!("LOCK TABLE {TABLE} IN {mode} MODE")).await;
        let run = seeder(&test, "").await;
        assert_failed(&run, 1, "lock timeout");
        assert!(run.stderr.contains("`volume.traces`"), "{mode}: {run}");
        held.release().await;
        assert_same(&before, &of_the_team(test.db()).await);
    }
    done(&test, "").await;
    assert_eq!(fingerprints(&test).await, fingerprints(&filled(1).await).await);
}

#[tokio::test]
async fn a_load_that_stops_after_its_first_part_says_how_to_go_on() {
    let test = TestDatabase::migrated().await;
    // A part has about 200,000 rows; the second one is refused.
    let trap = "CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN RAISE check_violation USING MESSAGE = 'no more teachers'; END $$;
                CREATE TRIGGER trap BEFORE INSERT ON teachers FOR EACH ROW
                WHEN (NEW.employee_no LIKE 'T-00050-%') EXECUTE FUNCTION trap()";
    sql::run(test.db(), trap).await;
    let ended = seeder(&test, &format!("--scale 51 --shard 1/1 --jobs 1 {DAY}")).await;
    assert_failed(&ended, 6, "rows, which stay");
    assert!(ended.stderr.contains("no more teachers"), "{ended}");
    let status = seeder(&test, "status").await;
    assert_eq!(status.code, 3, "{status}");
    sql::run(test.db(), "DROP TRIGGER trap ON teachers").await;
    done(&test, "--scale 51").await;
    assert_intact(&test).await;
}
