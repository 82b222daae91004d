//! Deletes the local server with everything in it.

use std::{fs, path::Path};

use super::{
    DATABASE, FileError, LocalServerEvent, SiteError, StopError, TurnError,
    files::{self, At},
    memory,
    site::{self, Site},
    stop::stop_site,
    turn,
};
use crate::{Report, guard::Permit};

/// Why the local server was not deleted, or not wholly.
#[derive(Debug, thiserror::Error)]
pub enum DestroyError {
    /// The permit is for another database.
    #[error("the permit is for database `{permitted}`, not for `{DATABASE}`")]
    OtherDatabase {
        /// The one that it is for.
        permitted: String,
    },
    /// The server could not be stopped first.
    #[error(transparent)]
    Stop(#[from] StopError),
    /// A file or folder could not be removed.
    #[error(transparent)]
    File(#[from] FileError),
}

impl From<SiteError> for DestroyError {
    fn from(error: SiteError) -> Self {
        Self::Stop(error.into())
    }
}

impl From<TurnError> for DestroyError {
    fn from(error: TurnError) -> Self {
        Self::Stop(error.into())
    }
}

/// Stops the workspace's server and deletes its cluster, its log and what is remembered of it.
///
/// Returns whether there was a cluster. The permit is one for the database `app`. A downloaded
/// PostgreSQL stays, for the next server.
pub async fn destroy(
    workspace: &Path,
    permit: &Permit,
    report: &dyn Report<LocalServerEvent>,
) -> Result<bool, DestroyError> {
    if permit.database() != DATABASE {
        return Err(DestroyError::OtherDatabase { permitted: permit.database().to_owned() });
    }
    let workspace = site::canonical(workspace)?;
    if !site::control(&workspace).is_dir() {
        return Ok(false);
    }
    let owner = site::workspace_owner(&workspace)?;
    let _turn = turn::take(&workspace, owner, report).await?;
    let site = Site::existing(&workspace, memory::read(&workspace)?)?;
    if let Some(site) = &site {
        stop_site(site, report).await?;
        remove(site)?;
    }
    files::remove(&memory::path(&workspace))?;
    Ok(site.is_some())
}

/// The cluster loses its name before its files, so that half a cluster is never taken for one.
fn remove(site: &Site) -> Result<(), FileError> {
    files::remove(&site.partial())?;
    fs::rename(site.data(), site.partial()).at("remove", &site.data())?;
    files::remove(&site.partial())?;
    files::remove(&site.socket_folder())?;
    files::remove(&site.home)
}
