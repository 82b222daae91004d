//! Which rows were written: the keys by which they are told from all others.

use std::{collections::BTreeSet, ops::Range};

use uuid::Uuid;

use super::{
    kind::{Kind, kind},
    recipe::{Filling, Recipe},
};

/// Keys in more pieces are listed.
const MOST_SPANS: usize = 100;

/// The primary keys of the rows that were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keys {
    /// The table has no primary key, or nothing was written.
    None,
    /// Ranges that have no other row in them.
    Spans {
        /// The column.
        column: String,
        /// The ranges, in ascending order.
        spans: Vec<KeySpan>,
    },
    /// These keys.
    List {
        /// The columns of the key.
        columns: Vec<String>,
        /// The values of those columns, as text, by row.
        values: Vec<Vec<String>>,
    },
}

/// A range of keys, each of which is a row's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySpan {
    /// The first key, as text.
    pub first: String,
    /// The first key after the range, as text.
    pub before: String,
    /// How many rows.
    pub rows: u64,
}

/// What the rows with the primary keys `values` are known by; their numbers are among `numbers`.
pub(super) fn keys(recipe: &Recipe<'_>, numbers: Range<u64>, mut values: Vec<Vec<String>>) -> Keys {
    let columns = recipe.table.primary_key();
    if values.is_empty() || columns.is_empty() {
        return Keys::None;
    }
    values.sort();
    if let [column] = columns
        && let Some(spans) = spans(recipe, column, numbers, &values)
        && spans.len() <= MOST_SPANS
    {
        return Keys::Spans { column: column.clone(), spans };
    }
    Keys::List { columns: columns.to_vec(), values }
}

fn spans(
    recipe: &Recipe<'_>,
    column: &str,
    numbers: Range<u64>,
    values: &[Vec<String>],
) -> Option<Vec<KeySpan>> {
    let values = values.iter().map(|key| &*key[0]);
    match recipe.fillings[column] {
        Filling::Number => of_numbers(values, most(recipe, column)?),
        Filling::Uuid => of_uuids(recipe, column, numbers, values),
        _ => None,
    }
}

/// The largest number that `column` can have.
fn most(recipe: &Recipe<'_>, column: &str) -> Option<i128> {
    match kind(recipe.definition, recipe.table.column(column)?) {
        Kind::Scalar(scalar) => Some(scalar.most),
        _ => None,
    }
}

fn of_numbers<'a>(values: impl Iterator<Item = &'a str>, most: i128) -> Option<Vec<KeySpan>> {
    let mut numbers: Vec<i128> = values.map(|text| text.parse().ok()).collect::<Option<_>>()?;
    numbers.sort_unstable();
    let span = |run: Range<i128>| KeySpan {
        first: run.start.to_string(),
        before: run.end.to_string(),
        rows: u64::try_from(run.end - run.start).unwrap_or(u64::MAX),
    };
    // What comes after the last number of all has no name.
    let nameable = numbers.last().is_some_and(|last| *last < most);
    nameable.then(|| runs(numbers).into_iter().map(span).collect())
}

fn of_uuids<'a>(
    recipe: &Recipe<'_>,
    column: &str,
    numbers: Range<u64>,
    values: impl Iterator<Item = &'a str>,
) -> Option<Vec<KeySpan>> {
    let written: BTreeSet<Uuid> = values.map(|text| text.parse().ok()).collect::<Option<_>>()?;
    let space = recipe.space(column);
    let numbers: Vec<i128> =
        numbers.filter(|row| written.contains(&space.key(*row))).map(i128::from).collect();
    let is_all = numbers.len() == written.len();
    let span = |run: Range<i128>| {
        let row = |number: i128| u64::try_from(number).unwrap_or_default();
        let rows = row(run.start)..row(run.end);
        let (first, before) = space.range(rows.clone());
        KeySpan {
            first: first.to_string(),
            before: before.to_string(),
            rows: rows.end - rows.start,
        }
    };
    is_all.then(|| runs(numbers).into_iter().map(span).collect())
}

/// Ascending numbers as ranges without a gap.
fn runs(numbers: Vec<i128>) -> Vec<Range<i128>> {
    let mut runs: Vec<Range<i128>> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some(last) if last.end == number => last.end += 1,
            _ => runs.push(number..number + 1),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(numbers: &[&str], most: i128) -> Option<Vec<(String, String, u64)>> {
        let spans = of_numbers(numbers.iter().copied(), most)?;
        Some(spans.into_iter().map(|span| (span.first, span.before, span.rows)).collect())
    }

    #[test]
    fn a_gap_ends_a_range_and_numbers_are_not_texts() {
        let expected =
            vec![("2".to_owned(), "4".to_owned(), 2), ("10".to_owned(), "11".to_owned(), 1)];
        assert_eq!(spans(&["10", "3", "2"], 100), Some(expected));
    }

    #[test]
    fn a_range_that_ends_with_the_largest_number_is_none() {
        assert_eq!(spans(&["32766", "32767"], 32_767), None);
    }
}
