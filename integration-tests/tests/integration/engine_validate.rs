//! `migration validate`, level by level.

mod answers;
mod drift;
mod ledger;
mod round_trip;

use integration_tests::{Program, Run, TestDatabase};

pub(crate) async fn validate(test: &TestDatabase, arguments: &str) -> Run {
    Program::new("migration").await.on(test.url()).args("validate").args(arguments).run().await
}
