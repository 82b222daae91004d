//! All tables of an export are of one moment.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use integration_tests::{TestDatabase, sql};

use super::{File, exported};

fn total(file: &File) -> i64 {
    let amount = |row: Vec<Option<String>>| row[1].as_deref().unwrap().parse::<i64>().unwrap();
    [0, 1].into_iter().flat_map(|place| file.rows(place)).map(amount).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_moves_between_two_tables_is_never_seen_twice_or_not_at_all() {
    let test = TestDatabase::empty().await;
    let ddl = "CREATE TABLE purses (id int PRIMARY KEY, amount int); CREATE TABLE banks (id int PRIMARY KEY, amount int);
               INSERT INTO purses SELECT n, 100 FROM generate_series(1, 500) n;
               INSERT INTO banks SELECT n, 0 FROM generate_series(1, 500) n";
    sql::run(test.db(), ddl).await;
    let stop = Arc::new(AtomicBool::new(false));
    let (db, until) = (test.db().clone(), stop.clone());
    let writer = tokio::spawn(async move {
        let mut moved = 0;
        while !until.load(Ordering::Relaxed) {
            let id = moved % 500 + 1;
            let transfer = format!(
                "BEGIN; UPDATE purses SET amount = amount - 1 WHERE id = {id};
                 UPDATE banks SET amount = amount + 1 WHERE id = {}; COMMIT",
                501 - id
            );
            sql::run(&db, &transfer).await;
            moved += 1;
        }
        moved
    });
    let mut states = Vec::new();
    for _ in 0..10 {
        let file = exported(&test, &["purses", "banks"]).await;
        assert_eq!(total(&file), 50_000);
        states.push(file.exported.tables);
    }
    stop.store(true, Ordering::Relaxed);
    assert!(writer.await.unwrap() > 0);
    states.dedup();
    assert!(states.len() > 1, "nobody wrote meanwhile");
}
