//! `backup audit`: what was done, by the trails in the database and in the folder of backups.

mod seen;
mod tail;
mod verify;

use clap::Subcommand;
use terminal::{Context, Exit, Failure};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Recompute the trails' chains; exit code 3 where something was changed, removed or moved
    Verify(verify::Flags),
    /// Show what was done last
    Tail(tail::Flags),
}

pub(super) async fn run(command: Command, context: &Context) -> Result<Exit, Failure> {
    match command {
        Command::Verify(flags) => verify::run(&flags, context).await,
        Command::Tail(flags) => tail::run(&flags, context).await,
    }
}
