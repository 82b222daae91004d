//! A copy of a database that is known to restore.
//!
//! [`create`](fn@create) runs `pg_dump` on an exported snapshot and writes down, from the same
//! snapshot, how many rows every table has and a hash of their content. [`verify`](fn@verify)
//! reads a backup back, and [`restore`](fn@restore) proves the new database equal to what was
//! written down before it hands it over. [`swap`](fn@swap) does the same beside a live database, which
//! then gives its name away and is kept until [`finish`] drops it. [`secure`](fn@secure) does what a
//! migration wants before it destroys something: a backup that was verified, or an error.
//!
//! ```text
//! <folder>/                                     0700
//!   .lock                                       held by the one `create` that runs
//!   audit.jsonl                                 what was done here: see [`trail`]
//!   <database>-<hash of its name>/
//!     20261120T214530Z_manual_before-fair_9f1c02ab/
//!       dump.pgc.zst.age                        0600, as are all files; `.zst` and `.age` only where it is
//!       SHA256SUMS                              for `sha256sum -c`
//!       manifest.json.sig                       who vouches for it
//!       manifest.json                           written last: without it this is no backup
//!       verify-20261121T030000Z.json            one for each verification
//!     20261121T214530Z_manual_51d2e4f0.partial/ under way, or left by a run that died
//! ```
//!
//! In an object store the same files are objects, whose keys begin with the URL: see [`Objects`].
//!
//! Nothing here prints, asks, exits, looks at the clock or reads the environment.

mod archive;
mod archive_reader;
mod brief;
mod catalogue;
mod child;
mod choose;
mod client;
#[cfg(feature = "cli")]
pub mod command;
mod complaint;
mod compression;
mod content;
mod create;
pub mod data;
mod digest;
mod doctor;
mod dossier;
mod drill;
mod dump;
mod durable;
mod event;
mod evidence;
mod facts;
mod fingerprint;
mod freshness;
mod handover;
mod id;
mod keys;
mod manifest;
mod password_file;
mod pieces;
mod pipe;
mod pipeline;
mod plan;
mod prune;
mod raw_digest;
mod rekey;
mod restore;
mod retention;
mod sanitise;
mod secure;
mod server;
mod snapshot;
mod stage;
mod store;
mod swap;
mod take;
pub mod trail;
mod unpack;
mod verify;
mod watch;

pub use archive::TocEntry;
pub use brief::{Brief, Listed, briefs};
pub use catalogue::{Backup, Damage, Entry, FindError, find, list};
pub use choose::{Choice, choose};
pub use client::{NoClient, Programs};
pub use complaint::Complaint;
pub use compression::{Compression, InvalidCompression};
pub use content::{Comparison, Difference, compare};
pub use create::{CreateError, CreateLimits, CreateRequest, SanitisedCopy, create};
pub use digest::Digest;
pub use doctor::{
    DatabaseRepair, Examined, StoreError, StoreFinding, examine_databases, examine_store,
    repair_databases, repair_store,
};
pub use dossier::{Dossier, Pin, dossier, glance, pin, unpin};
pub use drill::drill;
pub use event::{BackupEvent, SwapStep};
pub use evidence::record;
pub use freshness::{Freshness, Staleness, Standing, stand};
pub use handover::PasswordError;
pub use id::{BackupId, InvalidBackupId, Kind};
pub use keys::{
    Identities, InvalidIdentity, InvalidRecipient, InvalidSigner, KeyError, Opening, Passphrase,
    Recipient, Recipients, Sealing, Signature, Signer, SignerKey,
};
pub use manifest::{
    Artifact, Client, Content, DatabaseSetting, Extension, LargeObjects, Manifest, Migrations,
    Sanitised, SequenceContent, SequenceState, Source, TableContent, Tool,
};
pub use plan::{Plan, SessionPlan, SpacePlan, TablePlan, plan};
pub use prune::{Judged, PruneError, prune, remove, survey};
pub use raw_digest::{RawDigest, RawHash};
pub use rekey::{Rekey, RekeyError, rekey};
pub use restore::{
    InvalidTable, Means, Origin, Ownership, RestoreError, RestoreOptions, Restored, TableName, Way,
    admit, in_place, restore, restore_tables,
};
pub use retention::{Known, Retention, Verdict, judge};
pub use sanitise::{
    Checked, Class, ClassifiedTable, ColumnName, Expected, FirstProfile, Problem, Profile,
    ProfileError, Reason, SanitiseError, SanitiseRequest, SanitisingKey, Shape,
    check as check_profile, first_profile, sanitise,
};
pub use secure::{SecureError, Secured, secure};
pub use server::ServerError;
pub use snapshot::SnapshotError;
pub use store::{
    AddressError, FolderError, ObjectError, ObjectPlace, Objects, Place, Removal, Store, Trouble,
};
pub use swap::{
    DatabaseFinding, ExchangeError, Finished, Kept, Swapped, Undone, finish, kept, swap, undo,
};
pub use verify::{Finding, Level, Verification, VerifyError, verify};
