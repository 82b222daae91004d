//! What to do when an object store cannot be used.

use std::io;

use terminal::{Exit, Failure};

use crate::{AddressError, ObjectError, Trouble};

/// Why what names an object store is of no use.
pub fn address(error: AddressError) -> Failure {
    let hint = match &error {
        AddressError::Secret => {
            "say who you are with variables (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, …), not in the URL"
        }
        AddressError::NotBuilt(_) => "build it with the features `s3`, `gcs` and `azure`",
        AddressError::Settings { .. } => {
            "see the variables that begin with AWS_, GOOGLE_ or AZURE_"
        }
        AddressError::NotAUrl(_) | AddressError::UnknownScheme(_) => {
            "set BACKUP_DIR to a folder, or to `s3://bucket/prefix`"
        }
    };
    Failure::new(Exit::Usage, "backup.store_url", error).hint(hint)
}

/// The class of what is wrong, and the next command.
pub(super) fn advice(error: &ObjectError) -> (&'static str, &'static str) {
    match error.trouble() {
        Trouble::Unreachable => (
            "backup.store_unreachable",
            "see that AWS_ENDPOINT_URL and the network are right (AWS_ALLOW_HTTP=true for plain http), then run the command again",
        ),
        Trouble::NoSuchBucket => (
            "backup.no_bucket",
            "make the bucket, or correct BACKUP_DIR (for S3 AWS_REGION too): a bucket is never made by itself",
        ),
        Trouble::Credentials => (
            "backup.store_credentials",
            "correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or what stands for them elsewhere",
        ),
        Trouble::Denied => (
            "backup.store_denied",
            "let these credentials list, get and put there, and delete if `prune` is to work; what is locked goes when its time is over",
        ),
        Trouble::NotFound => ("backup.store_missing", "see what is there: `backup list`"),
        Trouble::Exists => {
            ("backup.store_exists", "nothing is ever overwritten: run the command again")
        }
        Trouble::Other => ("backup.store", "see the answer above, then run the command again"),
    }
}

/// A failure of something that reads or writes files of a backup, wherever it is.
pub(super) fn storing(
    error: impl Into<anyhow::Error>,
    (exit, class, hint): (Exit, &'static str, &'static str),
) -> Failure {
    let error = error.into();
    let mut causes = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    match causes.find_map(ObjectError::within).map(advice) {
        Some((class, hint)) => Failure::new(exit, class, error).hint(hint),
        None => Failure::new(exit, class, error).hint(hint),
    }
}
