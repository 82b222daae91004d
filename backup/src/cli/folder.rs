//! Where backups go, and which programs make them.

use std::path::PathBuf;

use backup::Programs;
use clap::Args;
use dbkit::postgres;
use terminal::{Context, local};

#[derive(Args, Clone, Debug)]
pub(super) struct FolderFlags {
    /// The folder of backups [default: BACKUP_DIR, else .seaworthy/backups]
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
}

impl FolderFlags {
    /// The folder, absolute.
    pub(super) fn folder(&self, context: &Context) -> PathBuf {
        let chosen = self
            .dir
            .clone()
            .or_else(|| context.settings.text("BACKUP_DIR").map(PathBuf::from))
            .unwrap_or_else(|| PathBuf::from(".seaworthy/backups"));
        context.settings.workspace().join(chosen)
    }
}

/// The installed client programs, with the environment that concerns them.
pub(super) async fn programs(context: &Context) -> Programs {
    let installations = postgres::find_clients(&local::search(&context.settings)).await;
    Programs { installations, inherited: context.settings.inherited().to_vec() }
}
