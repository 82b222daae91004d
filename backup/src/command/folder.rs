//! Where backups go, and which programs make them.

#![expect(clippy::doc_markdown, reason = "these comments are the manual that --help prints")]

use std::{path::PathBuf, sync::OnceLock};

use clap::Args;
use dbkit::postgres;
use terminal::{Context, Failure, local};

use super::explain;
use crate::{Objects, Programs, Store};

/// The flag of the commands that are about backups.
#[derive(Args, Clone, Debug, Default)]
pub struct FolderFlags {
    /// Where backups are: a folder, or `s3://bucket/prefix`, `gs://…`, `az://…` [default: BACKUP_DIR, else .seaworthy/backups]
    #[arg(long, value_name = "FOLDER|URL")]
    pub dir: Option<PathBuf>,

    /// So that whatever a command does with it has the same connections.
    #[arg(skip)]
    opened: OnceLock<Store>,
}

/// The flag of the commands that make a backup on the way.
#[derive(Args, Clone, Debug, Default)]
pub struct BackupDirFlags {
    /// Where backups are: a folder, or `s3://bucket/prefix`, `gs://…`, `az://…` [default: BACKUP_DIR, else .seaworthy/backups]
    #[arg(long, value_name = "FOLDER|URL")]
    pub backup_dir: Option<PathBuf>,
}

impl From<BackupDirFlags> for FolderFlags {
    fn from(flags: BackupDirFlags) -> Self {
        Self { dir: flags.backup_dir, opened: OnceLock::new() }
    }
}

impl FolderFlags {
    /// Where backups are kept, and the trail of what is done with them.
    pub fn store(&self, context: &Context) -> Result<Store, Failure> {
        if let Some(store) = self.opened.get() {
            return Ok(store.clone());
        }
        let settings = &context.settings;
        let chosen = self.dir.as_ref().and_then(|chosen| chosen.to_str());
        let chosen = chosen.or_else(|| settings.text("BACKUP_DIR"));
        let store = match (chosen, &self.dir) {
            (Some(url), _) if url.contains("://") => Store::Objects(objects(url, context)?),
            (None, Some(folder)) => Store::folder(settings.workspace().join(folder)),
            (chosen, _) => {
                Store::folder(settings.workspace().join(chosen.unwrap_or(".seaworthy/backups")))
            }
        };
        Ok(self.opened.get_or_init(|| store).clone())
    }
}

/// What the variables begin with that belong to object stores.
const OBJECT_STORES: [&str; 5] = ["AWS_", "GOOGLE_", "AZURE_", "HTTPS_PROXY", "NO_PROXY"];

fn objects(url: &str, context: &Context) -> Result<Objects, Failure> {
    let settings = &context.settings;
    let belongs = |name: &str| {
        let name = name.to_ascii_uppercase();
        OBJECT_STORES.iter().any(|beginning| name.starts_with(beginning))
    };
    let own = settings.all().filter(|(name, _)| belongs(name));
    let variables: Vec<_> = own.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let staging = settings.workspace().join(".seaworthy/staging");
    Objects::open(url, &variables, staging).map_err(explain::address)
}

/// The installed client programs, with the environment that concerns them.
pub async fn programs(context: &Context) -> Programs {
    let installations = postgres::find_clients(&local::search(&context.settings)).await;
    Programs { installations, inherited: context.settings.inherited().to_vec() }
}
