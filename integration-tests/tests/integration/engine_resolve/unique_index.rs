//! A unique index that cannot be built beside others: the rows have duplicates.

use integration_tests::{TestDatabase, sql};
use migration_engine::{RunError, State, run};

use super::{agrees, attempts, outside, up};
use crate::tiny::{Tiny, project};

const ROWS: Tiny = Tiny {
    name: "a",
    up: "CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1)",
    down: "DROP TABLE a",
    transaction: true,
};

const PLAIN: Tiny =
    outside("b", "CREATE UNIQUE INDEX CONCURRENTLY a_key ON a (id)", "DROP INDEX a_key");

const IF_NOT_EXISTS: Tiny = outside(
    "b",
    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a_key ON a (id)",
    "DROP INDEX a_key",
);

const INDEXES: &str = "SELECT count(*) FROM pg_index WHERE indrelid = 'a'::regclass";

/// The build fails and leaves nothing, and once the duplicates are gone it succeeds.
async fn fails_and_leaves_nothing(index: Tiny, was_tried_before: bool) {
    let test = TestDatabase::empty().await;
    up(&test, &project(&[ROWS])).await.unwrap();
    if was_tried_before {
        let by_hand = sqlx::raw_sql("CREATE UNIQUE INDEX CONCURRENTLY a_key ON a (id)");
        by_hand.execute(test.db().get_postgres_connection_pool()).await.unwrap_err();
        assert_eq!(sql::value::<i64>(test.db(), INDEXES).await, 1);
    }
    let migrations = project(&[ROWS, index]);
    let error = up(&test, &migrations).await.unwrap_err();
    let RunError::Failed(failed) = &error else { panic!("{error:?}") };
    assert!(!failed.half_way, "{error:?}");
    assert_eq!(sql::value::<i64>(test.db(), INDEXES).await, 0, "{error:?}");
    let status = run::status(test.db(), &migrations).await.unwrap();
    assert_eq!(status[1].state, State::Pending);
    assert_eq!(attempts(&test, "b", "applied").await + attempts(&test, "b", "dirty").await, 0);
    agrees(&test, &migrations).await;
    sql::run(test.db(), "DELETE FROM a WHERE ctid = (SELECT min(ctid) FROM a)").await;
    assert_eq!(up(&test, &migrations).await.unwrap(), ["b"]);
    let valid = "SELECT indisvalid AND indisunique FROM pg_index WHERE indrelid = 'a'::regclass";
    assert!(sql::value::<bool>(test.db(), valid).await);
    agrees(&test, &migrations).await;
}

#[tokio::test]
async fn duplicates_leave_no_invalid_index_and_nothing_dirty() {
    fails_and_leaves_nothing(PLAIN, false).await;
}

#[tokio::test]
async fn duplicates_leave_nothing_where_the_statement_says_if_not_exists() {
    fails_and_leaves_nothing(IF_NOT_EXISTS, false).await;
}

#[tokio::test]
async fn an_invalid_index_that_was_there_before_is_not_taken_for_the_real_one() {
    fails_and_leaves_nothing(IF_NOT_EXISTS, true).await;
}

#[tokio::test]
async fn an_invalid_index_that_was_there_before_is_not_in_the_way() {
    fails_and_leaves_nothing(PLAIN, true).await;
}
