//! Telling somebody elsewhere how a run ended.
//!
//! One request, a JSON document signed after the [Standard Webhooks](https://www.standardwebhooks.com)
//! specification, so that a receiver can check it with a library of its own language:
//!
//! ```text
//! POST <address>
//! webhook-id: 0193…                     the run; the same in every try, so a second one can be dropped
//! webhook-timestamp: 1795211130         seconds; refuse what is older than a few minutes
//! webhook-signature: v1,BASE64          HMAC-SHA256 over `id.timestamp.body`
//! ```
//!
//! The start of a run is not told: what a receiver must miss is a success that does not come in time, and
//! a run that was killed tells nothing in any case.

mod address;
mod send;
mod signature;

pub use address::{InvalidWebhook, Webhook};
pub use send::{NotSent, Patience, send};

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::Environment;

/// How a run ended; free of secrets and addresses.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Notification {
    /// The tool and its verb, such as `backup.create`, for a receiver that sorts.
    pub event: String,
    /// The run, by the name that it has in the audit trail.
    pub id: Uuid,
    /// The binary: `migration`, `seeder` or `backup`.
    pub tool: String,
    /// The verb with what it was asked for.
    pub command: String,
    /// The name of the database; none where it came to no database.
    pub database: Option<String>,
    /// What kind of database the operator says it is.
    pub environment: Environment,
    /// How it ended, roughly.
    pub status: Status,
    /// The process's exit code.
    pub exit_code: u8,
    /// The stable class of the failure or finding.
    pub class: Option<String>,
    /// The backup that it was about.
    pub backup: Option<String>,
    /// How much was written or read of that backup.
    pub bytes: Option<u64>,
    /// How long it took.
    pub seconds: f64,
    /// When it ended.
    pub at: DateTime<Utc>,
}

/// How a run ended, roughly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It did what it was asked to.
    Done,
    /// It checked, and found something.
    Found,
    /// It did not do what it was asked to.
    Failed,
}
