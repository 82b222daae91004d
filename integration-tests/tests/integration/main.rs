//! Every test that needs PostgreSQL or a process, in one binary: it links once.

#![expect(clippy::unwrap_used, reason = "in a test, a panic with its line is the message")]

/// Compares how a program ended, and what it said, with an inline snapshot.
///
/// `INSTA_UPDATE=always` or `cargo insta review` writes a new one.
macro_rules! assert_run {
    ($run:expr, @$expected:literal) => {
        let run = $run;
        insta::with_settings!({ filters => integration_tests::FILTERS.to_vec() }, {
            insta::assert_snapshot!(run, @$expected);
        });
    };
}

mod agreement;
mod api;
mod backup;
mod bad_input;
mod connection;
mod content;
mod engine_boot;
mod engine_checks;
mod engine_circles;
mod engine_copy;
mod engine_down;
mod engine_export;
mod engine_fill;
mod engine_guardrails;
mod engine_lint;
mod engine_plan;
mod engine_resolve;
mod engine_runner;
mod engine_shadow;
mod engine_validate;
mod factories;
mod harness;
mod interruption;
mod journey;
mod local_server;
mod lock;
mod migration_cli;
mod migrations;
mod notify;
mod runner;
mod runners;
mod scratch;
mod secrets;
mod seeder;
mod seeding;
mod tiny;
mod trail;
mod watching;
mod wipe;
