//! Gets the local server going, from whatever state the last command left it in.

use std::{path::Path, path::PathBuf, time::Duration};

use super::{
    FileError, LocalServerEvent, Options, Running, SiteError, TurnError, access,
    cluster::{self, CreateError},
    download::DownloadError,
    files, installation,
    launch::{LaunchError, launch},
    memory::{self, Memory},
    running::{AttachError, attach},
    site::{self, Site},
    turn,
};
use crate::{
    Report,
    postgres::{Search, ServerVersion},
};

/// How long a server may take to answer that is running already, perhaps recovering.
const ANSWER_LIMIT: Duration = Duration::from_mins(1);

/// Why the local server could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another command is at work on it.
    #[error(transparent)]
    Turn(#[from] TurnError),
    /// Nothing could be found out about the place where it should be.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// A file or folder could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The account that would run it can reach neither the workspace nor the state directory.
    #[error("the account that runs PostgreSQL for root cannot reach `{}`", workspace.display())]
    Unreachable {
        /// The workspace.
        workspace: PathBuf,
    },
    /// PostgreSQL is not installed, or only too old, and could not be downloaded.
    #[error(
        "PostgreSQL {} or newer is not installed (or cannot be run)",
        ServerVersion::MINIMUM_MAJOR
    )]
    NoPostgres {
        /// Where it was looked for; `*` stands for any name.
        searched: Vec<PathBuf>,
        /// Why the download failed, if it was tried.
        #[source]
        download: Option<Box<DownloadError>>,
    },
    /// The cluster was made by a major version that is not installed any more.
    #[error("the cluster belongs to PostgreSQL {cluster}; installed: {}", list(installed))]
    OtherMajor {
        /// The cluster's major version.
        cluster: u32,
        /// What is installed, newest first.
        installed: Vec<ServerVersion>,
    },
    /// The cluster could not be made.
    #[error("cannot make a cluster")]
    Create(#[from] CreateError),
    /// The server did not start.
    #[error(transparent)]
    Launch(#[from] LaunchError),
    /// The server runs, but does not answer.
    #[error("the server (process {pid}) does not answer")]
    Unresponsive {
        /// The process.
        pid: i32,
        /// What the last attempt to connect said.
        source: sqlx::Error,
    },
    /// The server went away between its start and the first connection.
    #[error("the server stopped right after its start; see `{}`", log.display())]
    Vanished {
        /// The server's log.
        log: PathBuf,
    },
    /// The role or the database could not be made.
    #[error("cannot create the role and the database `{}`", access::DATABASE)]
    Prepare(#[source] sqlx::Error),
}

impl From<AttachError> for StartError {
    fn from(error: AttachError) -> Self {
        match error {
            AttachError::Unresponsive { pid, source } => Self::Unresponsive { pid, source },
            AttachError::File(error) => Self::File(error),
        }
    }
}

/// Starts the workspace's server, or finds it running, and returns how to connect to it.
///
/// The workspace is any folder that exists; `search` says where PostgreSQL may be installed.
pub async fn start(
    workspace: &Path,
    search: &Search,
    options: &Options,
    report: &dyn Report<LocalServerEvent>,
) -> Result<Running, StartError> {
    let workspace = site::canonical(workspace)?;
    let owner = site::workspace_owner(&workspace)?;
    site::create_control(&workspace, owner)?;
    let _turn = turn::take(&workspace, owner, report).await?;
    let memory = memory::read(&workspace)?;
    let site = match Site::existing(&workspace, memory)? {
        Some(site) => site,
        None => Site::choose(&workspace)
            .await?
            .ok_or_else(|| StartError::Unreachable { workspace: workspace.clone() })?,
    };
    let preferred = memory.map(|memory| memory.port);
    let running = reuse_or_launch(&site, search, preferred, options, report).await?;
    let now = Memory { place: site.place, port: running.port };
    if memory != Some(now) {
        memory::write(&workspace, now, owner)?;
    }
    Ok(running)
}

async fn reuse_or_launch(
    site: &Site,
    search: &Search,
    preferred: Option<u16>,
    options: &Options,
    report: &dyn Report<LocalServerEvent>,
) -> Result<Running, StartError> {
    if let Some(running) = prepared(site).await? {
        let Running { port, pid, .. } = running;
        report.report(&LocalServerEvent::Reused { port, pid });
        return Ok(running);
    }
    let installation = installation::choose(site, search, &options.download, report).await?;
    if site.cluster_major()?.is_none() {
        let data_dir = site.data();
        report.report(&LocalServerEvent::Creating { version: installation.version, data_dir });
        cluster::create(site, &installation, options.durability).await?;
    }
    files::remove(&site.partial())?;
    launch(site, &installation, preferred, options, report).await?;
    let running = prepared(site).await?.ok_or_else(|| StartError::Vanished { log: site.log() })?;
    let Running { port, pid, .. } = running;
    report.report(&LocalServerEvent::Started { port, pid });
    Ok(running)
}

/// The running server, with the role and the database that everybody uses.
async fn prepared(site: &Site) -> Result<Option<Running>, StartError> {
    let Some((running, mut superuser)) = attach(site, ANSWER_LIMIT).await? else {
        return Ok(None);
    };
    access::ensure(&mut superuser).await.map_err(StartError::Prepare)?;
    Ok(Some(running))
}

fn list(versions: &[ServerVersion]) -> String {
    if versions.is_empty() {
        return "none".to_owned();
    }
    versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
