//! How long a stream of bytes is, and its SHA-256.

use std::{
    fmt::Write as _,
    io::{self, Read, Write},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The length and the SHA-256 of some bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// How many they are.
    pub bytes: u64,
    /// Their SHA-256 in lower-case hexadecimal.
    pub sha256: String,
}

/// The digest of bytes that are all at hand.
pub(crate) fn digest(bytes: &[u8]) -> Digest {
    let mut meter = Meter::new(());
    meter.count(bytes);
    meter.finish().1
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Measures what flows into or out of `inner`.
pub(crate) struct Meter<T> {
    inner: T,
    hash: Sha256,
    bytes: u64,
}

impl<T> Meter<T> {
    pub(crate) fn new(inner: T) -> Self {
        Self { inner, hash: Sha256::new(), bytes: 0 }
    }

    pub(crate) fn count(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    pub(crate) fn finish(self) -> (T, Digest) {
        let sha256 = hex(&self.hash.finalize());
        (self.inner, Digest { bytes: self.bytes, sha256 })
    }
}

impl<W: Write> Write for Meter<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.count(&buffer[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Meter<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count(&buffer[..read]);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_sha256sum() {
        assert_eq!(
            digest(b"abc"),
            Digest {
                bytes: 3,
                sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
                    .to_owned()
            }
        );
    }

    #[test]
    fn both_directions_are_measured() {
        let mut writer = Meter::new(Vec::new());
        writer.write_all(b"abc").unwrap();
        let mut reader = Meter::new(&b"abc"[..]);
        io::copy(&mut reader, &mut io::sink()).unwrap();
        assert_eq!(writer.finish().1, digest(b"abc"));
        assert_eq!(reader.finish().1, digest(b"abc"));
    }
}
