//! Unique values without memory: the numbers below a size in an order that looks random.
//!
//! A Feistel network over `a × b` numbers (Black and Rogaway, "Ciphers with arbitrary finite
//! domains", 2002), where `a` and `b` are about the square root of the size: each half is moved by
//! a keyed function of the other, and a number past the size is sent through again until it is one
//! below it. Fewer than `a` numbers are past it, so that this is rare.

use super::stream::{Stream, below, mix};

const ROUNDS: usize = 4;

/// The numbers below a size, each exactly once, in an order that looks random.
#[derive(Clone, Copy, Debug)]
pub struct Permutation {
    size: u64,
    /// How many values the left and the right half have.
    halves: [u64; 2],
    keys: [u64; ROUNDS],
}

/// More different values were asked for than there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("asked for {asked} different values, there are {space}")]
pub struct CapacityError {
    /// How many were asked for.
    pub asked: u64,
    /// How many there are.
    pub space: u64,
}

impl Permutation {
    /// The order of the numbers below `size` that `stream` decides on.
    pub fn new(stream: Stream, size: u64) -> Self {
        let left = size.saturating_sub(1).isqrt() + 1;
        let mut draw = stream.at(size);
        Self {
            size,
            halves: [left, size.div_ceil(left)],
            keys: std::array::from_fn(|_| draw.word()),
        }
    }

    /// The same, once it is known that `asked` different numbers are to be had.
    pub fn holding(stream: Stream, size: u64, asked: u64) -> Result<Self, CapacityError> {
        if asked > size {
            return Err(CapacityError { asked, space: size });
        }
        Ok(Self::new(stream, size))
    }

    /// How many numbers there are.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The number at position `index`.
    ///
    /// # Panics
    ///
    /// Where `index` is not below the size: [`Permutation::holding`] asks beforehand.
    pub fn at(&self, index: u64) -> u64 {
        assert!(index < self.size, "position {index} of {} different values", self.size);
        let mut number = self.shuffle(index);
        while number >= self.size {
            number = self.shuffle(number);
        }
        number
    }

    fn shuffle(&self, number: u64) -> u64 {
        let [lefts, rights] = self.halves;
        let (mut left, mut right) = (number / rights, number % rights);
        for pair in self.keys.chunks_exact(2) {
            left = moved(left, below(mix(right ^ pair[0]), lefts), lefts);
            right = moved(right, below(mix(left ^ pair[1]), rights), rights);
        }
        left * rights + right
    }
}

/// `number` moved by `by` on a circle of `size`.
fn moved(number: u64, by: u64, size: u64) -> u64 {
    let sum = number + by;
    if sum < size { sum } else { sum - size }
}

/// The different choices of parent `parent` out of `among`: at positions 0, 1, 2 … and never one
/// twice, for rows that are unique by parent and choice.
pub fn choices(stream: Stream, parent: u64, among: u64) -> Permutation {
    Permutation::new(stream.nested(parent), among)
}

/// Combinations of one value from each of several lists, none twice: first name × last name × number.
#[derive(Clone, Copy, Debug)]
pub struct Combinations<const LISTS: usize> {
    lengths: [u64; LISTS],
    order: Permutation,
}

impl<const LISTS: usize> Combinations<LISTS> {
    /// The combinations of lists of `lengths`, of which `asked` are needed.
    pub fn new(stream: Stream, lengths: [u64; LISTS], asked: u64) -> Result<Self, CapacityError> {
        let space = lengths.iter().fold(1_u64, |space, length| space.saturating_mul(*length));
        Ok(Self { lengths, order: Permutation::holding(stream, space, asked)? })
    }

    /// The positions in the lists of combination `index`; past the last one it panics, as
    /// [`Permutation::at`] does.
    pub fn at(&self, index: u64) -> [u64; LISTS] {
        mixed_radix(self.order.at(index), self.lengths)
    }
}

/// The digits of `number` in the number system whose places hold `radices`, the first place
/// counting fastest. No radix may be zero.
pub fn mixed_radix<const PLACES: usize>(number: u64, radices: [u64; PLACES]) -> [u64; PLACES] {
    let mut rest = number;
    radices.map(|radix| {
        let digit = rest % radix;
        rest /= radix;
        digit
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn stream() -> Stream {
        Stream::new(42, "users", "email")
    }

    fn is_bijective(size: u64) -> bool {
        let permutation = Permutation::new(stream(), size);
        let mut seen = vec![false; usize::try_from(size).unwrap()];
        for index in 0..size {
            seen[usize::try_from(permutation.at(index)).unwrap()] = true;
        }
        seen.into_iter().all(|seen| seen)
    }

    #[test]
    fn every_number_comes_exactly_once() {
        for size in 1..300 {
            assert!(is_bijective(size), "{size}");
        }
        for size in [509, 511, 512, 513, 1_021, 4_095, 4_096, 4_097, 9_021, 65_537, 100_003] {
            assert!(is_bijective(size), "{size}");
        }
    }

    // Computed by a second implementation of this file.
    #[test]
    fn the_order_is_known() {
        let first = |size| -> Vec<u64> {
            let permutation = Permutation::new(stream(), size);
            (0..size.min(8)).map(|index| permutation.at(index)).collect()
        };
        assert_eq!(first(5), [2, 3, 0, 4, 1]);
        assert_eq!(first(9_021), [7_971, 8_927, 7_526, 6_365, 709, 3_469, 4_106, 5_701]);
        assert_eq!(first(u64::MAX)[..2], [10_507_695_048_823_487_977, 6_832_653_971_912_743_983]);
    }

    #[test]
    fn the_largest_sizes_work() {
        for size in [1 << 32, (1 << 32) + 1, u64::MAX - 1, u64::MAX] {
            let permutation = Permutation::new(stream(), size);
            let numbers: BTreeSet<u64> =
                (0..1_000).chain(size - 1_000..size).map(|index| permutation.at(index)).collect();
            assert_eq!(numbers.len(), 2_000);
            assert!(numbers.iter().all(|number| *number < size));
        }
    }

    #[test]
    fn neighbours_are_scattered() {
        let permutation = Permutation::new(stream(), 1_000_000);
        let rising =
            (0..10_000).filter(|index| permutation.at(*index) < permutation.at(index + 1)).count();
        assert!((4_800..5_200).contains(&rising), "{rising}");
        let near = |index: &u64| permutation.at(*index).abs_diff(permutation.at(index + 1)) < 1_000;
        // Twenty in ten thousand by chance.
        assert!((0..10_000).filter(near).count() < 45);
    }

    #[test]
    fn every_pair_of_choices_is_about_as_likely() {
        let mut counts = [[0_u32; 6]; 6];
        for parent in 0..30_000 {
            let choices = choices(stream(), parent, 6);
            let [first, second] = [0, 1].map(|at| usize::try_from(choices.at(at)).unwrap());
            counts[first][second] += 1;
        }
        for (first, row) in counts.iter().enumerate() {
            for (second, count) in row.iter().enumerate() {
                let expected = if first == second { 0..1 } else { 800..1_200 };
                assert!(expected.contains(count), "{first}, {second}: {count}");
            }
        }
    }

    #[test]
    fn more_than_there_are_is_an_error_before_anything_is_drawn() {
        let error = Permutation::holding(stream(), 9_021, 50_000).unwrap_err();
        assert_eq!(error.to_string(), "asked for 50000 different values, there are 9021");
        assert!(Permutation::holding(stream(), 9_021, 9_021).is_ok());
        assert!(Combinations::new(stream(), [0, 5], 1).is_err());
        assert!(Combinations::new(stream(), [u64::MAX, 5], u64::MAX).is_ok());
    }

    #[test]
    #[should_panic(expected = "position 3 of 3 different values")]
    fn a_position_past_the_last_is_refused() {
        Permutation::new(stream(), 3).at(3);
    }

    #[test]
    fn digits_count_like_a_clock() {
        assert_eq!(mixed_radix(0, [60, 60, 24]), [0, 0, 0]);
        assert_eq!(mixed_radix(3_661, [60, 60, 24]), [1, 1, 1]);
        assert_eq!(mixed_radix(86_399, [60, 60, 24]), [59, 59, 23]);
    }

    #[test]
    fn no_combination_comes_twice() {
        let combinations = Combinations::new(stream(), [7, 11, 13], 1_001).unwrap();
        let seen: BTreeSet<[u64; 3]> = (0..1_001).map(|index| combinations.at(index)).collect();
        assert_eq!(seen.len(), 1_001);
        assert!(seen.iter().all(|[a, b, c]| *a < 7 && *b < 11 && *c < 13));
    }
}
