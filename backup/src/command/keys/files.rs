//! Files with secrets: private, and made once.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::Path,
};

use age::secrecy::ExposeSecret as _;
use ring::rand::{SecureRandom as _, SystemRandom};
use terminal::{Exit, Failure};

use crate::{digest::hex, durable};

/// Reads a secret, unless there is no such file. One that others can read is refused.
pub(super) fn read(path: &Path) -> Result<Option<String>, Failure> {
    let mode = match fs::metadata(path) {
        Ok(metadata) => metadata.permissions().mode(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(path, error)),
    };
    if mode & 0o077 != 0 {
        return Err(Failure::message(
            Exit::Refused,
            "backup.key_mode",
            format!("`{}` can be read by others (mode {:o})", path.display(), mode & 0o777),
        )
        .hint(format!("chmod 600 {}", path.display())));
    }
    fs::read_to_string(path).map(Some).map_err(|error| unreadable(path, error))
}

/// Writes a secret into a new file. If somebody else made it meanwhile, theirs counts: returns what is in it.
pub(super) fn create(path: &Path, text: &str) -> Result<String, Failure> {
    let write = || {
        if let Some(folder) = path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let unfinished = path.with_extension(format!("{}.unfinished", std::process::id()));
        durable::write_file(&unfinished, text.as_bytes())?;
        durable::publish(&unfinished, path).inspect_err(|_| drop(fs::remove_file(&unfinished)))
    };
    match write() {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(Failure::new(Exit::Failed, "backup.key", error)
                .context(format!("cannot write `{}`", path.display())));
        }
        _ => {}
    }
    read(path)?.ok_or_else(|| unreadable(path, io::ErrorKind::NotFound.into()))
}

/// A new identity, as an identity file has it.
pub(super) fn new_identity() -> String {
    let identity = age::x25519::Identity::generate();
    let secret = identity.to_string();
    format!("# recipient: {}\n{}\n", identity.to_public(), secret.expose_secret())
}

/// A new signing key: 32 random bytes in hexadecimal.
pub(super) fn new_signing_key() -> Result<String, Failure> {
    let mut seed = [0; 32];
    SystemRandom::new().fill(&mut seed).map_err(|_| {
        Failure::message(Exit::Failed, "backup.key", "the system gives no random numbers")
    })?;
    Ok(hex(&seed) + "\n")
}

/// The seed in the text of a signing key.
pub(super) fn seed(text: &str) -> Option<[u8; 32]> {
    crate::keys::from_hex(text.trim())?.try_into().ok()
}

fn unreadable(path: &Path, error: io::Error) -> Failure {
    Failure::new(Exit::Failed, "backup.key", error)
        .context(format!("cannot read `{}`", path.display()))
}
