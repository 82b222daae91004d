//! A copy of a database that is known to restore.
//!
//! [`create`](fn@create) runs `pg_dump` on an exported snapshot and writes down, from the same
//! snapshot, how many rows every table has and a hash of their content. [`verify`](fn@verify)
//! reads a backup back, and [`restore`](fn@restore) proves the new database equal to what was
//! written down before it hands it over. [`secure`](fn@secure) does what a migration wants before it
//! destroys something: a backup that was verified, or an error.
//!
//! ```text
//! <folder>/                                     0700
//!   .lock                                       held by the one `create` that runs
//!   <database>-<hash of its name>/
//!     20261120T214530Z_manual_before-fair_9f1c02ab/
//!       dump.pgc.zst.age                        0600, as are all files; `.age` only where it is sealed
//!       SHA256SUMS                              for `sha256sum -c`
//!       manifest.json.sig                       who vouches for it
//!       manifest.json                           written last: without it this is no backup
//!       verify-20261121T030000Z.json            one for each verification
//!     20261121T214530Z_manual_51d2e4f0.partial/ under way, or left by a run that died
//! ```
//!
//! Nothing here prints, asks, exits, looks at the clock or reads the environment.

mod archive;
mod archive_reader;
mod catalogue;
mod child;
mod client;
#[cfg(feature = "cli")]
pub mod command;
mod complaint;
mod content;
mod create;
pub mod data;
mod digest;
mod dump;
mod durable;
mod event;
mod evidence;
mod facts;
mod fingerprint;
mod id;
mod keys;
mod manifest;
mod password_file;
mod pipeline;
mod restore;
mod secure;
mod snapshot;
mod stage;
mod store;
mod take;
mod unpack;
mod verify;
mod watch;

pub use archive::TocEntry;
pub use catalogue::{Backup, Damage, Entry, FindError, find, list};
pub use client::{NoClient, Programs};
pub use complaint::Complaint;
pub use content::{Difference, compare};
pub use create::{CreateError, CreateLimits, CreateRequest, create};
pub use digest::Digest;
pub use event::BackupEvent;
pub use evidence::record;
pub use id::{BackupId, InvalidBackupId, Kind};
pub use keys::{
    Identities, InvalidIdentity, InvalidRecipient, InvalidSigner, KeyError, Opening, Passphrase,
    Recipient, Recipients, Sealing, Signature, Signer, SignerKey,
};
pub use manifest::{
    Artifact, Client, Content, DatabaseSetting, Extension, LargeObjects, Manifest, Migrations,
    Sanitised, SequenceContent, SequenceState, Source, TableContent, Tool,
};
pub use password_file::PasswordError;
pub use restore::{Ownership, RestoreError, RestoreOptions, Restored, restore};
pub use secure::{SecureError, Secured, secure};
pub use snapshot::SnapshotError;
pub use store::{FolderError, Place, Store};
pub use verify::{Finding, Level, Verification, VerifyError, verify};
