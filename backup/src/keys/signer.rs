//! Who vouches for a manifest.

use std::{fmt, str::FromStr, sync::Arc};

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

/// A key that signs manifests (Ed25519).
#[derive(Clone)]
pub struct Signer(Arc<Ed25519KeyPair>);

/// The public half of a [`Signer`]: `ed25519:` and 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SignerKey([u8; 32]);

/// A text that is no signer's key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no signer: it is written `ed25519:` and 64 hexadecimal digits")]
pub struct InvalidSigner(pub String);

/// A signature with the key that made it, as `manifest.json.sig` holds them: two words on a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub(crate) signer: SignerKey,
    signature: Vec<u8>,
}

impl Signer {
    /// Makes a key of 32 random bytes.
    #[expect(clippy::missing_panics_doc, reason = "any 32 bytes are a seed")]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed);
        Self(Arc::new(pair.expect("any 32 bytes are a seed of Ed25519")))
    }

    /// The public half.
    #[expect(clippy::missing_panics_doc, reason = "a public key has 32 bytes")]
    pub fn key(&self) -> SignerKey {
        let key = self.0.public_key().as_ref();
        SignerKey(key.try_into().expect("a public key of Ed25519 has 32 bytes"))
    }

    /// Vouches for a message.
    pub fn sign(&self, message: &[u8]) -> Signature {
        let signature = self.0.sign(message).as_ref().to_vec();
        Signature { signer: self.key(), signature }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.key())
    }
}

impl Signature {
    /// Whether it is that of `message`.
    pub(crate) fn fits(&self, message: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, self.signer.0);
        key.verify(message, &self.signature).is_ok()
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (signer, signature) = text.trim_end().split_once(' ')?;
        Some(Self { signer: signer.parse().ok()?, signature: from_hex(signature)? })
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.signer)?;
        to_hex(&self.signature, f)
    }
}

const PREFIX: &str = "ed25519:";

impl fmt::Display for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        to_hex(&self.0, f)
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for SignerKey {
    type Err = InvalidSigner;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = text.strip_prefix(PREFIX).and_then(from_hex);
        let key = bytes.and_then(|bytes| bytes.try_into().ok());
        key.map(Self).ok_or_else(|| InvalidSigner(text.to_owned()))
    }
}

fn to_hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// The bytes that hexadecimal digits stand for.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    let pairs = (0..text.len()).step_by(2).map(|start| &text[start..start + 2]);
    pairs.map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_fits_its_message_alone() {
        let signer = Signer::from_seed(&[7; 32]);
        let signature = signer.sign(b"this");
        let read = Signature::parse(&format!("{signature}\n")).unwrap();
        assert_eq!(read, signature);
        assert!(read.fits(b"this"));
        assert!(!read.fits(b"that"));
        let other = Signature { signer: Signer::from_seed(&[8; 32]).key(), ..signature };
        assert!(!other.fits(b"this"));
    }

    #[test]
    fn a_key_is_written_and_read() {
        let key = Signer::from_seed(&[7; 32]).key();
        assert_eq!(key.to_string().parse::<SignerKey>().unwrap(), key);
        for text in ["", "ed25519:", "ed25519:00", &key.to_string()[1..], &format!("{key}00")] {
            assert!(text.parse::<SignerKey>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_signature_is_none() {
        for text in ["", "ed25519:00 00", "x y z", "ed25519:ü 00"] {
            assert!(Signature::parse(text).is_none(), "{text}");
        }
    }
}
