//! The pool under load.

use std::{collections::BTreeSet, sync::Arc, time::Instant};

use dbkit::{ConnectOptions, connect};
use integration_tests::{TestDatabase, sql};
use sea_orm::TransactionTrait as _;
use tokio::{sync::Barrier, task::JoinSet};

#[tokio::test]
async fn fifty_sessions_at_once_all_answer() {
    let test = TestDatabase::empty().await;
    let options = ConnectOptions { max_connections: 50, ..sql::options() };
    let db = connect(test.url(), &options, &()).await.unwrap();
    // Nobody goes on before all fifty have their session.
    let together = Arc::new(Barrier::new(50));
    let mut tasks = JoinSet::new();
    for _ in 0..50 {
        let (db, together) = (db.clone(), Arc::clone(&together));
        tasks.spawn(async move {
            let transaction = db.begin().await.unwrap();
            together.wait().await;
            let pid: i32 = sql::value(&transaction, "SELECT pg_backend_pid()").await;
            transaction.rollback().await.unwrap();
            pid
        });
    }
    let pids: BTreeSet<_> = tasks.join_all().await.into_iter().collect();
    assert_eq!(pids.len(), 50);
}

#[tokio::test]
async fn fifty_tasks_share_five_sessions_and_all_get_their_answer() {
    let test = TestDatabase::empty().await;
    let options = ConnectOptions { max_connections: 5, ..sql::options() };
    let db = connect(test.url(), &options, &()).await.unwrap();
    let mut tasks = JoinSet::new();
    for number in 0..50 {
        let db = db.clone();
        tasks.spawn(async move {
            let query =
                format!("SELECT pg_backend_pid()::int8 * 100 + {number} FROM pg_sleep(0.01)");
            sql::value::<i64>(&db, &query).await
        });
    }
    let answers = tasks.join_all().await;
    let numbers: BTreeSet<_> = answers.iter().map(|answer| answer % 100).collect();
    let pids: BTreeSet<_> = answers.iter().map(|answer| answer / 100).collect();
    assert_eq!(numbers.len(), 50);
    assert!((2..=5).contains(&pids.len()), "{pids:?}");
}

#[tokio::test]
async fn a_round_trip_is_quick() {
    let test = TestDatabase::empty().await;
    let mut times = Vec::new();
    for _ in 0..200 {
        let begun = Instant::now();
        assert_eq!(sql::value::<i32>(test.db(), "SELECT 1").await, 1);
        times.push(begun.elapsed());
    }
    times.sort();
    // Ten times and more of what it takes on a busy machine.
    assert!(times[100].as_millis() < 20, "the median is {:?}", times[100]);
}
