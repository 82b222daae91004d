//! How bad a finding is, from what it costs and how large the live table is. This is the one table:
//!
//! | harm | table empty, or not there yet | below 10 MB or 100 000 rows | larger, or unknown |
//! |---|---|---|---|
//! | `Blocks`: others wait while PostgreSQL works through the table | info | warning | error |
//! | `Breaks`: data or code that runs is broken | info | error | error |
//! | `Fails`: it cannot work, or not as it is meant | error | error | error |
//! | `Careless`: it works, until something else goes wrong | warning | warning | warning |

use crate::{Severity, TableSize};

use super::{Subject, file::File};

const SMALL_BYTES: u64 = 10 * 1024 * 1024;
const SMALL_ROWS: u64 = 100_000;

/// What breaking a rule costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Harm {
    /// Others wait while PostgreSQL works through the table.
    Blocks,
    /// Data or code that runs is broken.
    Breaks,
    /// It cannot work, or not as it is meant.
    Fails,
    /// It works, until something else goes wrong.
    Careless,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Size {
    Nothing,
    Small,
    Large,
}

/// How bad that harm is to that table.
pub(super) fn severity(
    harm: Harm,
    table: Option<&str>,
    file: &File,
    subject: &Subject,
) -> Severity {
    match (harm, size(table, file, subject)) {
        (Harm::Careless, _) | (Harm::Blocks, Size::Small) => Severity::Warning,
        (Harm::Blocks | Harm::Breaks, Size::Nothing) => Severity::Info,
        (Harm::Fails | Harm::Blocks | Harm::Breaks, _) => Severity::Error,
    }
}

fn size(table: Option<&str>, file: &File, subject: &Subject) -> Size {
    let Some(table) = table else { return Size::Large };
    if !file.is_old(table) {
        return Size::Nothing;
    }
    let Some(sizes) = subject.table_sizes else { return Size::Large };
    if let Some(size) = sizes.get(table) {
        return of_live(*size);
    }
    // `public` was only a guess, so a table of this name in any schema may be the one.
    let name = |table: &str| table.split_once('.').map(|(_, name)| name.to_owned());
    let namesakes = sizes.iter().filter(|(other, _)| name(other) == name(table));
    namesakes.map(|(_, size)| of_live(*size)).max().unwrap_or(Size::Nothing)
}

fn of_live(size: TableSize) -> Size {
    match (size.bytes, size.rows_estimate) {
        (Some(0), _) => Size::Nothing,
        (Some(bytes), _) if bytes < SMALL_BYTES => Size::Small,
        (_, Some(rows)) if rows < SMALL_ROWS => Size::Small,
        _ => Size::Large,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::lint::example;

    const MEGABYTE: u64 = 1024 * 1024;

    type Live = (&'static str, Option<u64>, Option<u64>);

    fn weigh(harm: Harm, live: Option<Live>) -> String {
        let sizes = live.map(|(table, rows_estimate, bytes)| {
            BTreeMap::from([(table.to_owned(), TableSize { rows_estimate, bytes })])
        });
        let subject = Subject { table_sizes: sizes.as_ref(), ..example::nothing() };
        severity(harm, Some("public.t"), &File::read(&[]), &subject).to_string()
    }

    #[test]
    fn what_blocks_is_weighed_by_the_live_table() {
        for (rows, bytes, expected) in [
            (None, Some(0), "info"),
            (None, Some(9 * MEGABYTE), "warning"),
            (Some(99_999), Some(90 * MEGABYTE), "warning"),
            (None, Some(90 * MEGABYTE), "error"),
            (Some(100_000), Some(10 * MEGABYTE), "error"),
            (None, None, "error"),
        ] {
            assert_eq!(weigh(Harm::Blocks, Some(("public.t", rows, bytes))), expected);
        }
    }

    #[test]
    fn a_table_is_unknown_without_a_target_and_empty_where_the_target_has_none() {
        assert_eq!(weigh(Harm::Blocks, None), "error");
        assert_eq!(weigh(Harm::Blocks, Some(("public.other", None, None))), "info");
    }

    #[test]
    fn a_namesake_in_another_schema_may_be_the_one() {
        assert_eq!(weigh(Harm::Blocks, Some(("app.t", None, Some(MEGABYTE)))), "warning");
    }

    #[test]
    fn what_breaks_breaks_small_tables_too() {
        assert_eq!(weigh(Harm::Breaks, Some(("public.t", None, Some(0)))), "info");
        assert_eq!(weigh(Harm::Breaks, Some(("public.t", Some(1), Some(8192)))), "error");
        assert_eq!(weigh(Harm::Fails, Some(("public.t", None, Some(0)))), "error");
        assert_eq!(weigh(Harm::Careless, None), "warning");
    }

    #[test]
    fn a_table_of_the_same_migration_is_empty() {
        let file = File::read(&["CREATE TABLE t (id int)".to_owned()]);
        let weighed = severity(Harm::Blocks, Some("public.t"), &file, &example::nothing());
        assert_eq!(weighed, Severity::Info);
    }
}
