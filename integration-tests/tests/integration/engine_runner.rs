//! The runner in a world that is not empty: others who hold locks, migrations that leave things behind, a
//! ledger that remembers.

mod checks;
mod ledger;
mod locks;
mod order;
mod sessions;

use integration_tests::{Engine, TestDatabase};
use migration_engine::{RunError, Upto, run::Failed};

use crate::tiny::{Tiny, project};

/// A migration in a transaction.
const fn tiny(name: &'static str, up: &'static str, down: &'static str) -> Tiny {
    Tiny { name, up, down, transaction: true }
}

async fn up(test: &TestDatabase, migrations: &[Tiny]) -> Result<Vec<String>, RunError> {
    Engine::default().up(test.url(), &project(migrations), Upto::All).await
}

#[track_caller]
fn failed(error: &RunError) -> &Failed {
    let RunError::Failed(failed) = error else { panic!("{error:?}") };
    failed
}
