//! What is in an object store: backups, and what was begun and has no manifest.

use std::{collections::BTreeMap, io};

use chrono::{DateTime, TimeDelta, Utc};
use dbkit::Report;
use object_store::{ObjectMeta, path::Path};

use super::{ObjectPlace, Objects, upload};
use crate::{BackupEvent, BackupId, Manifest};

/// What is younger may be under way: no run takes longer than a day.
const OLD: TimeDelta = TimeDelta::days(1);

/// Objects with the name of a backup that have no manifest.
#[derive(Debug)]
pub(crate) struct Unfinished {
    pub(crate) id: BackupId,
    place: ObjectPlace,
    newest: DateTime<Utc>,
}

impl Unfinished {
    /// Whether the run that began it is dead for certain.
    pub(crate) fn is_left(&self, now: DateTime<Utc>) -> bool {
        now - self.newest > OLD
    }
}

/// The objects of what has the name of a backup.
type Named = BTreeMap<Path, (BackupId, Vec<ObjectMeta>)>;

impl Objects {
    /// What has the name of a backup and a manifest, of all databases or of one.
    pub(crate) async fn places(
        &self,
        database: Option<&str>,
    ) -> io::Result<Vec<(BackupId, ObjectPlace)>> {
        let named = self.named(database).await?.into_iter();
        let backups = named.filter(|(_, (_, objects))| has_manifest(objects));
        Ok(backups.map(|(path, (id, _))| (id, ObjectPlace::new(self.clone(), path))).collect())
    }

    /// What has the name of a backup and no manifest, of all databases.
    pub(crate) async fn unfinished(&self) -> io::Result<Vec<Unfinished>> {
        let named = self.named(None).await?.into_iter();
        let unfinished = named.filter(|(_, (_, objects))| !has_manifest(objects));
        let found = unfinished.filter_map(|(path, (id, objects))| {
            let newest = objects.iter().map(|object| object.last_modified).max()?;
            Some(Unfinished { id, place: ObjectPlace::new(self.clone(), path), newest })
        });
        Ok(found.collect())
    }

    /// Removes what runs that died have left, as far as that is allowed: who may only write, may still make
    /// backups, and what is locked stays for the doctor to tell.
    pub(crate) async fn sweep(
        &self,
        now: DateTime<Utc>,
        report: &dyn Report<BackupEvent>,
    ) -> io::Result<()> {
        let unfinished = match self.unfinished().await {
            Err(error) if super::is_denied(&error) => return Ok(()),
            found => found?,
        };
        for left in unfinished.into_iter().filter(|left| left.is_left(now)) {
            let gone = async {
                upload::give_up(&left.place).await?;
                left.place.clear().await
            };
            match gone.await {
                Err(error) if super::is_denied(&error) => {}
                gone => {
                    gone?;
                    report.report(&BackupEvent::Swept { partial: left.id.to_string() });
                }
            }
        }
        Ok(())
    }

    async fn named(&self, database: Option<&str>) -> io::Result<Named> {
        let mut named = Named::new();
        for object in self.survey(database).await? {
            let Some(path) = object.location.parent() else { continue };
            let Some(id) = path.filename().and_then(|name| name.parse().ok()) else { continue };
            named.entry(path).or_insert_with(|| (id, Vec::new())).1.push(object);
        }
        Ok(named)
    }
}

fn has_manifest(objects: &[ObjectMeta]) -> bool {
    objects.iter().any(|object| object.location.filename() == Some(Manifest::FILE))
}
