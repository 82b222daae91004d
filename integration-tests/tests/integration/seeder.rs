//! The `seeder` command, as a person and as a script meet it.

mod development;
mod environments;
mod export;
mod factories;
mod looking;
mod matrix;
mod pending;
mod snapshots;
pub(crate) mod worlds;

use integration_tests::{Program, Run, TestDatabase};
use serde_json::Value;

/// A day on which every test can agree.
pub(crate) const DAY: &str = "--as-of 2026-03-02";

/// The password of the system users, where a test sets it.
pub(crate) const SYSTEM_PASSWORD: &str = "set-by-the-team-1";

/// The password of the personas on a developer's own machine.
pub(crate) const PERSONA_PASSWORD: &str = "seaworthy-demo";

/// Runs `seeder` on the test's database.
pub(crate) async fn seeder(test: &TestDatabase, arguments: &str) -> Run {
    Program::new("seeder").await.on(test.url()).args(arguments).run().await
}

/// Fills the test's database as a developer does, with a password for the system users.
pub(crate) async fn fill(test: &TestDatabase) {
    let seeder = Program::new("seeder").await.on(test.url()).args(DAY);
    let run = seeder.env("SEED_SYSTEM_PASSWORD", SYSTEM_PASSWORD).run().await;
    assert_eq!(run.code, 0, "{run}");
}

/// The JSON document that a command has printed, and nothing else.
#[track_caller]
pub(crate) fn document(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}:\n{run}"))
}

/// Asserts that a command has ended as it says, with one error and a hint.
#[track_caller]
pub(crate) fn assert_failed(run: &Run, code: i32, said: &str) {
    assert_eq!(run.code, code, "{run}");
    assert!(run.stderr.contains(said), "`{said}` is not said:\n{run}");
    let lines = |start: &str| run.stderr.lines().filter(|line| line.starts_with(start)).count();
    assert_eq!((lines("error: "), lines("hint: ")), (1, 1), "{run}");
    assert_eq!(run.stdout, "", "{run}");
}
