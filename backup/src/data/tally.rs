//! How many rows there are, and a hash of them that does not depend on their order.

use xxhash_rust::xxh3::xxh3_128;

use super::header::End;

/// The sum of the hashes of rows, each as the line that `COPY` has for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) rows: u64,
    hash: u128,
}

impl Tally {
    /// Counts a row; `line` is without the end of the line.
    pub(super) fn add(&mut self, line: &[u8]) {
        self.rows += 1;
        self.hash = self.hash.wrapping_add(xxh3_128(line));
    }

    /// The hash as it is written down.
    pub(super) fn hash(&self) -> String {
        format!("{:032x}", self.hash)
    }

    /// Both, as the file has them.
    pub(super) fn end(&self) -> End {
        End { rows: self.rows, hash: self.hash() }
    }
}
