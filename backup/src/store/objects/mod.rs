//! Backups in an object store: S3 and whatever speaks its protocol, Google Cloud Storage, Azure.
//!
//! ```text
//! <url>/audit/000000/000000000001.json            one for each record of the trail
//! <url>/<database>-<hash of its name>/
//!     20261120T214530Z_manual_9f1c02ab/
//!       BEGUN                                     claims the name; written first
//!       UPLOAD                                    which upload in parts to give up, should the run die
//!       dump.pgc.zst.age, SHA256SUMS, …           as in a folder
//!       manifest.json                             written last: without it this is no backup
//! ```
//!
//! Every put says that nothing may be there yet, so nothing is ever overwritten. There is no lock: a store has
//! none, and what two runs do at once has two names. So a run that died cannot be told from one that is at
//! work, but by its age: nothing of ours runs for longer than a day.

mod address;
mod client;
#[cfg(feature = "web")]
mod connector;
mod download;
mod draft;
mod error;
mod place;
mod unfinished;
mod upload;

use std::{fmt, io, path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use object_store::{GetOptions, ObjectMeta, ObjectStoreExt as _, PutMode, path::Path};
use tokio::{sync::RwLock, time::timeout};

use crate::{BackupId, durable, id};
use address::Address;
use client::Client;

pub use address::AddressError;
pub(crate) use draft::ObjectDraft;
pub use error::{ObjectError, Trouble};
pub use place::ObjectPlace;
pub(crate) use unfinished::Unfinished;

/// How many requests are under way at once where there are many to make.
pub(crate) const AT_ONCE: usize = 16;

/// How often a put is begun anew whose connection broke; `object_store` only repeats what does no harm twice.
const PUTS: u32 = 3;

/// For how long a run waits at its end for what it cleans up.
const CLEANING: Duration = Duration::from_secs(20);

/// The folder of the trail.
const AUDIT: &str = "audit";

/// A bucket, or a part of one, that backups are kept in. Clones share its connections.
#[derive(Clone)]
pub struct Objects(Arc<Inner>);

struct Inner {
    address: String,
    prefix: Path,
    client: Client,
    staging: PathBuf,
    /// Read by whatever cleans up behind the run that made it.
    cleaning: Arc<RwLock<()>>,
}

impl Objects {
    /// The object store at `url`: `s3://bucket/prefix`, `gs://bucket/prefix` or `az://container/prefix`.
    ///
    /// `variables` are those that say who we are and where it is (`AWS_…`, `GOOGLE_…`, `AZURE_…`, `HTTPS_PROXY`,
    /// `NO_PROXY`); others do no harm. Archives that must lie in a file for a moment go to `staging`, a folder that
    /// is made when needed.
    pub fn open(
        url: &str,
        variables: &[(String, String)],
        staging: PathBuf,
    ) -> Result<Self, AddressError> {
        let address = Address::parse(url)?;
        let client = Client::new(&address, variables)?;
        Ok(Self::of(address, client, staging))
    }

    fn of(address: Address, client: Client, staging: PathBuf) -> Self {
        let Address { text, prefix, .. } = address;
        let cleaning = Arc::default();
        Self(Arc::new(Inner { address: text, prefix, client, staging, cleaning }))
    }

    /// Waits for what is being cleaned up behind runs that failed, within reason.
    pub(crate) async fn settled(&self) {
        let _ = timeout(CLEANING, self.0.cleaning.write()).await;
    }

    /// A folder of this machine that is nobody else's.
    pub(crate) fn staging(&self) -> io::Result<PathBuf> {
        let path = &self.0.staging;
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        match durable::create_folder(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(path.clone()),
        }
    }

    /// Where the files of a backup of `database` are.
    pub(crate) fn place(&self, database: &str, id: &BackupId) -> ObjectPlace {
        let prefix = self.0.prefix.clone().join(id::database_folder(database)).join(id.as_str());
        ObjectPlace::new(self.clone(), prefix)
    }

    /// The key of a record of the trail, in folders of a thousand.
    pub(crate) fn audit(&self, names: &[&str]) -> Path {
        names.iter().fold(self.0.prefix.clone().join(AUDIT), |path, name| path.join(*name))
    }

    /// The URL of an object or of all whose keys begin so.
    fn url(&self, path: &Path) -> String {
        let key = path.as_ref().strip_prefix(self.0.prefix.as_ref()).unwrap_or(path.as_ref());
        format!("{}/{}", self.0.address, key.trim_start_matches('/'))
    }

    fn error(&self, path: &Path, error: &object_store::Error) -> io::Error {
        let object = self.url(path);
        ObjectError::new(&self.0.address, object.trim_end_matches('/'), error).into()
    }

    /// Adds an object; one that is there already stays, and is an error, unless it is the very same.
    pub(crate) async fn add(&self, path: &Path, content: impl Into<Bytes>) -> io::Result<()> {
        let content = content.into();
        for attempt in 1.. {
            let mode = PutMode::Create.into();
            let put = self.0.client.whole.put_opts(path, content.clone().into(), mode).await;
            let Err(error) = put else { return Ok(()) };
            let error = self.error(path, &error);
            match error.kind() {
                // The answer to an earlier try may have been lost on its way.
                io::ErrorKind::AlreadyExists if self.holds(path, &content).await => return Ok(()),
                io::ErrorKind::HostUnreachable if attempt < PUTS => {}
                _ => return Err(error),
            }
        }
        Ok(())
    }

    async fn holds(&self, path: &Path, content: &Bytes) -> bool {
        let same_length =
            self.size(path).await.is_ok_and(|size| size == Some(content.len() as u64));
        same_length
            && self.read(path, content.len() as u64).await.is_ok_and(|read| read == *content)
    }

    /// Reads an object, of one that is longer than `limit` only so much.
    pub(crate) async fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let broken = |error| self.error(path, &error);
        let options = GetOptions::default();
        let got = self.0.client.whole.get_opts(path, options).await.map_err(broken)?;
        let mut pieces = got.into_stream();
        let mut content = Vec::new();
        while let Some(piece) = pieces.try_next().await.map_err(broken)? {
            content.extend_from_slice(&piece);
            if content.len() as u64 >= limit {
                content.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
                break;
            }
        }
        Ok(content)
    }

    /// How long an object is; nothing, if there is none.
    pub(crate) async fn size(&self, path: &Path) -> io::Result<Option<u64>> {
        match self.0.client.whole.head(path).await {
            Ok(object) => Ok(Some(object.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.error(path, &error)),
        }
    }

    /// Removes an object, and nothing where there is none.
    pub(crate) async fn remove(&self, path: &Path) -> io::Result<()> {
        match self.0.client.whole.delete(path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.error(path, &error)),
        }
    }

    /// All objects whose keys begin like that, and a slash.
    pub(crate) async fn within(&self, path: &Path) -> io::Result<Vec<ObjectMeta>> {
        let found = self.0.client.whole.list(Some(path)).try_collect().await;
        found.map_err(|error| self.error(path, &error))
    }

    /// What comes next in keys that begin like that, where it is not their end.
    pub(crate) async fn folders(&self, path: &Path) -> io::Result<Vec<Path>> {
        let found = self.0.client.whole.list_with_delimiter(Some(path)).await;
        Ok(found.map_err(|error| self.error(path, &error))?.common_prefixes)
    }

    /// All that could belong to backups, of all databases or of one.
    async fn survey(&self, database: Option<&str>) -> io::Result<Vec<ObjectMeta>> {
        let prefix = &self.0.prefix;
        let folders = match database {
            Some(database) => vec![prefix.clone().join(id::database_folder(database))],
            None => self.folders(prefix).await?,
        };
        let of_backups = folders.into_iter().filter(|path| path.filename() != Some(AUDIT));
        let found: Vec<Vec<_>> = stream::iter(of_backups)
            .map(|path| async move { self.within(&path).await })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(found.into_iter().flatten().collect())
    }
}

/// Whether we are known, but not let.
fn is_denied(error: &io::Error) -> bool {
    ObjectError::within(error).is_some_and(|error| error.trouble() == Trouble::Denied)
}

impl fmt::Display for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.address)
    }
}

/// Says nothing of credentials, which the client has.
impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Objects").field(&self.0.address).finish()
    }
}

impl PartialEq for Objects {
    fn eq(&self, other: &Self) -> bool {
        self.0.address == other.0.address
    }
}

impl Eq for Objects {}
