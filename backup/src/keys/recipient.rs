//! For whom a backup is sealed.

use std::{fmt, str::FromStr};

use age::secrecy::SecretString;

use crate::digest::digest;

/// Who can open a backup.
#[derive(Clone, Debug)]
pub enum Recipients {
    /// Everybody: it is not sealed.
    Everybody,
    /// Whoever has the identity of one of them.
    Keys(Vec<Recipient>),
    /// Whoever knows the passphrase.
    Passphrase(Passphrase),
}

impl Recipients {
    /// Whether nothing is sealed.
    pub(crate) fn is_everybody(&self) -> bool {
        matches!(self, Self::Everybody)
    }
}

/// The public half of an identity: `age1…`.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient(age::x25519::Recipient);

/// A text that is no recipient.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no recipient: {reason}")]
pub struct InvalidRecipient {
    /// The text.
    pub text: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// A secret that a person remembers. It is never shown.
#[derive(Clone)]
pub struct Passphrase(pub(super) SecretString);

impl From<String> for Passphrase {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

impl Recipients {
    /// What names each of them in a manifest; nothing for a passphrase.
    pub(crate) fn fingerprints(&self) -> Vec<String> {
        match self {
            Self::Everybody | Self::Passphrase(_) => Vec::new(),
            Self::Keys(keys) => keys.iter().map(Recipient::fingerprint).collect(),
        }
    }
}

impl Recipient {
    pub(super) const fn of(key: age::x25519::Recipient) -> Self {
        Self(key)
    }

    pub(super) const fn key(&self) -> &age::x25519::Recipient {
        &self.0
    }

    /// The first 16 digits of the SHA-256 of its text.
    pub fn fingerprint(&self) -> String {
        let mut sha256 = digest(self.to_string().as_bytes()).sha256;
        sha256.truncate(16);
        sha256
    }
}

impl FromStr for Recipient {
    type Err = InvalidRecipient;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.get(..15).is_some_and(|start| start.eq_ignore_ascii_case("AGE-SECRET-KEY-")) {
            // Not even in a message: it was put into the wrong place.
            let text = "AGE-SECRET-KEY-…".to_owned();
            return Err(InvalidRecipient { text, reason: "it is a secret identity" });
        }
        let key = text.parse();
        key.map(Self).map_err(|reason| InvalidRecipient { text: text.to_owned(), reason })
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recipient({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_the_place_of_a_recipient_is_not_repeated() {
        let secret = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
        let error = secret.parse::<Recipient>().unwrap_err();
        assert!(!error.to_string().contains("GFPYY"), "{error}");
        let error = secret.to_lowercase().parse::<Recipient>().unwrap_err();
        assert!(!error.to_string().contains("gfpyy"), "{error}");
    }

    #[test]
    fn a_fingerprint_tells_recipients_apart() {
        let key = || Recipient(age::x25519::Identity::generate().to_public());
        let (one, other) = (key(), key());
        assert_eq!(one.fingerprint().len(), 16);
        assert_ne!(one.fingerprint(), other.fingerprint());
        assert_eq!(one.to_string().parse::<Recipient>().unwrap(), one);
    }
}
