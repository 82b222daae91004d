//! Which cells of a generated seed: sets of them, shards, and blocks to load one after the other.

use std::{fmt, ops::Range, str::FromStr};

use serde::Serialize;

/// A set of cells: ranges in ascending order that neither touch nor overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cells(Vec<Range<u64>>);

impl Cells {
    /// All cells of `ranges`, in whatever order they come and however they overlap.
    pub fn of(ranges: impl IntoIterator<Item = Range<u64>>) -> Self {
        let mut ranges: Vec<_> = ranges.into_iter().filter(|range| !range.is_empty()).collect();
        ranges.sort_by_key(|range| range.start);
        let mut merged: Vec<Range<u64>> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match merged.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        Self(merged)
    }

    /// The ranges, in ascending order.
    pub fn ranges(&self) -> &[Range<u64>] {
        &self.0
    }

    /// How many cells.
    pub fn count(&self) -> u64 {
        self.0.iter().map(|range| range.end - range.start).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One more than the highest cell: the scale that these cells are a part of.
    pub fn scale(&self) -> u64 {
        self.0.last().map_or(0, |range| range.end)
    }

    /// The cells of this set that are not in `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let mut left = self.0.clone();
        for taken in &other.0 {
            left = left
                .into_iter()
                .flat_map(|range| {
                    let below = range.start..range.end.min(taken.start);
                    let above = range.start.max(taken.end)..range.end;
                    [below, above]
                })
                .filter(|range| !range.is_empty())
                .collect();
        }
        Self(left)
    }

    /// The cells in ranges of at most `size`.
    pub fn blocks(&self, size: u64) -> Vec<Range<u64>> {
        let size = size.max(1);
        let cut = |range: &Range<u64>| {
            let Range { start, end } = *range;
            let step = usize::try_from(size).unwrap_or(usize::MAX);
            (start..end).step_by(step).map(move |from| from..end.min(from.saturating_add(size)))
        };
        self.0.iter().flat_map(cut).collect()
    }
}

/// One of several parts of a world, each of which can be loaded by another machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Shard {
    /// Which part, from 1.
    pub index: u64,
    /// How many parts there are.
    pub of: u64,
}

impl Shard {
    /// The cells of this part of a world of `scale` cells.
    pub fn cells(self, scale: u64) -> Range<u64> {
        let border = |index: u64| {
            let cell = u128::from(scale) * u128::from(index) / u128::from(self.of);
            u64::try_from(cell).unwrap_or(u64::MAX)
        };
        border(self.index - 1)..border(self.index)
    }
}

/// A text that is no shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a shard is written as `2/3`: the second of three")]
pub struct NoShard;

impl FromStr for Shard {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Self, NoShard> {
        let (index, of) = text.split_once('/').ok_or(NoShard)?;
        let number = |text: &str| text.trim().parse::<u64>().map_err(|_| NoShard);
        let (index, of) = (number(index)?, number(of)?);
        if (1..=of).contains(&index) { Ok(Self { index, of }) } else { Err(NoShard) }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(ranges: &[(u64, u64)]) -> Cells {
        Cells::of(ranges.iter().map(|(start, end)| *start..*end))
    }

    #[test]
    fn ranges_that_touch_become_one() {
        assert_eq!(cells(&[(5, 7), (0, 2), (2, 5), (9, 9)]), cells(&[(0, 7)]));
        assert_eq!(cells(&[(5, 7), (0, 6), (8, 9)]).ranges(), [0..7, 8..9]);
    }

    #[test]
    fn what_is_there_is_not_loaded_again() {
        let missing = cells(&[(0, 10)]).without(&cells(&[(2, 4), (6, 7), (9, 12)]));
        assert_eq!(missing, cells(&[(0, 2), (4, 6), (7, 9)]));
        assert_eq!((missing.count(), missing.scale()), (6, 9));
        assert!(cells(&[(2, 4)]).without(&cells(&[(0, 9)])).is_empty());
    }

    #[test]
    fn blocks_cover_every_cell_once() {
        let set = cells(&[(0, 5), (7, 8)]);
        assert_eq!(set.blocks(2), [0..2, 2..4, 4..5, 7..8]);
        assert_eq!(set.blocks(0).len(), 6);
        assert_eq!(set.blocks(u64::MAX), [0..5, 7..8]);
    }

    #[test]
    fn shards_share_no_cell_and_leave_none_out() {
        for scale in [1, 2, 3, 10, 1_000_003, u64::MAX] {
            for of in [1, 2, 3, 7] {
                let parts = (1..=of).map(|index| Shard { index, of }.cells(scale));
                let parts: Vec<_> = parts.collect();
                assert_eq!((parts[0].start, parts[parts.len() - 1].end), (0, scale));
                assert!(parts.windows(2).all(|pair| pair[0].end == pair[1].start));
            }
        }
    }

    #[test]
    fn a_shard_is_read_as_it_is_written() {
        assert_eq!("2/3".parse(), Ok(Shard { index: 2, of: 3 }));
        for text in ["0/3", "4/3", "1/0", "1", "a/b", "1/2/3", ""] {
            assert_eq!(text.parse::<Shard>(), Err(NoShard), "{text}");
        }
    }
}
