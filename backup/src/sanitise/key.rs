//! The key that pseudonyms depend on.

use sha2::{Digest as _, Sha256};

use crate::digest::hex;

/// The length of a block of SHA-256.
const BLOCK: usize = 64;

/// A key for HMAC-SHA256, in the two forms that the server computes with: the key's block, padded
/// for the inner and for the outer hash (RFC 2104).
///
/// Without `Debug`: who has it can tell which name a pseudonym stands for, by trying names.
#[derive(Clone)]
pub struct SanitisingKey {
    inner: [u8; BLOCK],
    outer: [u8; BLOCK],
}

impl SanitisingKey {
    /// A key of any length.
    pub fn new(secret: &[u8]) -> Self {
        let mut block = [0; BLOCK];
        if secret.len() > BLOCK {
            block[..32].copy_from_slice(&Sha256::digest(secret));
        } else {
            block[..secret.len()].copy_from_slice(secret);
        }
        Self { inner: block.map(|byte| byte ^ 0x36), outer: block.map(|byte| byte ^ 0x5c) }
    }

    /// Both forms as a line of COPY.
    pub(super) fn copy_line(&self) -> Vec<u8> {
        let bytea = |block: &[u8]| format!("\\\\x{}", hex(block));
        format!("{}\t{}\n", bytea(&self.inner), bytea(&self.outer)).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mac(key: &SanitisingKey, message: &[u8]) -> String {
        let inner = Sha256::new().chain_update(key.inner).chain_update(message).finalize();
        let outer = Sha256::new().chain_update(key.outer).chain_update(inner).finalize();
        hex(&outer)
    }

    // RFC 4231, test cases 2 and 6.
    #[test]
    fn what_is_computed_with_it_is_an_hmac() {
        assert_eq!(
            mac(&SanitisingKey::new(b"Jefe"), b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            mac(
                &SanitisingKey::new(&[0xaa; 131]),
                b"Test Using Larger Than Block-Size Key - Hash Key First"
            ),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }
}
