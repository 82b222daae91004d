//! The numbers and texts that an archive is made of.

use std::io::{self, BufRead, Read};

/// Knows how much was read.
pub(super) struct Counted<R> {
    inner: R,
    pub(super) position: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.position += amount as u64;
        self.inner.consume(amount);
    }
}

/// Reads fields with the sizes that the archive's header has named.
pub(super) struct Fields<R> {
    pub(super) source: Counted<R>,
    /// How many bytes a number has after its sign.
    pub(super) int_size: usize,
}

impl<R: Read> Fields<R> {
    pub(super) fn of(source: R) -> Self {
        Self { source: Counted { inner: source, position: 0 }, int_size: 4 }
    }

    pub(super) fn bytes<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.source.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn byte(&mut self) -> io::Result<u8> {
        self.bytes::<1>().map(|[byte]| byte)
    }

    /// A sign, then the value with its lowest byte first.
    pub(super) fn number(&mut self) -> io::Result<i64> {
        let negative = self.byte()? != 0;
        let mut value = [0; 8];
        self.source.read_exact(&mut value[..self.int_size])?;
        let value = i64::from_le_bytes(value);
        Ok(if negative { -value } else { value })
    }

    /// A length: what is not negative and fits into memory.
    pub(super) fn length(&mut self) -> io::Result<usize> {
        usize::try_from(self.number()?).map_err(|_| not_understood("a negative length"))
    }

    /// A text, or nothing where its length is negative.
    pub(super) fn text(&mut self) -> io::Result<Option<String>> {
        let Ok(length) = u64::try_from(self.number()?) else { return Ok(None) };
        // Not at once: a damaged length must not ask for all the memory that there is.
        let mut text = Vec::new();
        self.source.by_ref().take(length).read_to_end(&mut text)?;
        if text.len() as u64 != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Some(String::from_utf8_lossy(&text).into_owned()))
    }

    pub(super) fn skip(&mut self, bytes: u64) -> io::Result<()> {
        let skipped = io::copy(&mut self.source.by_ref().take(bytes), &mut io::sink())?;
        if skipped == bytes { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

pub(super) fn not_understood(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the archive has {what}"))
}
