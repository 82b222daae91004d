//! Seeds whose tables refer to each other in a circle, and to themselves: written, verified and taken
//! back.

mod generated;
mod schema;
mod small;

use std::{num::NonZeroUsize, ops::Deref};

use dbkit::{Clock as _, ConnectOptions, Environment, SystemClock};
use integration_tests::{TestDatabase, engine::operation, sql};
use seeding_engine::{
    Database, Ending, Existing, Options, Seed, Selection, Shard, Summary, run,
    undo::{EditedRows, Scope, UndoOptions, Undone, undo},
};

/// A database with the tables of these tests.
struct Circles {
    test: TestDatabase,
    connect: ConnectOptions,
}

impl Deref for Circles {
    type Target = TestDatabase;

    fn deref(&self) -> &TestDatabase {
        &self.test
    }
}

impl Circles {
    async fn new() -> Self {
        let test = TestDatabase::empty().await;
        sql::run(test.db(), schema::TABLES).await;
        Self { test, connect: sql::options() }
    }

    fn database(&self) -> Database<'_> {
        Database { pool: self.db(), url: self.url(), connect: &self.connect }
    }

    async fn run(&self, seeds: &[Seed], options: &Options) -> Summary {
        let id = operation().id;
        run(self.database(), seeds, options, id, &SystemClock, &()).await.unwrap()
    }

    /// Takes everything back.
    async fn undo(&self, seeds: &[Seed]) -> Undone {
        let (scope, edited) = (Scope::Everything, EditedRows::Refuse);
        let (operation, now) = (operation().id, SystemClock.now());
        let options = UndoOptions { scope, edited, operation, now };
        let permit = self.permit();
        undo(self.database(), seeds, &options, &permit).await.unwrap()
    }

    async fn count(&self, condition: &str) -> i64 {
        sql::value(self.db(), &format!("SELECT count(*) FROM {condition}")).await
    }
}

fn options(scale: u64, shard: Option<Shard>) -> Options {
    Options {
        environment: Environment::Testing,
        seed: Some(42),
        as_of: Some("2026-03-02".parse().unwrap()),
        selection: Selection::default(),
        scale: Some(scale),
        shard,
        jobs: NonZeroUsize::MIN,
        existing: Existing::Follow,
        ending: Ending::Commit,
        actor: "test".to_owned(),
        tool_version: "test".to_owned(),
        git_revision: None,
    }
}
