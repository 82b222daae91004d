//! What ties a password exchange to the certificate that the server showed: `tls-server-end-point`,
//! the hash of that certificate (RFC 5929), by the hash function of its signature.

use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// Signatures with RSA are called 1.2.840.113549.1.1.n, and those with ECDSA 1.2.840.10045.4.n.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
const ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04];

/// The hash of a certificate; none where its signature has no hash function of its own.
pub(super) fn end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    let algorithm = signature_algorithm(certificate)?;
    let rsa = algorithm.strip_prefix(RSA);
    let ecdsa = algorithm.strip_prefix(ECDSA);
    Some(match (rsa, ecdsa) {
        // MD5 and SHA-1 are replaced by SHA-256.
        (Some([4 | 5 | 11]), _) | (_, Some([1] | [3, 2])) => Sha256::digest(certificate).to_vec(),
        (Some([12]), _) | (_, Some([3, 3])) => Sha384::digest(certificate).to_vec(),
        (Some([13]), _) | (_, Some([3, 4])) => Sha512::digest(certificate).to_vec(),
        _ => return None,
    })
}

/// `Certificate ::= SEQUENCE { tbsCertificate, SEQUENCE { algorithm OBJECT IDENTIFIER, … }, … }`.
fn signature_algorithm(certificate: &[u8]) -> Option<&[u8]> {
    let (inside, _) = element(certificate, 0x30)?;
    let (_, after_certificate) = element(inside, 0x30)?;
    let (algorithm, _) = element(after_certificate, 0x30)?;
    Some(element(algorithm, 0x06)?.0)
}

/// The content of the DER element at the beginning, which must be a `tag`, and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&[found, first], rest) = bytes.split_first_chunk::<2>()?;
    if found != tag {
        return None;
    }
    let (length, rest) = match first {
        ..=0x7f => (usize::from(first), rest),
        // The length of the length; a certificate has less than 16 MiB.
        0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A certificate as far as it is looked at.
    fn certificate(algorithm: &[u8]) -> Vec<u8> {
        let length = |bytes: &[u8]| u8::try_from(bytes.len()).unwrap();
        let oid = [&[0x06, length(algorithm)], algorithm].concat();
        let inside = [&[0x30, 0x81, 2, 1, 2, 0x30, length(&oid)][..], &oid].concat();
        [&[0x30, 0x82, 0, length(&inside)][..], &inside].concat()
    }

    #[test]
    fn the_hash_is_that_of_the_signature() {
        for (prefix, rest, size) in [
            (RSA, &[11][..], Some(32)),
            (RSA, &[5], Some(32)),
            (RSA, &[12], Some(48)),
            (RSA, &[13], Some(64)),
            (ECDSA, &[3, 2], Some(32)),
            (ECDSA, &[3, 3], Some(48)),
            (ECDSA, &[3, 4], Some(64)),
            // RSASSA-PSS names its hash function elsewhere, Ed25519 nowhere.
            (RSA, &[10], None),
            (&[0x2b, 0x65, 0x70], &[], None),
        ] {
            let certificate = certificate(&[prefix, rest].concat());
            assert_eq!(end_point(&certificate).map(|hash| hash.len()), size, "{rest:?}");
        }
    }

    #[test]
    fn what_is_no_certificate_has_no_hash() {
        let whole = certificate(&[ECDSA, &[3, 2]].concat());
        for end in 0..whole.len() {
            assert_eq!(end_point(&whole[..end]), None, "{end}");
        }
        assert_eq!(end_point(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), None);
        assert_eq!(end_point(&[0x30, 0x80, 0, 0]), None);
    }
}
