//! Session tokens: what the client shows, and what the database keeps of it.

use std::fmt::Write as _;

use axum::http::{HeaderMap, header};
use sha2::{Digest as _, Sha256};

/// Makes the token of random bytes. It is shown once and stored nowhere.
pub(crate) fn from_bytes(bytes: [u8; 32]) -> String {
    hex(&bytes)
}

/// What the database keeps of a token.
///
/// A token has 256 random bits, so that one fast hash is enough; a password would need a slow one.
pub(crate) fn digest(token: &str) -> String {
    hex(&Sha256::digest(token))
}

/// The token of a request: `Authorization: Bearer …`, given once.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&'static str]) -> HeaderMap {
        values.iter().map(|value| (header::AUTHORIZATION, value.parse().unwrap())).collect()
    }

    #[test]
    fn a_token_is_64_hexadecimal_digits() {
        assert_eq!(from_bytes([0x0f; 32]), "0f".repeat(32));
    }

    #[test]
    fn the_digest_is_sha_256_in_lower_case() {
        // The example of FIPS 180-2, appendix B.1.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest("abc"), expected);
    }

    #[test]
    fn the_scheme_is_read_in_any_case() {
        for value in ["Bearer abc", "bearer abc", "BEARER  abc "] {
            assert_eq!(bearer(&headers(&[value])), Some("abc"), "{value}");
        }
    }

    #[test]
    fn anything_else_is_no_token() {
        for value in ["", "abc", "Bearer", "Bearer ", "Basic abc", "Bearerabc"] {
            assert_eq!(bearer(&headers(&[value])), None, "{value}");
        }
        assert_eq!(bearer(&headers(&[])), None);
    }

    #[test]
    fn two_tokens_are_none() {
        assert_eq!(bearer(&headers(&["Bearer abc", "Bearer def"])), None);
    }
}
