//! A migration command with a history of its own, whose data migrations count how often they ran.
//!
//! Eight of it at once, and one of them killed, is how the runner is tried: see the test `runners`.

use std::{env, process::ExitCode, time::Duration};

use anyhow::Context as _;

use dbkit::{ConnectOptions, SystemClock};
use integration_tests::{counting::project, engine::operation};
use migration_engine::{Limits, Orders, RunError, RunFacts, Session, Upto, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<ExitCode> {
    let url = env::args().nth(1).context("usage: test-migrations URL")?.parse()?;
    let options = ConnectOptions::new("seaworthy test migrations");
    let session = Session::open(&url, &options, Duration::from_mins(1)).await?;
    let operation = operation();
    let orders = Orders {
        operation: &operation,
        facts: RunFacts::default(),
        limits: Limits::default(),
        clock: &SystemClock,
        report: &(),
    };
    let result = run::up(&session, &project(), &Upto::All, &orders).await;
    Ok(match result {
        Ok(_) => ExitCode::SUCCESS,
        Err(RunError::Dirty(attempts)) => {
            let names = attempts.iter().map(|attempt| attempt.name.as_str());
            say(&names.collect::<Vec<_>>().join(" "));
            ExitCode::from(6)
        }
        Err(error) => return Err(error.into()),
    })
}

#[expect(clippy::print_stdout, reason = "this is a command, and that is its answer")]
fn say(text: &str) {
    println!("{text}");
}
