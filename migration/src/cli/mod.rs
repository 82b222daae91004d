//! The command line of `migration`: the verbs of stock sea-orm-migration, on our own ground.

mod change;
mod fresh;
mod generate;
mod status;

use clap::{Parser, Subcommand};
use terminal::{CommandLine, CommonCommand, Context, Exit, Failure, SharedFlags, run_common};

/// Changes the schema of a PostgreSQL database, one migration at a time.
///
/// Without a command, pending migrations are applied (`up`).
#[derive(Parser)]
#[command(name = "migration", version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    shared: SharedFlags,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 failed, 2 usage, 3 pending or unknown migrations, 4 refused by a guard, \
5 another run is under way, 6 stopped half-way, 130 interrupted.";

#[derive(Subcommand)]
enum Command {
    /// Apply pending migrations
    Up(change::UpFlags),
    /// Roll back the last applied migrations, one by default
    Down(change::DownFlags),
    /// Show which migrations are applied; exit code 3 while some are pending
    Status,
    /// Drop everything in the schema, then apply all migrations
    Fresh(change::WipeFlags),
    /// Roll back all migrations, then apply them again
    Refresh(change::WipeFlags),
    /// Roll back all migrations
    Reset(change::WipeFlags),
    /// Write the file of a new migration and add it to the list
    Generate(generate::Flags),
    #[command(flatten)]
    Common(CommonCommand),
}

impl CommandLine for Cli {
    fn shared(&self) -> &SharedFlags {
        &self.shared
    }
}

pub(crate) async fn run(cli: Cli, context: &Context) -> Result<Exit, Failure> {
    match cli.command.unwrap_or(Command::Up(change::UpFlags::default())) {
        Command::Up(flags) => change::up(flags, context).await,
        Command::Down(flags) => change::down(flags, context).await,
        Command::Status => status::run(context).await,
        Command::Fresh(flags) => fresh::fresh(flags, context).await,
        Command::Refresh(flags) => fresh::refresh(flags, context).await,
        Command::Reset(flags) => fresh::reset(flags, context).await,
        Command::Generate(flags) => generate::run(&flags, context),
        Command::Common(command) => run_common::<Cli>(command, context),
    }
}
