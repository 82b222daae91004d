//! Where the server's Unix socket lies: in a folder that nobody else can enter.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, chown},
    path::{Path, PathBuf},
};

use super::{
    files::{self, At, FileError, Owner},
    site::fingerprint,
};

/// The longest path of a socket: 107 bytes on Linux, 103 on macOS.
const LONGEST: usize = 103;

/// How the name of the file begins; the port follows.
const NAME: &str = ".s.PGSQL.";

/// The name at its longest.
const LONGEST_NAME: &str = ".s.PGSQL.65535";

/// The folder for the socket of the server that lives in `home` and runs as user `uid`.
///
/// Workspaces may lie deep; then it is a short path beneath `/tmp`, different for every home.
pub(super) fn folder(home: &Path, uid: u32) -> PathBuf {
    let inside = home.join("socket");
    if inside.join(LONGEST_NAME).as_os_str().len() <= LONGEST {
        return inside;
    }
    PathBuf::from(format!("/tmp/seaworthy-{uid}-{}", fingerprint(home)))
}

/// Creates the folder, or makes sure that the one which is there is private.
///
/// Anybody may have created a folder of this name in `/tmp`, so it is not enough that it exists.
pub(super) fn prepare(folder: &Path, uid: u32, give_to: Option<Owner>) -> Result<(), FileError> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => match give_to {
            Some(Owner { uid, gid }) => chown(folder, Some(uid), Some(gid)).at("give away", folder),
            None => Ok(()),
        },
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            require_private(folder, uid).at("trust", folder)
        }
        Err(error) => Err(error).at("create", folder),
    }
}

/// Removes what a killed server has left in the folder, which no other server uses.
///
/// PostgreSQL keeps a second note of the server's process beside the socket, and would believe it
/// as it believes `postmaster.pid`.
pub(super) fn sweep(folder: &Path) -> Result<(), FileError> {
    for entry in fs::read_dir(folder).at("read", folder)?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(NAME) {
            files::remove(&entry.path())?;
        }
    }
    Ok(())
}

fn require_private(folder: &Path, uid: u32) -> io::Result<()> {
    let found = folder.symlink_metadata()?;
    if found.is_dir() && found.uid() == uid && found.mode() & 0o777 == 0o700 {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::PermissionDenied, "others can enter or replace it"))
}

#[cfg(test)]
mod tests {
    use std::{
        fs::Permissions,
        os::unix::fs::{PermissionsExt, symlink},
    };

    use nix::unistd::geteuid;

    use super::*;

    #[test]
    fn the_socket_lies_beside_the_cluster() {
        let home = Path::new("/home/user/shop/.seaworthy/postgres");
        assert_eq!(folder(home, 1000), home.join("socket"));
    }

    #[test]
    fn a_deep_workspace_gets_a_short_path_of_its_own() {
        let deep = PathBuf::from(format!("/home/user/{}", "deep/".repeat(30)));
        let (one, two) = (folder(&deep.join("one"), 1000), folder(&deep.join("two"), 1000));
        assert!(one.join(LONGEST_NAME).as_os_str().len() <= LONGEST);
        assert!(one.starts_with("/tmp"));
        assert_ne!(one, two);
    }

    #[test]
    fn what_a_killed_server_left_is_swept_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for name in [".s.PGSQL.5433", ".s.PGSQL.5433.lock", "mine"] {
            fs::write(folder.path().join(name), "42\n").unwrap();
        }
        sweep(folder.path()).unwrap();
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().flatten().collect();
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].file_name(), "mine");
    }

    #[test]
    fn a_folder_that_others_could_enter_is_not_trusted() {
        let place = tempfile::tempdir().unwrap();
        let uid = geteuid().as_raw();
        let ours = place.path().join("ours");
        prepare(&ours, uid, None).unwrap();
        prepare(&ours, uid, None).unwrap();
        let link = place.path().join("link");
        symlink(&ours, &link).unwrap();
        prepare(&link, uid, None).unwrap_err();
        prepare(&ours, uid + 1, None).unwrap_err();
        fs::set_permissions(&ours, Permissions::from_mode(0o755)).unwrap();
        prepare(&ours, uid, None).unwrap_err();
    }
}
