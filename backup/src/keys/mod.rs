//! Who can open a backup, and who vouches for it.
//!
//! A backup is sealed for recipients ([age](https://age-encryption.org/v1)), whose secret halves need not
//! be on the machine that makes it. Sealing says nothing of who did it, so the manifest is
//! signed; its signature covers the digest of the sealed file.

mod identity;
mod recipient;
mod seal;
mod signer;

pub use identity::{Identities, InvalidIdentity};
pub use recipient::{InvalidRecipient, Passphrase, Recipient, Recipients};
pub use seal::KeyError;
pub(crate) use seal::{NotOpened, Sealed, open};
#[cfg(feature = "cli")]
pub(crate) use signer::from_hex;
pub use signer::{InvalidSigner, Signature, Signer, SignerKey};

/// What makes a backup private and its own.
#[derive(Clone, Debug)]
pub struct Sealing {
    /// Who can open it.
    pub recipients: Recipients,
    /// Who vouches for it.
    pub signer: Signer,
}

/// What it takes to open backups, and to believe them.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    /// What opens them.
    pub identities: Identities,
    /// Whose word counts.
    pub trusted: Vec<SignerKey>,
}
