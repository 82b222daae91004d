//! Where backups go, and which programs make them.

#![expect(clippy::doc_markdown, reason = "these comments are the manual that --help prints")]

use std::path::PathBuf;

use clap::Args;
use dbkit::postgres;
use terminal::{Context, local};

use crate::{Programs, Store};

/// The flag of the commands that are about backups.
#[derive(Args, Clone, Debug, Default)]
pub struct FolderFlags {
    /// The folder of backups [default: BACKUP_DIR, else .seaworthy/backups]
    #[arg(long, value_name = "FOLDER")]
    pub dir: Option<PathBuf>,
}

/// The flag of the commands that make a backup on the way.
#[derive(Args, Clone, Debug, Default)]
pub struct BackupDirFlags {
    /// The folder of backups [default: BACKUP_DIR, else .seaworthy/backups]
    #[arg(long, value_name = "FOLDER")]
    pub backup_dir: Option<PathBuf>,
}

impl From<BackupDirFlags> for FolderFlags {
    fn from(flags: BackupDirFlags) -> Self {
        Self { dir: flags.backup_dir }
    }
}

impl FolderFlags {
    /// Where backups are kept.
    pub fn store(&self, context: &Context) -> Store {
        Store::folder(self.folder(context))
    }

    /// The folder of this machine that has the trail of what is done with the backups, wherever those are.
    pub fn trail(&self, context: &Context) -> PathBuf {
        self.folder(context)
    }

    /// The folder, absolute.
    fn folder(&self, context: &Context) -> PathBuf {
        let chosen = self
            .dir
            .clone()
            .or_else(|| context.settings.text("BACKUP_DIR").map(PathBuf::from))
            .unwrap_or_else(|| PathBuf::from(".seaworthy/backups"));
        context.settings.workspace().join(chosen)
    }
}

/// The installed client programs, with the environment that concerns them.
pub async fn programs(context: &Context) -> Programs {
    let installations = postgres::find_clients(&local::search(&context.settings)).await;
    Programs { installations, inherited: context.settings.inherited().to_vec() }
}
