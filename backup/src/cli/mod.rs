//! The command line of `backup`.

#![expect(clippy::doc_markdown, reason = "these comments are the manual that --help prints")]

mod audit;
mod create;
mod data;
mod doctor;
mod exists;
mod finish;
mod keys;
mod list;
mod pin;
mod prune;
mod restore;
mod sanitise;
mod show;
mod status;
mod trail;
mod undo;
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
5 another run is under way, 6 stopped half-way, 130 interrupted.";

#[derive(Subcommand)]
enum Command {
    /// Make a backup
    Create(create::Flags),
    /// List the backups, newest first; exit code 3 where one is damaged
    List(list::Flags),
    /// Show all that is known of a backup
    Show(show::Flags),
    /// Whether backups are new enough, and proven; exit code 3 where they are not
    Status(status::Flags),
    /// Keep a backup whatever `prune` is told
    Pin(pin::PinFlags),
    /// Let `prune` remove a backup again
    Unpin(pin::UnpinFlags),
    /// Show which backups a policy lets go, and remove them with --yes
    Prune(prune::Flags),
    /// Make, check and change the keys of backups
    #[command(subcommand)]
    Keys(keys::Command),
    /// Read a backup to its end and compare checksums; exit code 3 where something is wrong
    Verify(verify::Flags),
    /// Restore a backup beside the database, into it or into a new one, and compare it row by row
    Restore(restore::Flags),
    /// Verify and show the trail of what was done
    #[command(subcommand)]
    Audit(audit::Command),
    /// Exchange a restored database for what was there before
    Undo(undo::Flags),
    /// Drop what was there before a restore
    Finish(finish::Flags),
    /// Find what dead runs have left on the server; exit code 3 where there is something
    Doctor(doctor::Flags),
    /// Write tables to a file as lines of JSON, or read them from one
    #[command(subcommand)]
    Data(data::Data),
    /// Make a copy for development in which nobody is to be found, and back it up
    Sanitise(sanitise::Flags),
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
        Command::Show(flags) => show::run(&flags, context).await,
        Command::Status(flags) => status::run(&flags, context).await,
        Command::Pin(flags) => pin::pin(flags, context).await,
        Command::Unpin(flags) => pin::unpin(&flags, context).await,
        Command::Prune(flags) => prune::run(flags, context).await,
        Command::Keys(command) => keys::run(command, context).await,
        Command::Verify(flags) => verify::run(&flags, context).await,
        Command::Audit(command) => audit::run(command, context).await,
        Command::Restore(flags) => restore::run(&flags, context).await,
        Command::Undo(flags) => undo::run(&flags, context).await,
        Command::Finish(flags) => finish::run(&flags, context).await,
        Command::Doctor(flags) => doctor::run(&flags, context).await,
        Command::Data(command) => data::run(command, context).await,
        Command::Sanitise(flags) => sanitise::run(flags, context).await,
        Command::Common(command) => run_common::<Cli>(command, context),
    }
}
