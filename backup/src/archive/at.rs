//! Reading somewhere in a file.

use std::{
    fs::File,
    io::{self, Read},
    os::unix::fs::FileExt as _,
};

/// Reads a file from somewhere, whatever others do with it.
pub(super) struct At<'a> {
    pub(super) file: &'a File,
    pub(super) position: u64,
}

impl Read for At<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.position)?;
        self.position += read as u64;
        Ok(read)
    }
}
