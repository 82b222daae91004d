//! The order of application, from clocks that know seconds.

use chrono::{DateTime, Utc};

/// Puts `rows`, which are in order by second and within a second by their place in the code, into the
/// order of application as far as it is known: rows that have a number of ours are in the order of these.
///
/// A row of a stock tool has no number. Within a second nothing tells whether it came before ours, but its place in
/// the code does not lie as a rule: what is applied was pending, in order.
pub(crate) fn settle<T: Clone>(
    rows: &mut [T],
    at: impl Fn(&T) -> DateTime<Utc>,
    number: impl Fn(&T) -> Option<i64>,
) {
    for second in rows.chunk_by_mut(|one, other| at(one) == at(other)) {
        let places: Vec<usize> =
            (0..second.len()).filter(|place| number(&second[*place]).is_some()).collect();
        let mut own: Vec<T> = places.iter().map(|place| second[*place].clone()).collect();
        own.sort_by_key(&number);
        for (place, row) in places.into_iter().zip(own) {
            second[place] = row;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Row = (i64, &'static str, Option<i64>);

    fn settled(mut rows: Vec<Row>) -> Vec<&'static str> {
        let at = |row: &Row| DateTime::from_timestamp(row.0, 0).unwrap();
        settle(&mut rows, at, |row| row.2);
        rows.into_iter().map(|row| row.1).collect()
    }

    #[test]
    fn rows_of_a_stock_tool_in_the_same_second_stay_where_the_code_has_them() {
        let rows = vec![(1, "a", Some(7)), (1, "b", None), (1, "c", Some(8)), (2, "d", None)];
        assert_eq!(settled(rows), ["a", "b", "c", "d"]);
    }

    #[test]
    fn numbers_of_ours_decide_among_ours() {
        let rows = vec![(1, "a", Some(9)), (1, "b", None), (1, "c", Some(8)), (2, "d", Some(1))];
        assert_eq!(settled(rows), ["c", "b", "a", "d"]);
    }
}
