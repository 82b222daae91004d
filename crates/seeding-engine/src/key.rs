//! Keys that are computed, so that a child knows its parent's key without asking the database.
//!
//! They have the layout of UUID version 7: ordered by row within a space, hence cheap to index.
//! Their time lies in the year 2000, when nobody made such keys, so that a generated row can be told
//! from a real one. The seed number is no part of them: an edited row is found again in any world.

use sha2::{Digest as _, Sha256};
use uuid::{Builder, Uuid};

/// 2000-01-01T00:00:00Z; each row is one millisecond after the one before.
const EPOCH_MS: u64 = 946_684_800_000;

/// The key of row `row` in `space`, which is a table's name or a part of a table such as
/// `users/volume`.
pub fn key(space: &str, row: u64) -> Uuid {
    let digest = Sha256::digest(space);
    let tag: [u8; 10] = std::array::from_fn(|index| digest[index]);
    Builder::from_unix_timestamp_millis(EPOCH_MS.saturating_add(row), &tag).into_uuid()
}

/// The key of the row of `table` that is known by `name`: reference data, whose rows come and go
/// in the middle of a list.
pub fn named_key(table: &str, name: &str) -> Uuid {
    key(&format!("{table}={name}"), 0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use uuid::{Variant, Version};

    use super::*;

    #[test]
    fn keys_are_known() {
        assert_eq!(key("users", 0).to_string(), "00dc6acf-ac00-7dfb-8cf6-7742cb066030");
        assert_eq!(key("users", 1).to_string(), "00dc6acf-ac01-7dfb-8cf6-7742cb066030");
        assert_eq!(named_key("roles", "ADMIN").to_string(), "00dc6acf-ac00-79bc-939d-cc0cba1277e5");
    }

    #[test]
    fn keys_have_the_bits_of_version_7() {
        for key in [key("users", 0), key("users", 123_456_789), named_key("roles", "ADMIN")] {
            assert_eq!(key.get_version(), Some(Version::SortRand));
            assert_eq!(key.get_variant(), Variant::RFC4122);
        }
    }

    #[test]
    fn keys_of_a_space_are_ordered_by_row() {
        assert!((0..10_000).map(|row| key("users", row)).is_sorted());
    }

    #[test]
    fn spaces_share_no_key() {
        let spaces = ["users", "users/volume", "roles", "students"];
        let keys: BTreeSet<Uuid> =
            spaces.iter().flat_map(|space| (0..1_000).map(|row| key(space, row))).collect();
        assert_eq!(keys.len(), 4_000);
    }
}
