//! What opens a backup.

use std::fmt;

use super::{Passphrase, Recipient};

/// Secret keys and a passphrase, of which one may fit.
#[derive(Clone, Default)]
pub struct Identities {
    pub(super) keys: Vec<age::x25519::Identity>,
    pub(super) passphrase: Option<Passphrase>,
}

/// A line of an identity file that is none. The line itself may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is no identity ({reason})")]
pub struct InvalidIdentity {
    /// Which one, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl Identities {
    /// Reads an identity file: one `AGE-SECRET-KEY-1…` on each line; `#` begins a comment.
    pub fn parse(text: &str) -> Result<Self, InvalidIdentity> {
        let lines = text.lines().map(str::trim).enumerate();
        let keys = lines
            .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
            .map(|(number, line)| {
                line.parse().map_err(|reason| InvalidIdentity { line: number + 1, reason })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { keys, passphrase: None })
    }

    /// The same, and a passphrase.
    #[must_use]
    pub fn with_passphrase(mut self, passphrase: Option<Passphrase>) -> Self {
        self.passphrase = passphrase;
        self
    }

    /// Whether there is nothing that could open anything.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.passphrase.is_none()
    }

    /// The public halves, for which a backup can be sealed.
    pub fn recipients(&self) -> Vec<Recipient> {
        self.keys.iter().map(|key| Recipient::of(key.to_public())).collect()
    }

    /// Each key on its own, to see which of them fits.
    pub fn each(&self) -> Vec<Self> {
        self.keys.iter().map(|key| Self { keys: vec![key.clone()], passphrase: None }).collect()
    }
}

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identities")
            .field("keys", &self.recipients())
            .field("passphrase", &self.passphrase)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use age::secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn a_file_may_hold_comments_and_several_keys() {
        let key = || age::x25519::Identity::generate();
        let (one, other) = (key(), key());
        let text = |key: &age::x25519::Identity| key.to_string().expose_secret().to_owned();
        let file = format!("# a comment\n\n  {}\n{}\n", text(&one), text(&other));
        let identities = Identities::parse(&file).unwrap();
        let expected = [one.to_public(), other.to_public()].map(Recipient::of);
        assert_eq!(identities.recipients(), expected);
        assert!(!format!("{identities:?}").contains("SECRET"));
    }

    #[test]
    fn a_line_that_is_no_key_is_named_by_its_number_alone() {
        let error = Identities::parse("# one\nAGE-SECRET-KEY-1HALF").unwrap_err();
        assert_eq!(error.line, 2);
        assert!(!error.to_string().contains("HALF"), "{error}");
    }
}
