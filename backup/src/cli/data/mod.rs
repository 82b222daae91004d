//! `backup data`

mod export;
mod import;

use clap::Subcommand;
use terminal::{Context, Exit, Failure};

#[derive(Subcommand)]
pub(super) enum Data {
    /// Write tables, as they are at one moment, to a file
    Export(export::Flags),
    /// Take the rows of such a file into the database: all, or none
    Import(import::Flags),
}

pub(super) async fn run(command: Data, context: &Context) -> Result<Exit, Failure> {
    match command {
        Data::Export(flags) => export::run(flags, context).await,
        Data::Import(flags) => import::run(flags, context).await,
    }
}
