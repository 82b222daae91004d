//! Which backups there are, and which one is meant.

use std::{cmp::Reverse, io};

use chrono::{DateTime, Utc};
use futures_util::{StreamExt as _, stream};

use crate::{
    BackupId, FolderError, Manifest, Place, Store, manifest::ManifestError, store::AT_ONCE,
};

/// A complete backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// Its files.
    pub place: Place,
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
        /// Its files.
        place: Place,
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
    #[error("there is no backup in `{0}`")]
    Empty(Store),
    /// The text can be no part of a name.
    #[error("{0:?} cannot be the beginning of a backup's name")]
    NotAName(String),
    /// No complete backup is what was asked for.
    #[error("there is no backup of `{database}` {what}")]
    NoSuch {
        /// The database.
        database: String,
        /// What it should be, such as `of kind scheduled`.
        what: String,
    },
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

/// Lists the backups in a store, newest first: all of them, or those of one database.
///
/// What is still being made, and what does not have the name of a backup, is left out.
pub async fn list(store: &Store, database: Option<&str>) -> Result<Vec<Entry>, FolderError> {
    // Where each manifest is a request, that of one after the other takes its time.
    let places = stream::iter(store.places(database).await?);
    let mut entries: Vec<_> =
        places.map(|(id, place)| entry(id, place)).buffered(AT_ONCE).collect().await;
    // Names alone would put two backups of one second in any order.
    entries.sort_by_cached_key(|entry| Reverse((entry.started_at(), entry.id().clone())));
    Ok(entries)
}

/// Finds one backup: `latest`, a name, or the beginning of one that no other shares.
pub async fn find(
    store: &Store,
    database: Option<&str>,
    selector: &str,
) -> Result<Backup, FindError> {
    let latest = selector == "latest";
    let kept =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
    if selector.is_empty() || !selector.chars().all(kept) {
        return Err(FindError::NotAName(selector.to_owned()));
    }
    let entries = list(store, database).await?;
    if latest {
        let complete = entries.into_iter().find_map(|entry| match entry {
            Entry::Complete(backup) => Some(backup),
            Entry::Damaged { .. } => None,
        });
        return complete.ok_or_else(|| FindError::Empty(store.clone()));
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

async fn entry(id: BackupId, place: Place) -> Entry {
    match read(&place, &id).await {
        Ok(manifest) => Entry::Complete(Backup { place, manifest }),
        Err(damage) => Entry::Damaged { id, place, damage },
    }
}

/// Reads the file that the manifest is in.
pub(crate) async fn read_file(place: &Place) -> Result<Vec<u8>, Damage> {
    place.read(Manifest::FILE).await.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Damage::NoManifest,
        _ => Damage::Unreadable(error),
    })
}

/// Why a manifest cannot be used.
pub(crate) fn damage(error: ManifestError) -> Damage {
    match error {
        ManifestError::Json(error) => Damage::NotUnderstood(error.into()),
        other => Damage::NotUnderstood(other.into()),
    }
}

async fn read(place: &Place, id: &BackupId) -> Result<Manifest, Damage> {
    let manifest = Manifest::from_json(&read_file(place).await?).map_err(damage)?;
    if manifest.id != *id {
        return Err(Damage::OfAnother(manifest.id));
    }
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        path::{Path, PathBuf},
    };

    use chrono::TimeDelta;

    use super::*;
    use crate::{manifest::tests::manifest, store::Folder};

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

    async fn listed(folder: &Path, database: Option<&str>) -> Vec<String> {
        let entries = list(&Store::folder(folder), database).await.unwrap();
        entries.iter().map(|entry| entry.id().to_string()).collect()
    }

    #[tokio::test]
    async fn the_newest_comes_first() {
        let (_place, folder) = place(&[OLD, NEWER, NEW]);
        assert_eq!(listed(&folder, None).await, [NEWER, NEW, OLD]);
        assert_eq!(listed(&folder, Some("shop")).await, [NEWER, NEW, OLD]);
        assert_eq!(listed(&folder, Some("other")).await, [""; 0]);
    }

    #[tokio::test]
    async fn within_one_second_the_manifest_knows_which_is_newer() {
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
        assert_eq!(listed(&folder, None).await, [second, first, NEW, OLD]);
    }

    #[tokio::test]
    async fn what_is_unfinished_or_foreign_is_not_listed() {
        let (_place, folder) = place(&[OLD]);
        for name in [&format!("{NEW}.partial"), "lost+found", "notes"] {
            fs::create_dir(shop(&folder).join(name)).unwrap();
        }
        fs::write(shop(&folder).join(NEW), "").unwrap();
        std::os::unix::fs::symlink(shop(&folder).join(OLD), shop(&folder).join(NEWER)).unwrap();
        assert_eq!(listed(&folder, None).await, [OLD]);
    }

    async fn check_damage(manifest: &[u8], expected: &str) {
        let (_place, folder) = place(&[OLD, NEW]);
        fs::write(shop(&folder).join(NEW).join(Manifest::FILE), manifest).unwrap();
        let entries = list(&Store::folder(&folder), None).await.unwrap();
        let [Entry::Damaged { id, damage, .. }, Entry::Complete(_)] = &entries[..] else {
            panic!("{entries:?}");
        };
        assert_eq!((id.as_str(), damage.to_string().as_str()), (NEW, expected));
        assert_eq!(
            find(&Store::folder(&folder), None, "latest").await.unwrap().manifest.id.as_str(),
            OLD
        );
        let error = find(&Store::folder(&folder), None, NEW).await.unwrap_err();
        assert_eq!(error.to_string(), format!("{NEW} is damaged"));
    }

    #[tokio::test]
    async fn a_damaged_backup_is_listed_as_such() {
        check_damage(b"", "its manifest is not understood").await;
        check_damage(b"{\"schema_version\": 4}", "its manifest is not understood").await;
        let another = manifest(OLD).to_json();
        check_damage(&another, &format!("its manifest is that of {OLD}")).await;
    }

    #[tokio::test]
    async fn without_a_manifest_it_is_no_backup() {
        let (_place, folder) = place(&[OLD]);
        fs::remove_file(shop(&folder).join(OLD).join(Manifest::FILE)).unwrap();
        let entries = list(&Store::folder(&folder), None).await.unwrap();
        assert!(matches!(&entries[..], [Entry::Damaged { damage: Damage::NoManifest, .. }]));
        let found = find(&Store::folder(&folder), None, "latest").await;
        assert!(matches!(found, Err(FindError::Empty(_))));
    }

    #[tokio::test]
    async fn one_is_found_by_name_beginning_or_age() {
        let (_place, folder) = place(&[OLD, NEW, NEWER]);
        let store = Store::folder(&folder);
        for (selector, id) in [("latest", NEWER), (NEW, NEW), ("20261119", OLD)] {
            let found = find(&store, None, selector).await.unwrap();
            assert_eq!(found.manifest.id.as_str(), id);
        }
    }

    #[tokio::test]
    async fn what_is_not_clear_is_an_error() {
        let (_place, folder) = place(&[OLD, NEW, NEWER]);
        let store = Store::folder(&folder);
        let error = async |selector| find(&store, None, selector).await.unwrap_err();
        let ambiguous = error("20261120").await;
        assert_eq!(ambiguous.to_string(), "the names of 2 backups begin with `20261120`");
        assert_eq!(error("2025").await.to_string(), "no backup's name begins with `2025`");
        for hostile in ["", "../x", "/", "a\nb", "*", "\u{202e}"] {
            assert!(matches!(error(hostile).await, FindError::NotAName(_)), "{hostile:?}");
        }
        let (_place, empty) = place(&[]);
        let found = find(&Store::folder(&empty), None, "latest").await;
        assert!(matches!(found, Err(FindError::Empty(_))));
        let found = find(&Store::folder(empty.join("nowhere")), None, "latest").await;
        assert!(matches!(found, Err(FindError::Folder(FolderError::Missing(_)))));
    }
}
