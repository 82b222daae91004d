//! The folder that all backups are in: whether it can be trusted, and who works in it.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    time::Duration,
};

use dbkit::Report;
use rustix::fs::OFlags;
use tokio::time::Instant;

use super::{ObjectError, Place};
use crate::{BackupEvent, BackupId, durable, id};

const PAUSE: Duration = Duration::from_millis(100);

/// Why a folder of backups cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It does not exist.
    #[error("there is no folder `{}`", .0.display())]
    Missing(PathBuf),
    /// It is a file, or a symbolic link that somebody could point elsewhere.
    #[error("`{}` is not a folder (symbolic links are not followed)", .0.display())]
    NotAFolder(PathBuf),
    /// Others could put a dump there that runs their SQL when it is restored.
    #[error("folder `{}` can be written by others (mode {mode:o})", path.display())]
    WritableByOthers {
        /// The folder.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Another run is at work there.
    #[error("another backup is being made in `{}`: {holder}", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
        /// What the other run wrote of itself.
        holder: String,
    },
    /// It is an object store, which does not do what it was asked to.
    #[error(transparent)]
    Objects(ObjectError),
    /// The operating system refused.
    #[error("cannot use folder `{}`", path.display())]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// A folder of backups that was found trustworthy.
#[derive(Clone, Debug)]
pub(crate) struct Folder(PathBuf);

/// The right to make a backup in a folder; given back when dropped, or by the system at death.
#[derive(Debug)]
pub(crate) struct FolderLock(#[expect(dead_code, reason = "closing the file unlocks it")] File);

impl Folder {
    /// Opens the folder, and creates it where there is nothing.
    pub(crate) fn open_or_create(path: &Path) -> Result<Self, FolderError> {
        match Self::open(path) {
            Err(FolderError::Missing(path)) => {
                let broken = |source| FolderError::Io { path: path.clone(), source };
                DirBuilder::new().recursive(true).mode(0o700).create(&path).map_err(broken)?;
                fs::set_permissions(&path, Permissions::from_mode(0o700)).map_err(broken)?;
                Self::open(&path)
            }
            opened => opened,
        }
    }

    /// Opens the folder.
    pub(crate) fn open(path: &Path) -> Result<Self, FolderError> {
        // Through `components`, because a slash at the end would follow a symbolic link.
        let path: PathBuf = path.components().collect();
        let metadata = match path.symlink_metadata() {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(FolderError::Missing(path));
            }
            Err(source) => return Err(FolderError::Io { path, source }),
        };
        let mode = metadata.permissions().mode() & 0o7777;
        match () {
            () if !metadata.is_dir() => Err(FolderError::NotAFolder(path)),
            () if mode & 0o022 != 0 => Err(FolderError::WritableByOthers { path, mode }),
            () => Ok(Self(path)),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Where the backups of one database are, whether or not there are any.
    pub(crate) fn of_database(&self, database: &str) -> PathBuf {
        self.0.join(id::database_folder(database))
    }

    /// The folders within that can hold backups, of all databases.
    pub(crate) fn of_databases(&self) -> io::Result<Vec<PathBuf>> {
        folders_in(&self.0)
    }

    /// Takes the right to make a backup here, trying for at most `limit`.
    ///
    /// The lock is on a file that is never removed: between removing and creating one anew, two
    /// runs can hold "the" lock. `note` is what others are told while they wait.
    pub(crate) async fn lock(
        &self,
        note: &str,
        limit: Duration,
        report: &dyn Report<BackupEvent>,
    ) -> Result<FolderLock, FolderError> {
        let path = self.0.join(".lock");
        let broken = |source| FolderError::Io { path: path.clone(), source };
        let mut file = lock_file(&path).map_err(broken)?;
        let deadline = Instant::now() + limit;
        let mut waiting = false;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(source)) => return Err(broken(source)),
                Err(TryLockError::WouldBlock) => {}
            }
            let holder = noted(&mut file);
            if Instant::now() >= deadline {
                return Err(FolderError::Busy { path: self.0.clone(), holder });
            }
            if !std::mem::replace(&mut waiting, true) {
                report.report(&BackupEvent::Waiting { holder });
            }
            tokio::time::sleep(PAUSE).await;
        }
        note_down(&mut file, note).map_err(broken)?;
        Ok(FolderLock(file))
    }
}

/// The folders that have the name of a backup.
pub(super) fn places(
    folder: &Folder,
    database: Option<&str>,
) -> Result<Vec<(BackupId, Place)>, FolderError> {
    let broken = |source| FolderError::Io { path: folder.path().to_owned(), source };
    let databases = match database {
        Some(database) => vec![folder.of_database(database)],
        None => folder.of_databases().map_err(broken)?,
    };
    let mut places = Vec::new();
    for database in databases.iter().filter(|path| path.is_dir()) {
        for path in folders_in(database).map_err(broken)? {
            let id = path.file_name().and_then(|name| name.to_str()?.parse().ok());
            places.extend(id.map(|id| (id, Place::Folder(path))));
        }
    }
    Ok(places)
}

/// The real folders within a folder, in no particular order.
pub(crate) fn folders_in(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            folders.push(entry.path());
        }
    }
    Ok(folders)
}

fn lock_file(path: &Path) -> io::Result<File> {
    match durable::create_file(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let flags = i32::try_from(OFlags::NOFOLLOW.bits()).map_err(io::Error::other)?;
    OpenOptions::new().read(true).write(true).custom_flags(flags).open(path)
}

/// What the holder wrote of itself; merely for a message, so a failure to read is an empty answer.
fn noted(file: &mut File) -> String {
    let mut note = String::new();
    if file.rewind().is_ok() {
        let _ = file.take(200).read_to_string(&mut note);
    }
    note.trim().to_owned()
}

fn note_down(file: &mut File, note: &str) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{note}")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_new_folder_is_nobody_elses() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a/b");
        let folder = Folder::open_or_create(&path).unwrap();
        assert_eq!(folder.path().metadata().unwrap().permissions().mode() & 0o7777, 0o700);
    }

    #[test]
    fn a_folder_that_others_can_write_is_refused() {
        let place = tempfile::tempdir().unwrap();
        for mode in [0o777, 0o770, 0o1777, 0o702] {
            fs::set_permissions(place.path(), Permissions::from_mode(mode)).unwrap();
            let error = Folder::open_or_create(place.path()).unwrap_err();
            assert!(matches!(error, FolderError::WritableByOthers { .. }), "{mode:o}: {error}");
        }
        fs::set_permissions(place.path(), Permissions::from_mode(0o755)).unwrap();
        assert!(Folder::open(place.path()).is_ok());
    }

    #[test]
    fn a_symbolic_link_or_a_file_is_no_folder() {
        let place = tempfile::tempdir().unwrap();
        let link = place.path().join("link");
        symlink(place.path(), &link).unwrap();
        fs::write(place.path().join("file"), "").unwrap();
        for path in [link, place.path().join("link/"), place.path().join("file")] {
            let error = Folder::open_or_create(&path).unwrap_err();
            assert!(matches!(error, FolderError::NotAFolder(_)), "{error}");
        }
    }

    #[tokio::test]
    async fn one_backup_at_a_time_is_made() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open_or_create(&place.path().join("backups")).unwrap();
        let held = folder.lock("pid 1 on here", Duration::ZERO, &()).await.unwrap();
        let error = folder.lock("pid 2", Duration::from_millis(150), &()).await.unwrap_err();
        assert!(error.to_string().ends_with("pid 1 on here"), "{error}");
        drop(held);
        folder.lock("pid 2", Duration::ZERO, &()).await.unwrap();
        assert!(folder.path().join(".lock").exists(), "the file stays, the lock goes");
    }
}
