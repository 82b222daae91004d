//! Where everything of one workspace's server lies, and whose it is.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use nix::unistd::geteuid;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::process::Command;

use super::{
    account::{self, Account, NoAccount, is_root},
    files::{self, At, FileError, Owner, create_folder},
    memory::Memory,
    socket,
};
use crate::postgres::{Installation, run};

/// Where clusters live that cannot lie in their workspace.
const STATE_DIRECTORY: &str = "/var/lib/seaworthy";

/// The name of the cluster's folder in its home.
pub(super) const DATA: &str = "data";

/// The name of the server's log in its home.
pub(super) const LOG: &str = "server.log";

/// How long a trivial program may take.
const PROBE_LIMIT: Duration = Duration::from_secs(10);

/// Where the cluster lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// In the workspace's `.seaworthy/postgres/`.
    Workspace,
    /// In `/var/lib/seaworthy/`, because the account that runs it cannot reach the workspace.
    StateDirectory,
}

/// Why nothing could be said about a workspace's server.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// A file or folder could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// PostgreSQL refuses to run as root, and there is no ordinary account to run it.
    #[error(transparent)]
    NoAccount(#[from] NoAccount),
}

impl Place {
    /// Both, in the order in which they are tried.
    const ALL: [Self; 2] = [Self::Workspace, Self::StateDirectory];

    /// The folder of the server: cluster, socket and log.
    fn home(self, workspace: &Path) -> PathBuf {
        match self {
            Self::Workspace => control(workspace).join("postgres"),
            Self::StateDirectory => {
                let name = workspace.file_name().unwrap_or_default().to_string_lossy();
                Path::new(STATE_DIRECTORY).join(format!("{name}-{}", fingerprint(workspace)))
            }
        }
    }
}

/// The folder of the workspace that the tools keep to themselves.
pub(super) fn control(workspace: &Path) -> PathBuf {
    workspace.join(".seaworthy")
}

/// Where a workspace's local server keeps the programs that it has downloaded, as patterns for
/// [`Search::roots`](crate::postgres::Search::roots): `pg_dump` is among them.
pub fn downloads(workspace: &Path) -> [PathBuf; 2] {
    let folders = Place::ALL.map(|place| place.home(workspace).with_file_name("postgresql-*"));
    folders.map(|folder| folder.join("bin"))
}

/// A short name for a path that no other path has.
pub(super) fn fingerprint(path: &Path) -> String {
    let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
    digest.iter().take(6).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// Resolves every symbolic link, so that one workspace is always the same path.
pub(super) fn canonical(workspace: &Path) -> Result<PathBuf, FileError> {
    workspace.canonicalize().at("find", workspace)
}

/// To whom the files in the workspace belong: as root, not to root unless the workspace does.
pub(super) fn workspace_owner(workspace: &Path) -> Result<Option<Owner>, FileError> {
    if !is_root() {
        return Ok(None);
    }
    Owner::of(workspace).map(Some).at("read", workspace)
}

/// Creates the folder that the tools keep to themselves, invisible to git.
pub(super) fn create_control(workspace: &Path, owner: Option<Owner>) -> Result<(), FileError> {
    let folder = control(workspace);
    create_folder(&folder, 0o755, owner)?;
    let ignore = folder.join(".gitignore");
    if ignore.exists() { Ok(()) } else { files::write(&ignore, "*\n", owner) }
}

/// One workspace's server: where it lies and who runs it.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) place: Place,
    pub(super) home: PathBuf,
    pub(super) account: Option<Account>,
}

impl Site {
    fn at(workspace: &Path, place: Place) -> Result<Self, SiteError> {
        let home = place.home(workspace);
        let account = Account::choose(&[&home, workspace])?;
        Ok(Self { place, home, account })
    }

    /// Where the cluster is, if there is one.
    pub(super) fn existing(
        workspace: &Path,
        memory: Option<Memory>,
    ) -> Result<Option<Self>, SiteError> {
        let remembered = memory.map(|memory| memory.place);
        for place in remembered.into_iter().chain(Place::ALL) {
            let site = Self::at(workspace, place)?;
            if site.data().is_dir() {
                return Ok(Some(site));
            }
        }
        Ok(None)
    }

    /// The first place where a cluster can be; its folder exists afterwards.
    pub(super) async fn choose(workspace: &Path) -> Result<Option<Self>, SiteError> {
        for place in Place::ALL {
            let site = Self::at(workspace, place)?;
            site.create_home()?;
            if site.is_reachable().await {
                return Ok(Some(site));
            }
            // An empty folder is all that was made; if it holds anything, it was there before.
            drop(fs::remove_dir(&site.home));
        }
        Ok(None)
    }

    fn create_home(&self) -> Result<(), FileError> {
        if self.place == Place::StateDirectory {
            create_folder(Path::new(STATE_DIRECTORY), 0o755, None)?;
        }
        create_folder(&self.home, 0o700, self.owner())
    }

    /// Whether the account can really work there: every folder on the way, access lists and
    /// read-only file systems have a say, so the account itself is asked.
    async fn is_reachable(&self) -> bool {
        if self.account.is_none() {
            return true;
        }
        let mut command = self.program(Path::new("/bin/sh"));
        command.args(["-c", r#"test -x "$0" && test -w "$0""#]).arg(&self.home);
        run(command, PROBE_LIMIT).await.is_ok()
    }

    /// Whether the account can run this installation, which may lie in root's own folder.
    pub(super) async fn can_run(&self, installation: &Installation) -> bool {
        if self.account.is_none() {
            return true;
        }
        let mut command = self.program(&installation.program("postgres"));
        command.arg("--version");
        run(command, PROBE_LIMIT).await.is_ok()
    }

    /// A command for one of PostgreSQL's programs, run by the account.
    pub(super) fn program(&self, path: &Path) -> Command {
        account::program(self.account.as_ref(), path)
    }

    /// To whom files are given, if they must be.
    pub(super) fn owner(&self) -> Option<Owner> {
        self.account.as_ref().map(|account| account.owner)
    }

    fn uid(&self) -> u32 {
        self.owner().map_or_else(|| geteuid().as_raw(), |owner| owner.uid)
    }

    /// The cluster.
    pub(super) fn data(&self) -> PathBuf {
        self.home.join(DATA)
    }

    /// The cluster while it is being made or removed; nobody takes it for one.
    pub(super) fn partial(&self) -> PathBuf {
        self.home.join("data.partial")
    }

    /// What the server writes; see `launch`.
    pub(super) fn log(&self) -> PathBuf {
        self.home.join(LOG)
    }

    /// Where downloaded installations lie: beside the home, where other workspaces that live in
    /// the state directory find them too, and outside what the account may change.
    pub(super) fn downloads(&self) -> &Path {
        self.home.parent().expect("every home lies in a folder")
    }

    /// The folder of the socket.
    pub(super) fn socket_folder(&self) -> PathBuf {
        socket::folder(&self.home, self.uid())
    }

    /// Creates the folder of the socket and makes sure that it is private.
    pub(super) fn prepare_socket_folder(&self) -> Result<PathBuf, FileError> {
        let folder = self.socket_folder();
        socket::prepare(&folder, self.uid(), self.owner())?;
        Ok(folder)
    }

    /// The major version of the cluster, if there is one.
    pub(super) fn cluster_major(&self) -> Result<Option<u32>, FileError> {
        let text = files::read(&self.data().join("PG_VERSION"))?;
        Ok(text.and_then(|text| text.trim().parse().ok()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_workspaces_of_one_name_have_two_homes() {
        let [one, two] =
            ["/a/shop", "/b/shop"].map(|path| Place::StateDirectory.home(Path::new(path)));
        assert_ne!(one, two);
        assert!(one.to_string_lossy().starts_with("/var/lib/seaworthy/shop-"));
    }

    #[test]
    fn a_workspace_keeps_its_cluster_to_itself() {
        let home = Place::Workspace.home(Path::new("/a/shop"));
        assert_eq!(home, Path::new("/a/shop/.seaworthy/postgres"));
    }

    #[test]
    fn git_does_not_see_the_folder() {
        let workspace = tempfile::tempdir().unwrap();
        create_control(workspace.path(), None).unwrap();
        let ignore = fs::read_to_string(control(workspace.path()).join(".gitignore")).unwrap();
        assert_eq!(ignore, "*\n");
    }
}
