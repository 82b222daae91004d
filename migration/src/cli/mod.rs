//! The command line of `migration`: the verbs of stock sea-orm-migration, on our own ground.

mod down;
mod fill;
mod finding;
mod fresh;
mod from_entities;
mod generate;
mod history;
mod lint;
mod lock;
mod named;
mod plan;
mod registry;
mod resolve;
mod session;
mod shadow;
mod status;
mod up;
mod validate;

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
Exit codes: 0 done, 1 failed, 2 usage, 3 pending or unknown migrations or \
errors of a check, 4 refused by a guard, \
5 another run is under way, 6 stopped half-way, 130 interrupted.";

#[derive(Subcommand)]
enum Command {
    /// Apply pending migrations
    Up(up::UpFlags),
    /// Show what `up` would do: SQL, locks and rewritten tables, seen on a throw-away database
    Plan(plan::Flags),
    /// Roll back the last applied migrations, one by default
    #[command(visible_alias = "rollback")]
    Down(down::Flags),
    /// Show which migrations are applied; exit code 3 while some are pending
    Status,
    /// Say how a migration ended that was cut off, or that the ledger is wrong about
    Resolve(resolve::Flags),
    /// Show every run and every attempt, the newest last
    History(history::Flags),
    /// Check migrations, ledger, schema, entities and data; exit code 3 on errors
    Validate(validate::Flags),
    /// Drop everything in the schema, then apply all migrations
    Fresh(fresh::WipeFlags),
    /// Roll back all migrations, then apply them again
    Refresh(fresh::WipeFlags),
    /// Roll back all migrations
    Reset(fresh::WipeFlags),
    /// Write the file of a new migration and add it to the list
    Generate(generate::Flags),
    /// Find what is unsafe in pending migrations; exit code 3 on an error
    Lint(lint::Flags),
    /// Write down in migrations.lock what every migration is now
    Lock(lock::Flags),
    #[command(flatten)]
    Common(CommonCommand),
}

impl CommandLine for Cli {
    fn shared(&self) -> &SharedFlags {
        &self.shared
    }
}

pub(crate) async fn run(cli: Cli, context: &Context) -> Result<Exit, Failure> {
    match cli.command.unwrap_or(Command::Up(up::UpFlags::default())) {
        Command::Up(flags) => up::up(flags, context).await,
        Command::Plan(flags) => plan::run(&flags, context).await,
        Command::Down(flags) => down::run(flags, context).await,
        Command::Status => status::run(context).await,
        Command::Resolve(flags) => resolve::run(&flags, context).await,
        Command::History(flags) => history::run(flags, context).await,
        Command::Validate(flags) => validate::run(&flags, context).await,
        Command::Fresh(flags) => fresh::fresh(flags, context).await,
        Command::Refresh(flags) => fresh::refresh(flags, context).await,
        Command::Reset(flags) => fresh::reset(flags, context).await,
        Command::Generate(flags) => generate::run(&flags, context).await,
        Command::Lint(flags) => lint::run(flags, context).await,
        Command::Lock(flags) => lock::run(flags, context).await,
        Command::Common(command) => run_common::<Cli>(command, context),
    }
}
