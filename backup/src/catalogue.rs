//! Which backups there are, and which one is meant.

use std::{
    cmp::Reverse,
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};

use crate::{
    BackupId, FolderError, Manifest, durable,
    folder::{Folder, folders_in},
    manifest::ManifestError,
};

/// No manifest is longer; a hundred thousand tables fit.
const MANIFEST_LIMIT: u64 = 64 << 20;

/// A complete backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// Its folder.
    pub path: PathBuf,
    /// What is written down of it.
    pub manifest: Manifest,
}

/// Something in the folder that has the name of a backup.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all are complete")]
pub enum Entry {
    /// A backup.
    Complete(Backup),
    /// Something that cannot be restored.
    Damaged {
        /// Its name.
        id: BackupId,
        /// Its folder.
        path: PathBuf,
        /// What is wrong.
        damage: Damage,
    },
}

/// Why a folder with the name of a backup is none.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// Nothing says that it is complete.
    #[error("it has no manifest")]
    NoManifest,
    /// The manifest cannot be read.
    #[error("its manifest cannot be read")]
    Unreadable(#[source] io::Error),
    /// The manifest is from a newer tool, or broken, or no manifest.
    #[error("its manifest is not understood")]
    NotUnderstood(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The manifest belongs to another backup.
    #[error("its manifest is that of {0}")]
    OfAnother(BackupId),
}

/// Why no backup was found.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// The folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// There is no complete backup at all.
    #[error("there is no backup in `{}`", .0.display())]
    Empty(PathBuf),
    /// The text can be no part of a name.
    #[error("{0:?} cannot be the beginning of a backup's name")]
    NotAName(String),
    /// No name begins so.
    #[error("no backup's name begins with `{0}`")]
    NotFound(String),
    /// Several names begin so.
    #[error("the names of {} backups begin with `{beginning}`", ids.len())]
    Ambiguous {
        /// What was asked for.
        beginning: String,
        /// Which ones, newest first.
        ids: Vec<BackupId>,
    },
    /// The one that is meant cannot be restored.
    #[error("{id} is damaged")]
    Damaged {
        /// Its name.
        id: BackupId,
        /// What is wrong.
        #[source]
        damage: Damage,
    },
}

impl Entry {
    /// The name of its folder.
    pub fn id(&self) -> &BackupId {
        match self {
            Self::Complete(backup) => &backup.manifest.id,
            Self::Damaged { id, .. } => id,
        }
    }

    /// When it was begun; of a damaged one only its name tells, to the second.
    pub fn started_at(&self) -> DateTime<Utc> {
        match self {
            Self::Complete(backup) => backup.manifest.started_at,
            Self::Damaged { id, .. } => id.time(),
        }
    }
}

/// Lists the backups in a folder, newest first: all of them, or those of one database.
///
/// What is still being made, and what does not have the name of a backup, is left out.
pub fn list(folder: &Path, database: Option<&str>) -> Result<Vec<Entry>, FolderError> {
    let folder = Folder::open(folder)?;
    let broken = |source| FolderError::Io { path: folder.path().to_owned(), source };
    let places = match database {
        Some(database) => vec![folder.of_database(database)],
        None => folder.of_databases().map_err(broken)?,
    };
    let mut entries = Vec::new();
    for place in places.iter().filter(|place| place.is_dir()) {
        for path in folders_in(place).map_err(broken)? {
            entries.extend(entry(path));
        }
    }
    // Names alone would put two backups of one second in any order.
    entries.sort_by_cached_key(|entry| Reverse((entry.started_at(), entry.id().clone())));
    Ok(entries)
}

/// Finds one backup: `latest`, a name, or the beginning of one that no other shares.
pub fn find(folder: &Path, database: Option<&str>, selector: &str) -> Result<Backup, FindError> {
    let latest = selector == "latest";
    let kept =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
    if selector.is_empty() || !selector.chars().all(kept) {
        return Err(FindError::NotAName(selector.to_owned()));
    }
    let entries = list(folder, database)?;
    if latest {
        let complete = entries.into_iter().find_map(|entry| match entry {
            Entry::Complete(backup) => Some(backup),
            Entry::Damaged { .. } => None,
        });
        return complete.ok_or_else(|| FindError::Empty(folder.to_owned()));
    }
    match the_one(entries, selector)? {
        Entry::Complete(backup) => Ok(backup),
        Entry::Damaged { id, damage, .. } => Err(FindError::Damaged { id, damage }),
    }
}

fn the_one(mut entries: Vec<Entry>, beginning: &str) -> Result<Entry, FindError> {
    entries.retain(|entry| entry.id().as_str().starts_with(beginning));
    if entries.len() > 1 {
        let ids = entries.iter().map(|entry| entry.id().clone()).collect();
        return Err(FindError::Ambiguous { beginning: beginning.to_owned(), ids });
    }
    entries.pop().ok_or_else(|| FindError::NotFound(beginning.to_owned()))
}

/// What a folder is; nothing if its name is not that of a backup.
fn entry(path: PathBuf) -> Option<Entry> {
    let id: BackupId = path.file_name()?.to_str()?.parse().ok()?;
    Some(match read(&path, &id) {
        Ok(manifest) => Entry::Complete(Backup { path, manifest }),
        Err(damage) => Entry::Damaged { id, path, damage },
    })
}

fn read(path: &Path, id: &BackupId) -> Result<Manifest, Damage> {
    let json = match durable::open_file(&path.join(Manifest::FILE)).and_then(content) {
        Ok(json) => json,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Damage::NoManifest),
        Err(error) => return Err(Damage::Unreadable(error)),
    };
    let manifest = Manifest::from_json(&json).map_err(|error| match error {
        ManifestError::Json(error) => Damage::NotUnderstood(error.into()),
        other => Damage::NotUnderstood(other.into()),
    })?;
    if manifest.id != *id {
        return Err(Damage::OfAnother(manifest.id));
    }
    Ok(manifest)
}

fn content(file: File) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    file.take(MANIFEST_LIMIT).read_to_end(&mut content)?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use chrono::TimeDelta;

    use super::*;
    use crate::manifest::tests::manifest;

    const OLD: &str = "20261119T000000Z_manual_00000001";
    const NEW: &str = "20261120T000000Z_manual_00000002";
    const NEWER: &str = "20261120T000001Z_manual_00000003";

    /// A folder with complete backups of these names.
    fn place(ids: &[&str]) -> (tempfile::TempDir, PathBuf) {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open_or_create(&place.path().join("backups")).unwrap();
        for id in ids {
            let path = folder.of_database("shop").join(id);
            fs::create_dir_all(&path).unwrap();
            let mut manifest = manifest(id);
            manifest.started_at = manifest.id.time();
            fs::write(path.join(Manifest::FILE), manifest.to_json()).unwrap();
        }
        let path = folder.path().to_owned();
        (place, path)
    }

    fn shop(folder: &Path) -> PathBuf {
        Folder::open(folder).unwrap().of_database("shop")
    }

    fn listed(folder: &Path, database: Option<&str>) -> Vec<String> {
        list(folder, database).unwrap().iter().map(|entry| entry.id().to_string()).collect()
    }

    #[test]
    fn the_newest_comes_first() {
        let (_place, folder) = place(&[OLD, NEWER, NEW]);
        assert_eq!(listed(&folder, None), [NEWER, NEW, OLD]);
        assert_eq!(listed(&folder, Some("shop")), [NEWER, NEW, OLD]);
        assert_eq!(listed(&folder, Some("other")), [""; 0]);
    }

    #[test]
    fn within_one_second_the_manifest_knows_which_is_newer() {
        let (_place, folder) = place(&[OLD, NEW]);
        let (first, second) =
            ("20261121T000000Z_manual_b_1f000000", "20261121T000000Z_manual_0f000000");
        for (nanoseconds, id) in [(1, first), (2, second)] {
            let path = shop(&folder).join(id);
            fs::create_dir(&path).unwrap();
            let mut manifest = manifest(id);
            manifest.started_at = manifest.id.time() + TimeDelta::nanoseconds(nanoseconds);
            fs::write(path.join(Manifest::FILE), manifest.to_json()).unwrap();
        }
        assert_eq!(listed(&folder, None), [second, first, NEW, OLD]);
    }

    #[test]
    fn what_is_unfinished_or_foreign_is_not_listed() {
        let (_place, folder) = place(&[OLD]);
        for name in [&format!("{NEW}.partial"), "lost+found", "notes"] {
            fs::create_dir(shop(&folder).join(name)).unwrap();
        }
        fs::write(shop(&folder).join(NEW), "").unwrap();
        std::os::unix::fs::symlink(shop(&folder).join(OLD), shop(&folder).join(NEWER)).unwrap();
        assert_eq!(listed(&folder, None), [OLD]);
    }

    #[track_caller]
    fn check_damage(manifest: &[u8], expected: &str) {
        let (_place, folder) = place(&[OLD, NEW]);
        fs::write(shop(&folder).join(NEW).join(Manifest::FILE), manifest).unwrap();
        let entries = list(&folder, None).unwrap();
        let [Entry::Damaged { id, damage, .. }, Entry::Complete(_)] = &entries[..] else {
            panic!("{entries:?}");
        };
        assert_eq!((id.as_str(), damage.to_string().as_str()), (NEW, expected));
        assert_eq!(find(&folder, None, "latest").unwrap().manifest.id.as_str(), OLD);
        let error = find(&folder, None, NEW).unwrap_err();
        assert_eq!(error.to_string(), format!("{NEW} is damaged"));
    }

    #[test]
    fn a_damaged_backup_is_listed_as_such() {
        check_damage(b"", "its manifest is not understood");
        check_damage(b"{\"schema_version\": 2}", "its manifest is not understood");
        let another = manifest(OLD).to_json();
        check_damage(&another, &format!("its manifest is that of {OLD}"));
    }

    #[test]
    fn without_a_manifest_it_is_no_backup() {
        let (_place, folder) = place(&[OLD]);
        fs::remove_file(shop(&folder).join(OLD).join(Manifest::FILE)).unwrap();
        let entries = list(&folder, None).unwrap();
        assert!(matches!(&entries[..], [Entry::Damaged { damage: Damage::NoManifest, .. }]));
        assert!(matches!(find(&folder, None, "latest"), Err(FindError::Empty(_))));
    }

    #[test]
    fn one_is_found_by_name_beginning_or_age() {
        let (_place, folder) = place(&[OLD, NEW, NEWER]);
        let found = |selector| find(&folder, None, selector).unwrap().manifest.id.to_string();
        assert_eq!(found("latest"), NEWER);
        assert_eq!(found(NEW), NEW);
        assert_eq!(found("20261119"), OLD);
    }

    #[test]
    fn what_is_not_clear_is_an_error() {
        let (_place, folder) = place(&[OLD, NEW, NEWER]);
        let error = |selector| find(&folder, None, selector).unwrap_err();
        assert_eq!(error("20261120").to_string(), "the names of 2 backups begin with `20261120`");
        assert_eq!(error("2025").to_string(), "no backup's name begins with `2025`");
        for hostile in ["", "../x", "/", "a\nb", "*", "\u{202e}"] {
            assert!(matches!(error(hostile), FindError::NotAName(_)), "{hostile:?}");
        }
        let (_place, empty) = place(&[]);
        assert!(matches!(find(&empty, None, "latest"), Err(FindError::Empty(_))));
        assert!(matches!(
            find(&empty.join("nowhere"), None, "latest"),
            Err(FindError::Folder(FolderError::Missing(_)))
        ));
    }
}
