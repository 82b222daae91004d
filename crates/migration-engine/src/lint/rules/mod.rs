//! Our own rules, for what squawk does not look at: one rule a file.

mod concurrent_if_not_exists;
mod concurrently_in_transaction;
mod ddl_and_data_mixed;
mod ddl_without_transaction;
mod drops_mapped;
mod enum_value_used_at_once;
mod exclusive_lock_held;
mod explicit_lock;
mod foreign_key_without_index;
mod set_without_local;
mod table_rewritten;
mod unbatched_write;

use super::Rule;

/// All of them.
pub(super) const RULES: [&Rule; 12] = [
    &concurrent_if_not_exists::RULE,
    &concurrently_in_transaction::RULE,
    &ddl_and_data_mixed::RULE,
    &ddl_without_transaction::RULE,
    &drops_mapped::RULE,
    &enum_value_used_at_once::RULE,
    &exclusive_lock_held::RULE,
    &explicit_lock::RULE,
    &foreign_key_without_index::RULE,
    &set_without_local::RULE,
    &table_rewritten::RULE,
    &unbatched_write::RULE,
];
