//! How an archive is compressed, and with it how it is read again.

use std::{
    fmt,
    io::{self, Read, Write},
    str::FromStr,
};

use zstd::{Decoder, Encoder};

/// The largest window that is believed (128 MiB): ours have at most 8, and a forged one could ask for all memory.
const WINDOW_LOG_MAX: u32 = 27;

/// Up to this level one thread keeps up with `pg_dump`, and a second one only wakes and waits.
const FAST: i32 = 2;

/// What [`Compression::step`] says around the level.
const STEP: (&str, &str) = ("zstd:", "+checksum");

/// A level of zstd from 1 to 19, or none for a store that compresses by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compression(Option<i32>);

impl Compression {
    /// Not at all.
    pub const NONE: Self = Self(None);

    /// How a manifest writes it; nothing where nothing is compressed.
    pub(crate) fn step(self) -> Option<String> {
        self.0.map(|level| format!("{}{level}{}", STEP.0, STEP.1))
    }

    /// What a step of a manifest is, if it is one of compression.
    pub(crate) fn of_step(step: &str) -> Option<Self> {
        step.strip_prefix(STEP.0)?.strip_suffix(STEP.1)?.parse().ok()
    }
}

impl Default for Compression {
    /// zstd's level 1 takes a tenth of the time of `pg_dump`'s own gzip and still compresses better. Level 3 takes
    /// half as long again, for at most a hundredth of the size; where it matters it can be chosen.
    fn default() -> Self {
        Self(Some(1))
    }
}

/// What is neither a level nor `none`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is no compression: `none`, or a level from 1 to 19", .0.escape_debug())]
pub struct InvalidCompression(String);

impl FromStr for Compression {
    type Err = InvalidCompression;

    fn from_str(text: &str) -> Result<Self, InvalidCompression> {
        match text.parse() {
            Ok(level @ 1..=19) => Ok(Self(Some(level))),
            _ if text == "none" => Ok(Self::NONE),
            _ => Err(InvalidCompression(text.to_owned())),
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(level) => level.fmt(f),
            None => f.write_str("none"),
        }
    }
}

/// A file into which what is written goes compressed, or as it is.
pub(crate) enum Compressed<W: Write> {
    Plain(W),
    Zstd(Encoder<'static, W>),
}

impl<W: Write> Compressed<W> {
    /// Begins to compress, on so many threads where more than one finds something to do.
    pub(crate) fn new(inner: W, how: Compression, threads: u32) -> io::Result<Self> {
        let Some(level) = how.0 else { return Ok(Self::Plain(inner)) };
        let mut encoder = Encoder::new(inner, level)?;
        encoder.include_checksum(true)?;
        encoder.multithread(if level <= FAST { 1 } else { threads })?;
        Ok(Self::Zstd(encoder))
    }

    /// Ends the stream, which before does not look complete.
    pub(crate) fn finish(self) -> io::Result<W> {
        match self {
            Self::Plain(inner) => Ok(inner),
            Self::Zstd(encoder) => encoder.finish(),
        }
    }
}

impl<W: Write> Write for Compressed<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(inner) => inner.write(buffer),
            Self::Zstd(encoder) => encoder.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(inner) => inner.flush(),
            Self::Zstd(encoder) => encoder.flush(),
        }
    }
}

/// What was compressed into `inner`.
pub(crate) fn decompressed<'a>(
    inner: Box<dyn Read + 'a>,
    how: Compression,
) -> io::Result<Box<dyn Read + 'a>> {
    if how == Compression::NONE {
        return Ok(inner);
    }
    let mut decoder = Decoder::new(inner)?;
    decoder.window_log_max(WINDOW_LOG_MAX)?;
    Ok(Box::new(decoder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_read_as_it_is_typed_and_as_it_is_recorded() {
        for text in ["none", "1", "3", "19"] {
            let compression: Compression = text.parse().unwrap();
            assert_eq!(compression.to_string(), text);
            let step = compression.step();
            let read = step.as_deref().map_or(Some(Compression::NONE), Compression::of_step);
            assert_eq!(read, Some(compression), "{step:?}");
        }
        assert_eq!(Compression::default().step().as_deref(), Some("zstd:1+checksum"));
        for text in ["", "0", "20", "-1", "zstd", "3 "] {
            assert!(text.parse::<Compression>().is_err(), "{text}");
        }
        for step in ["zstd:3", "zstd:99+checksum", "lz4:3+checksum"] {
            assert_eq!(Compression::of_step(step), None, "{step}");
        }
    }

    #[test]
    fn what_goes_in_comes_out() {
        let content = b"PGDMP and so on".repeat(1_000);
        for text in ["none", "1", "19"] {
            let how = text.parse().unwrap();
            let mut file = Compressed::new(Vec::new(), how, 2).unwrap();
            file.write_all(&content).unwrap();
            let stored = file.finish().unwrap();
            assert_eq!(stored.len() < content.len(), how != Compression::NONE);
            let mut read = Vec::new();
            decompressed(Box::new(&stored[..]), how).unwrap().read_to_end(&mut read).unwrap();
            assert_eq!(read, content);
        }
    }
}
