//! What can go wrong when PostgreSQL is downloaded; known even where that feature is left out.

use std::{error::Error, path::PathBuf, time::Duration};

use super::FileError;

/// The major version that is downloaded.
pub const DOWNLOADED_MAJOR: u32 = 18;

/// Why PostgreSQL could not be downloaded.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// It could not be fetched, or is not what its checksum says.
    #[error("cannot fetch PostgreSQL {DOWNLOADED_MAJOR} from {origin}")]
    Fetch {
        /// From where, without credentials.
        origin: String,
        /// What went wrong.
        source: Box<dyn Error + Send + Sync>,
    },
    /// It did not arrive in time.
    #[error("PostgreSQL did not arrive from {origin} within {} s", limit.as_secs())]
    TooSlow {
        /// From where, without credentials.
        origin: String,
        /// How long it was waited.
        limit: Duration,
    },
    /// The archive could not be unpacked.
    #[error("cannot unpack PostgreSQL")]
    Unpack(#[source] Box<dyn Error + Send + Sync>),
    /// It was unpacked, but there is no server in it that runs here.
    #[error("the PostgreSQL downloaded into `{}` cannot be run", bin_dir.display())]
    Unusable {
        /// The folder of its programs.
        bin_dir: PathBuf,
    },
    /// A file or folder could not be written.
    #[error(transparent)]
    File(#[from] FileError),
}
