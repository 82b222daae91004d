//! Keys that are computed, so that a child knows its parent's key without asking the database.
//!
//! They have the layout of UUID version 7, so that they are cheap to index, with a place for
//! everything:
//!
//! ```text
//! 48 bits  time     2000-01-01 and as many milliseconds as the space's slot says (32 bits of its hash)
//!  4 bits  version  7
//! 12 bits  row      the upper part of the row's number
//!  2 bits  variant
//! 32 bits  row      the lower part
//! 30 bits  tag      30 other bits of the space's hash, by which a key of the space is recognised
//! ```
//!
//! So rows of one space are a contiguous range of keys, ordered by row, and no other space's key is
//! in it. All times lie in the first fifty days of 2000, when nobody made such keys, so that a
//! generated row can be told from a real one. The seed number is no part of them: an edited row is
//! found again in any world.

use std::ops::Range;

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// 2000-01-01T00:00:00Z, in milliseconds.
const EPOCH_MS: u64 = 946_684_800_000;

const TAG_BITS: u32 = 30;
/// How much of a row's number stands behind the variant.
const LOWER_ROW_BITS: u32 = 32;
const VERSION: u64 = 7;
const VARIANT: u64 = 0b10;

/// The keys of a table, or of a part of a table such as `users/volume`.
///
/// To make one costs a hash; make it once and copy it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Space {
    time_ms: u64,
    tag: u64,
}

impl Space {
    /// How many rows a space has keys for.
    pub const ROWS: u64 = 1 << 44;

    /// The space called `name`.
    pub fn new(name: &str) -> Self {
        let digest = Sha256::digest(name);
        let part = |at: usize| {
            u64::from(u32::from_be_bytes(std::array::from_fn(|byte| digest[at + byte])))
        };
        Self { time_ms: EPOCH_MS + part(0), tag: part(4) >> (32 - TAG_BITS) }
    }

    /// The key of row `row`.
    ///
    /// # Panics
    ///
    /// Where the row is not below [`Space::ROWS`], of which no database has as many.
    pub fn key(self, row: u64) -> Uuid {
        assert!(row < Self::ROWS, "row {row} of a space of {} rows", Self::ROWS);
        self.place(row, self.tag)
    }

    /// The keys of `rows` and no others: from the first one on, up to but without the second.
    pub fn range(self, rows: Range<u64>) -> (Uuid, Uuid) {
        (self.start(rows.start), self.start(rows.end))
    }

    /// The row whose key `key` is; none where it is not of this space.
    pub fn row(self, key: Uuid) -> Option<u64> {
        let (upper, lower) = key.as_u64_pair();
        let row = ((upper & 0xFFF) << LOWER_ROW_BITS)
            | ((lower >> TAG_BITS) & ((1 << LOWER_ROW_BITS) - 1));
        (self.place(row, self.tag) == key).then_some(row)
    }

    /// The first that is not before the key of `row`.
    fn start(self, row: u64) -> Uuid {
        if row < Self::ROWS {
            self.place(row, 0)
        } else {
            Self { time_ms: self.time_ms + 1, ..self }.place(0, 0)
        }
    }

    fn place(self, row: u64, tag: u64) -> Uuid {
        let upper = (self.time_ms << 16) | (VERSION << 12) | (row >> LOWER_ROW_BITS);
        let lower_row = row & ((1 << LOWER_ROW_BITS) - 1);
        Uuid::from_u64_pair(upper, (VARIANT << 62) | (lower_row << TAG_BITS) | tag)
    }
}

/// The key of row `row` of the space called `space`. For many rows make the [`Space`] once.
pub fn key(space: &str, row: u64) -> Uuid {
    Space::new(space).key(row)
}

/// The key of the row of `table` that is known by `name`: reference data, whose rows come and go
/// in the middle of a list. All of a table's are in one space, `table=`, at a row of the name's own.
pub fn named_key(table: &str, name: &str) -> Uuid {
    let digest = Sha256::digest(name);
    let hash = u64::from_be_bytes(std::array::from_fn(|byte| digest[byte]));
    key(&format!("{table}="), hash % Space::ROWS)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use uuid::{Variant, Version};

    use super::*;

    const LAST: u64 = Space::ROWS - 1;

    // Computed by a second implementation of this file.
    #[test]
    fn keys_are_known() {
        assert_eq!(key("users", 0).to_string(), "00dce8ca-f8f6-7000-8000-00001dd0b2c1");
        assert_eq!(key("users", 1).to_string(), "00dce8ca-f8f6-7000-8000-00005dd0b2c1");
        assert_eq!(key("users", LAST).to_string(), "00dce8ca-f8f6-7fff-bfff-ffffddd0b2c1");
        assert_eq!(named_key("roles", "ADMIN").to_string(), "00dc72ef-7f2f-7dc8-a2dc-22f1962971df");
    }

    #[test]
    fn keys_have_the_bits_of_version_7() {
        for key in [key("users", 0), key("users", LAST), named_key("roles", "ADMIN")] {
            assert_eq!(key.get_version(), Some(Version::SortRand));
            assert_eq!(key.get_variant(), Variant::RFC4122);
        }
    }

    #[test]
    fn their_time_is_early_in_2000() {
        for space in ["users", "users/volume", "roles=", "students", "a", "b", "c"] {
            let (seconds, _) = key(space, LAST).get_timestamp().unwrap().to_unix();
            assert!((946_684_800..946_684_800 + 50 * 86_400).contains(&seconds), "{space}");
        }
    }

    #[test]
    fn keys_of_a_space_are_ordered_by_row() {
        let space = Space::new("users");
        assert!((0..10_000).map(|row| space.key(row)).is_sorted());
        assert!([0, 1, 1 << 31, 1 << 32, 1 << 33, LAST].map(|row| space.key(row)).is_sorted());
    }

    #[test]
    fn a_row_is_found_in_its_space_and_in_no_other() {
        let (users, others) = (Space::new("users"), Space::new("users/volume"));
        for row in [0, 1, 1_000, (1 << 32) - 1, 1 << 32, LAST] {
            assert_eq!(users.row(users.key(row)), Some(row));
            assert_eq!(others.row(users.key(row)), None);
        }
        assert_eq!(users.row(Uuid::nil()), None);
        assert_eq!(users.row(Uuid::max()), None);
    }

    #[test]
    fn a_range_holds_its_rows_alone() {
        let space = Space::new("users");
        for rows in [0..1, 5..9, (1 << 32) - 2..(1 << 32) + 2, LAST..Space::ROWS] {
            let (from, to) = space.range(rows.clone());
            let holds = |key: Uuid| (from..to).contains(&key);
            assert!(holds(space.key(rows.start)) && holds(space.key(rows.end - 1)));
            assert!(rows.start == 0 || !holds(space.key(rows.start - 1)));
            assert!(rows.end == Space::ROWS || !holds(space.key(rows.end)));
        }
    }

    #[test]
    fn ranges_of_spaces_are_disjoint() {
        let mut ranges: Vec<(Uuid, Uuid)> =
            ["users", "users/volume", "users=", "roles", "students"]
                .map(|name| Space::new(name).range(0..Space::ROWS))
                .into();
        ranges.sort_unstable();
        assert!(ranges.windows(2).all(|pair| pair[0].1 <= pair[1].0));
    }

    #[test]
    fn names_of_a_table_share_a_space_and_no_key() {
        let (from, to) = Space::new("roles=").range(0..Space::ROWS);
        let keys: BTreeSet<Uuid> =
            (0..1_000).map(|name| named_key("roles", &name.to_string())).collect();
        assert_eq!(keys.len(), 1_000);
        assert!(keys.iter().all(|key| (from..to).contains(key)));
    }
}
