//! The objects of one backup.

use std::{fmt, io};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use object_store::path::Path;

use super::{AT_ONCE, Objects, download::Download};
use crate::{
    Manifest,
    store::{Opened, Removal},
};

/// Where the objects of one backup are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectPlace {
    objects: Objects,
    prefix: Path,
}

impl ObjectPlace {
    pub(super) fn new(objects: Objects, prefix: Path) -> Self {
        Self { objects, prefix }
    }

    pub(crate) fn objects(&self) -> &Objects {
        &self.objects
    }

    pub(super) fn path(&self, name: &str) -> Path {
        self.prefix.clone().join(name)
    }

    pub(crate) async fn open(&self, name: &str) -> io::Result<Opened> {
        Ok(Box::new(Download::start(&self.objects, self.path(name)).await?))
    }

    pub(crate) async fn read(&self, name: &str, limit: u64) -> io::Result<Vec<u8>> {
        self.objects.read(&self.path(name), limit).await
    }

    pub(crate) async fn names(&self) -> io::Result<Vec<String>> {
        let found = self.objects.within(&self.prefix).await?;
        Ok(found
            .iter()
            .filter_map(|object| object.location.filename())
            .map(str::to_owned)
            .collect())
    }

    pub(crate) async fn size(&self, name: &str) -> io::Result<Option<u64>> {
        self.objects.size(&self.path(name)).await
    }

    pub(crate) async fn add(&self, name: &str, content: Vec<u8>) -> io::Result<()> {
        self.objects.add(&self.path(name), content).await
    }

    pub(crate) async fn remove(&self, name: &str) -> io::Result<()> {
        self.objects.remove(&self.path(name)).await
    }

    /// Removes the backup: its manifest, then its archive, then the rest.
    ///
    /// Where objects are locked, the manifest is refused and all stays. Should the archive alone be, the
    /// manifest is written again: what cannot go must not be hidden.
    pub(crate) async fn discard(&self) -> io::Result<Removal> {
        let manifest = self.read(Manifest::FILE, u64::MAX).await?;
        if !self.may_go(Manifest::FILE).await? {
            return Ok(Removal::Retained);
        }
        let names = self.names().await?;
        for archive in names.iter().filter(|name| name.starts_with("dump.")) {
            if !self.may_go(archive).await? {
                self.add(Manifest::FILE, manifest).await?;
                return Ok(Removal::Retained);
            }
        }
        self.remove_all(names).await?;
        Ok(Removal::Gone)
    }

    /// Removes a file; `false` if that is refused.
    async fn may_go(&self, name: &str) -> io::Result<bool> {
        match self.remove(name).await {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(false),
            removed => removed.map(|()| true),
        }
    }

    async fn remove_all(&self, names: Vec<String>) -> io::Result<()> {
        let removed = stream::iter(names).map(|name| async move { self.remove(&name).await });
        removed.buffer_unordered(AT_ONCE).try_collect().await
    }

    /// Removes whatever is there of something that is no backup.
    pub(super) async fn clear(&self) -> io::Result<()> {
        self.remove(Manifest::FILE).await?;
        self.remove_all(self.names().await?).await
    }
}

impl fmt::Display for ObjectPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.objects.url(&self.prefix))
    }
}
