//! The command line of `seeder`.

#![expect(clippy::doc_markdown, reason = "these comments are the manual that --help prints")]

mod credentials;
mod database;
mod db;
mod explain;
mod flags;
mod plan;
mod progress;
mod run;
mod status;

use clap::{Parser, Subcommand};
use terminal::{CommandLine, CommonCommand, Context, Exit, Failure, SharedFlags, run_common};

use flags::RunFlags;

/// Fills a PostgreSQL database, as much as its environment allows.
///
/// Without a command, the seeds are applied (`run`). With nothing set, the database is one on a
/// local server that is started for you, and pending migrations are applied first.
#[derive(Parser)]
#[command(name = "seeder", version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: RunFlags,
    #[command(flatten)]
    shared: SharedFlags,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 failed and nothing changed, 2 usage, 3 pending migrations or outdated seeds, \
4 refused by a guard, 5 another run is under way, 130 interrupted.";

#[derive(Subcommand)]
enum Command {
    /// Apply the seeds
    Run(RunFlags),
    /// Show which seeds would be applied, in which order, and how many rows they offer
    Plan(RunFlags),
    /// Show which seeds were applied, when and by whom; exit code 3 while some are outdated
    Status,
    /// The local server: start, status, url, stop, destroy
    #[command(subcommand)]
    Db(db::Command),
    #[command(flatten)]
    Common(CommonCommand),
}

impl CommandLine for Cli {
    fn shared(&self) -> &SharedFlags {
        &self.shared
    }
}

pub(crate) async fn run(cli: Cli, context: &Context) -> Result<Exit, Failure> {
    let Some(command) = cli.command else { return run::run(cli.run, context).await };
    if cli.run != RunFlags::default() {
        return Err(Failure::message(
            Exit::Usage,
            "usage.flag_before_command",
            "the flags of `run` and `plan` stand behind the command",
        )
        .hint("for example `seeder plan --seed 7`"));
    }
    match command {
        Command::Run(flags) => run::run(flags, context).await,
        Command::Plan(flags) => plan::run(flags, context).await,
        Command::Status => status::run(context).await,
        Command::Db(command) => db::run(command, context).await,
        Command::Common(command) => run_common::<Cli>(command, context),
    }
}
