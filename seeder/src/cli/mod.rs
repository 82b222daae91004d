//! The command line of `seeder`.

#![expect(clippy::doc_markdown, reason = "these comments are the manual that --help prints")]

mod credentials;
mod database;
mod db;
mod explain;
mod export;
mod fill;
mod flags;
mod list;
mod plan;
mod progress;
mod rollback;
mod run;
mod scenario;
mod snapshot;
mod space;
mod stamp;
mod status;
mod top_up;
mod verify;

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
Exit codes: 0 done, 1 failed and nothing changed, 2 usage, 3 pending migrations, seeds \
that a run would mend or tables that could not be filled, \
4 refused by a guard, 5 another run is under way, 6 stopped half-way and the same command goes on, \
130 interrupted.";

#[derive(Subcommand)]
enum Command {
    /// Apply the seeds
    Run(RunFlags),
    /// Show which seeds would be applied, in which order, and how many rows they offer
    Plan(RunFlags),
    /// Show which seeds were applied, when and by whom, and what has become of their rows; exit code 3
    /// while a run would mend something
    Status,
    /// Make every generated row again and compare it with the one that is there; exit code 3 where
    /// they differ
    Verify,
    /// Delete exactly the rows that a run or a seed wrote
    Rollback(rollback::RollbackFlags),
    /// Delete exactly the rows that all runs wrote
    Clear(rollback::ClearFlags),
    /// Add to the generated tables what a larger scale has more
    TopUp(top_up::TopUpFlags),
    /// Apply situations made by hand, each alone or all
    Scenario(scenario::ScenarioFlags),
    /// Show the seeds
    List,
    /// Write the rows without any database, with --format sql, csv or ndjson; the accounts get no
    /// passwords
    Export(export::ExportFlags),
    /// Keep the database as it is now under a name, and bring it back later
    Snapshot(snapshot::SnapshotFlags),
    /// Show what kind of database this is; with --env, say it to one that nobody has told
    Stamp,
    /// Fill tables that have no seed, from their definitions; exit code 3 where some could not be
    Fill(fill::FillFlags),
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

    fn writes_rows(&self) -> bool {
        matches!(self.command, Some(Command::Export(_)))
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
        Command::Verify => verify::run(context).await,
        Command::Rollback(flags) => rollback::run(flags, context).await,
        Command::Clear(flags) => rollback::clear(flags, context).await,
        Command::TopUp(flags) => top_up::run(flags, context).await,
        Command::Scenario(flags) => scenario::run(flags, context).await,
        Command::List => list::run(context),
        Command::Export(flags) => export::run(&flags, context),
        Command::Snapshot(flags) => snapshot::run(flags, context).await,
        Command::Stamp => stamp::run(context).await,
        Command::Fill(flags) => fill::run(flags, context).await,
        Command::Db(command) => db::run(command, context).await,
        Command::Common(command) => run_common::<Cli>(command, context),
    }
}
