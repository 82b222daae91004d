//! A backup that is being made in an object store.

use std::{io, sync::Arc};

use tokio::{runtime::Handle, sync::RwLock};

use super::{ObjectPlace, Objects, upload::Upload};
use crate::{BackupId, store::Sink};

/// Claims the name of a backup.
const BEGUN: &str = "BEGUN";

/// Objects that nobody takes for a backup yet; what was written is removed when it is dropped.
pub(crate) struct ObjectDraft {
    place: ObjectPlace,
    /// Read by what is still under way.
    uploading: Arc<RwLock<()>>,
    is_published: bool,
}

impl ObjectDraft {
    /// Begins a backup of `database`; a name that another run has is an error. `note` says whose it is.
    pub(crate) async fn begin(
        objects: &Objects,
        database: &str,
        id: &BackupId,
        note: &str,
    ) -> io::Result<Self> {
        let place = objects.place(database, id);
        place.add(BEGUN, format!("{note}\n").into_bytes()).await?;
        Ok(Self { place, uploading: Arc::default(), is_published: false })
    }

    pub(crate) fn place(&self) -> &ObjectPlace {
        &self.place
    }

    pub(crate) async fn artifact(&self, name: &str) -> Box<dyn Sink> {
        let busy = Arc::clone(&self.uploading).read_owned().await;
        Box::new(Upload::start(self.place.clone(), name.to_owned(), busy))
    }

    /// Writes the object that makes this a backup. All others must be complete.
    pub(crate) async fn publish(mut self, name: &str, content: &[u8]) -> io::Result<ObjectPlace> {
        self.place.add(name, content.to_owned()).await?;
        self.is_published = true;
        Ok(self.place.clone())
    }
}

impl Drop for ObjectDraft {
    fn drop(&mut self) {
        // Without a runtime the next sweep does it.
        if let (false, Ok(runtime)) = (self.is_published, Handle::try_current())
            && let Ok(cleaning) = Arc::clone(&self.place.objects().0.cleaning).try_read_owned()
        {
            let (place, uploading) = (self.place.clone(), Arc::clone(&self.uploading));
            runtime.spawn(async move {
                let _nothing_comes_any_more = uploading.write().await;
                // What cannot be removed now, the next sweep removes.
                let _ = place.clear().await;
                drop(cleaning);
            });
        }
    }
}
