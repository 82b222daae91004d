//! A backup that is being made, in a folder that cannot be taken for a backup.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use dbkit::Report;

use super::{
    folder::{Folder, FolderLock, folders_in},
    place::DISCARDED,
};
use crate::{BackupEvent, BackupId, durable};

const SUFFIX: &str = ".partial";

/// A folder under way; it is removed when dropped, unless it was published.
#[derive(Debug)]
pub(crate) struct Partial {
    path: PathBuf,
    target: PathBuf,
}

impl Partial {
    /// Begins a backup of `database`; the lock keeps [`sweep`] of another run away.
    pub(crate) fn begin(
        folder: &Folder,
        _lock: &FolderLock,
        database: &str,
        id: &BackupId,
    ) -> io::Result<Self> {
        let parent = folder.of_database(database);
        match durable::create_folder(&parent) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            created => created.and_then(|()| durable::sync_folder(folder.path()))?,
        }
        let partial =
            Self { path: parent.join(format!("{id}{SUFFIX}")), target: parent.join(id.as_str()) };
        durable::create_folder(&partial.path)?;
        Ok(partial)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the file that makes this a backup, and gives the folder its final name.
    ///
    /// All other files must be on the disk already.
    pub(crate) fn publish(self, commit: (&str, &[u8])) -> io::Result<PathBuf> {
        durable::sync_folder(&self.path)?;
        durable::write_file(&self.path.join(commit.0), commit.1)?;
        durable::sync_folder(&self.path)?;
        durable::publish(&self.path, &self.target)?;
        Ok(self.target.clone())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // Once published there is nothing under this name. What cannot be removed now, the next
        // run sweeps.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Removes what runs that died have left behind: the lock proves that nobody works here.
pub(super) fn sweep(
    folder: &Folder,
    _lock: &FolderLock,
    report: &dyn Report<BackupEvent>,
) -> io::Result<()> {
    for (path, name) in found(folder)? {
        fs::remove_dir_all(&path)?;
        report.report(&BackupEvent::Swept { partial: name.to_string() });
    }
    Ok(())
}

/// The names of what runs have left behind, or are at work on.
pub(super) fn leftovers(folder: &Folder) -> io::Result<Vec<String>> {
    let names = found(folder)?
        .into_iter()
        .filter_map(|(path, _)| path.file_name().map(|name| name.to_string_lossy().into_owned()));
    Ok(names.collect())
}

fn found(folder: &Folder) -> io::Result<Vec<(PathBuf, BackupId)>> {
    let mut found = Vec::new();
    for database in folder.of_databases()? {
        for path in folders_in(&database)? {
            if let Some(id) = unfinished(&path) {
                found.push((path, id));
            }
        }
    }
    Ok(found)
}

/// The backup that a folder was to become, or was.
fn unfinished(path: &Path) -> Option<BackupId> {
    let name = path.file_name()?.to_str()?;
    name.strip_suffix(SUFFIX).or_else(|| name.strip_suffix(DISCARDED))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::{sync::Mutex, time::Duration};

    use super::*;

    const ID: &str = "20261120T214530Z_manual_9f1c02ab";

    async fn place() -> (tempfile::TempDir, Folder, FolderLock) {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open_or_create(&place.path().join("backups")).unwrap();
        let lock = folder.lock("test", Duration::ZERO, &()).await.unwrap();
        (place, folder, lock)
    }

    #[tokio::test]
    async fn a_backup_appears_whole() {
        let (_place, folder, lock) = place().await;
        let partial = Partial::begin(&folder, &lock, "shop", &ID.parse().unwrap()).unwrap();
        durable::write_file(&partial.path().join("dump"), b"x").unwrap();
        let target = folder.of_database("shop").join(ID);
        assert!(!target.exists());
        assert_eq!(partial.publish(("manifest.json", b"{}")).unwrap(), target);
        assert_eq!(fs::read(target.join("manifest.json")).unwrap(), b"{}");
        assert_eq!(folders_in(&folder.of_database("shop")).unwrap(), [target]);
    }

    #[tokio::test]
    async fn an_abandoned_backup_leaves_nothing() {
        let (_place, folder, lock) = place().await;
        drop(Partial::begin(&folder, &lock, "shop", &ID.parse().unwrap()).unwrap());
        assert!(folders_in(&folder.of_database("shop")).unwrap().is_empty());
    }

    #[tokio::test]
    async fn an_existing_backup_is_not_replaced() {
        let (_place, folder, lock) = place().await;
        for expected in [true, false] {
            let partial = Partial::begin(&folder, &lock, "shop", &ID.parse().unwrap()).unwrap();
            assert_eq!(partial.publish(("manifest.json", b"{}")).is_ok(), expected);
        }
        assert_eq!(folders_in(&folder.of_database("shop")).unwrap().len(), 1);
    }

    #[tokio::test]
    async fn only_what_a_dead_run_left_is_swept() {
        let (_place, folder, lock) = place().await;
        let shop = folder.of_database("shop");
        for name in [ID, &format!("{ID}.partial"), "notes.partial", "notes.deleting"] {
            fs::create_dir_all(shop.join(name)).unwrap();
        }
        let events = Mutex::new(Vec::new());
        sweep(&folder, &lock, &events).unwrap();
        assert_eq!(events.into_inner().unwrap(), [BackupEvent::Swept { partial: ID.to_owned() }]);
        assert_eq!(folders_in(&shop).unwrap().len(), 3);
    }
}
