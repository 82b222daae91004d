//! The command line of `backup`.

#![expect(clippy::doc_markdown, reason = "these comments are the manual that --help prints")]

mod create;
mod data;
mod list;
mod restore;
mod verify;

use clap::{Parser, Subcommand};
use terminal::{CommandLine, CommonCommand, Context, Exit, Failure, SharedFlags, run_common};

/// Makes copies of a PostgreSQL database that are known to restore.
#[derive(Parser)]
#[command(name = "backup", version, arg_required_else_help = true, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    shared: SharedFlags,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 failed and nothing changed, 2 usage, 3 damaged, 4 refused by a guard, \
5 another backup is being made, 6 stopped half-way, 130 interrupted.";

#[derive(Subcommand)]
enum Command {
    /// Make a backup
    Create(create::Flags),
    /// List the backups, newest first; exit code 3 where one is damaged
    List(list::Flags),
    /// Read a backup to its end and compare checksums; exit code 3 where something is wrong
    Verify(verify::Flags),
    /// Restore a backup into a new database, and compare it row by row
    Restore(restore::Flags),
    /// Write tables to a file as lines of JSON, or read them from one
    #[command(subcommand)]
    Data(data::Data),
    #[command(flatten)]
    Common(CommonCommand),
}

impl CommandLine for Cli {
    fn shared(&self) -> &SharedFlags {
        &self.shared
    }
}

pub(crate) async fn run(cli: Cli, context: &Context) -> Result<Exit, Failure> {
    match cli.command {
        Command::Create(flags) => create::run(flags, context).await,
        Command::List(flags) => list::run(&flags, context).await,
        Command::Verify(flags) => verify::run(&flags, context).await,
        Command::Restore(flags) => restore::run(flags, context).await,
        Command::Data(command) => data::run(command, context).await,
        Command::Common(command) => run_common::<Cli>(command, context),
    }
}
