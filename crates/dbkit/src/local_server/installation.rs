//! Which PostgreSQL the server runs on.

use std::path::PathBuf;

use super::{Download, LocalServerEvent, StartError, site::Site};
#[cfg(feature = "download")]
use super::{DownloadError, fetch};
use crate::{
    Report,
    postgres::{Installation, Search, find_servers},
};

/// Chooses the newest supported installation that the account can run; for a cluster that exists,
/// one of the same major version, because PostgreSQL opens no other's.
pub(super) async fn choose(
    site: &Site,
    search: &Search,
    download: &Download,
    report: &dyn Report<LocalServerEvent>,
) -> Result<Installation, StartError> {
    let mut search = search.clone();
    search.roots.push(site.downloads().join("postgresql-*/bin"));
    let mut found = find_servers(&search).await;
    found.retain(|installation| installation.version.is_supported());
    let Some(major) = site.cluster_major()? else {
        return match first_runnable(site, &found).await {
            Some(installation) => Ok(installation),
            None => fetch(site, search.places(), download, report).await,
        };
    };
    let same: Vec<_> =
        found.iter().filter(|candidate| candidate.version.major() == major).cloned().collect();
    first_runnable(site, &same).await.ok_or_else(|| StartError::OtherMajor {
        cluster: major,
        installed: found.iter().map(|installation| installation.version).collect(),
    })
}

async fn first_runnable(site: &Site, found: &[Installation]) -> Option<Installation> {
    for installation in found {
        if site.can_run(installation).await {
            return Some(installation.clone());
        }
    }
    None
}

#[cfg(feature = "download")]
async fn fetch(
    site: &Site,
    searched: Vec<PathBuf>,
    download: &Download,
    report: &dyn Report<LocalServerEvent>,
) -> Result<Installation, StartError> {
    let failed = |download| StartError::NoPostgres { searched: searched.clone(), download };
    if *download == Download::Never {
        return Err(failed(None));
    }
    let bin_dir = fetch::download(site.downloads(), &site.home, download, report)
        .await
        .map_err(|error| failed(Some(Box::new(error))))?;
    let found = find_servers(&Search { path: Vec::new(), roots: vec![bin_dir.clone()] }).await;
    let runnable = first_runnable(site, &found).await;
    runnable.ok_or_else(|| failed(Some(Box::new(DownloadError::Unusable { bin_dir }))))
}

#[cfg(not(feature = "download"))]
#[expect(clippy::unused_async, reason = "it is where it has something to wait for")]
async fn fetch(
    _site: &Site,
    searched: Vec<PathBuf>,
    _download: &Download,
    _report: &dyn Report<LocalServerEvent>,
) -> Result<Installation, StartError> {
    Err(StartError::NoPostgres { searched, download: None })
}
