//! Random-looking values that any machine draws alike, in any order.
//!
//! A [`Stream`] is keyed by what the value is for and positioned at the row: adding a column, a
//! table or rows never changes the values that were there before. The generator and the mapping
//! from its words to values are our own, on integers alone, because the ones of `rand` may change
//! in any release and floating-point functions differ between platforms.

pub mod children;
pub mod distribution;
pub mod permutation;
mod stream;

use std::convert::Infallible;

use chrono::{Days, NaiveDate};
use rand::TryRng;

pub use stream::Stream;

/// The version of everything that turns a seed into values; part of every key.
pub const GENERATOR_VERSION: u32 = 2;

/// The draws for one value of one row, one after the other.
///
/// It is a generator in the sense of `rand`, so that what takes one can be fed from it. What other
/// crates make of its words may change with their versions; the methods here never do.
#[derive(Clone, Debug)]
pub struct Draw {
    row: u64,
    counter: u64,
}

impl Draw {
    /// The draws for the value `purpose` of row `row` of `table`, in the world number `seed`.
    ///
    /// For many rows make the [`Stream`] once.
    pub fn new(seed: i64, table: &str, purpose: &str, row: u64) -> Self {
        Stream::new(seed, table, purpose).at(row)
    }

    /// The next word, each as likely as any other.
    pub fn word(&mut self) -> u64 {
        self.counter = self.counter.wrapping_add(stream::GOLDEN_RATIO);
        // Two rows can share a word by chance, never a run of them: their words of the same number
        // always differ, and those of two numbers differ by another amount each time.
        stream::mix(self.row ^ stream::mix(self.counter))
    }

    /// A number below `bound`; zero where there is none.
    ///
    /// Multiplying and keeping the upper half favours no value by more than one in 2^64.
    pub fn below(&mut self, bound: u64) -> u64 {
        stream::below(self.word(), bound)
    }

    /// A position in a list of `len`; zero where it is empty.
    pub fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or_default()
    }

    /// A number from `first` to `last`, both included; `first` where `last` is smaller.
    pub fn between(&mut self, first: i64, last: i64) -> i64 {
        let span = u64::try_from(last.saturating_sub(first)).unwrap_or_default();
        first.saturating_add_unsigned(self.below(span.saturating_add(1)))
    }

    /// True in `percent` of a hundred draws.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < u64::from(percent)
    }

    /// One of `choices`, each as likely as the others. At least one choice is needed.
    pub fn choose<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.index(choices.len())]
    }

    /// A copy of one of `choices`, as [`Draw::choose`] does.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        *self.choose(choices)
    }

    /// One of `choices`, each as likely as its weight says. At least one weight must not be zero.
    pub fn weighted<'a, T>(&mut self, choices: &'a [(u32, T)]) -> &'a T {
        let total = choices.iter().map(|(weight, _)| u64::from(*weight)).sum();
        let mut left = self.below(total);
        for (weight, choice) in choices {
            match left.checked_sub(u64::from(*weight)) {
                Some(rest) => left = rest,
                None => return choice,
            }
        }
        &choices[0].1
    }

    /// `count` different numbers below `bound`, or all of them where there are fewer.
    ///
    /// It holds all of them; for many take a [`Permutation`](permutation::Permutation).
    pub fn sample(&mut self, count: usize, bound: usize) -> Vec<usize> {
        let mut numbers: Vec<usize> = (0..bound).collect();
        for position in 0..count.min(bound) {
            let other = self.index(bound - position);
            numbers.swap(position, position + other);
        }
        numbers.truncate(count);
        numbers
    }

    /// A day from `first` to `last`, both included; `first` where `last` is earlier.
    pub fn date_between(&mut self, first: NaiveDate, last: NaiveDate) -> NaiveDate {
        let days = self.between(0, last.signed_duration_since(first).num_days());
        first + Days::new(days.unsigned_abs())
    }
}

impl TryRng for Draw {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::try_from(self.word() >> 32).unwrap_or_default())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.word())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for part in bytes.chunks_mut(8) {
            part.copy_from_slice(&self.word().to_le_bytes()[..part.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rand::Rng as _;

    use super::*;

    fn draw(row: u64) -> Draw {
        Draw::new(42, "students", "birth_date", row)
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    // The numbers in the next two tests were computed by a second implementation of this file.

    #[test]
    fn the_words_are_known() {
        let mut first = draw(0);
        let words = [first.word(), first.word()];
        assert_eq!(words, [12_471_236_008_909_811_668, 15_369_349_451_853_489_642]);
        assert_eq!(draw(1).word(), 17_782_549_684_298_041_091);
        assert_eq!(draw(u64::MAX).word(), 16_135_449_011_191_372_979);
        assert_eq!(Draw::new(-1, "students", "birth_date", 0).word(), 530_148_934_538_613_844);
    }

    #[test]
    fn the_values_are_known() {
        let mut draw = draw(7);
        let numbers: Vec<u64> = (0..8).map(|_| draw.below(100)).collect();
        assert_eq!(numbers, [93, 88, 18, 68, 4, 16, 61, 6]);
        assert_eq!(draw.between(-5, 5), -4);
        assert_eq!(*draw.choose(&["a", "b", "c"]), "b");
        assert_eq!(*draw.weighted(&[(1, "rare"), (9, "common")]), "common");
        assert_eq!(draw.date_between(day("2000-01-01"), day("2009-12-31")), day("2000-06-29"));
    }

    #[test]
    fn it_feeds_whatever_takes_a_generator() {
        let (mut ours, mut theirs) = (draw(3), draw(3));
        let words = [ours.word(), ours.word()];
        let mut bytes = [0; 12];
        theirs.fill_bytes(&mut bytes);
        assert_eq!(bytes[..8], words[0].to_le_bytes());
        assert_eq!(bytes[8..], words[1].to_le_bytes()[..4]);
        assert_eq!(theirs.next_u64(), ours.word());
    }

    #[test]
    fn bounds_are_kept_and_reached() {
        let mut draw = draw(0);
        let mut seen = [false; 6];
        for _ in 0..200 {
            seen[usize::try_from(draw.between(0, 5)).unwrap()] = true;
        }
        assert_eq!(seen, [true; 6]);
        assert_eq!(draw.below(0), 0);
        assert_eq!(draw.between(3, 3), 3);
        assert_eq!(draw.between(i64::MAX, i64::MIN), i64::MAX);
    }

    #[test]
    fn a_sample_has_no_number_twice() {
        let mut draw = draw(0);
        for count in 0..12 {
            let mut sample = draw.sample(count, 10);
            sample.sort_unstable();
            sample.dedup();
            assert_eq!(sample.len(), count.min(10));
            assert!(sample.iter().all(|number| *number < 10));
        }
    }

    #[test]
    fn a_choice_without_weight_is_never_made() {
        let mut draw = draw(0);
        assert!((0..200).all(|_| *draw.weighted(&[(0, 'a'), (1, 'b'), (0, 'c')]) == 'b'));
    }

    #[test]
    fn a_chance_of_92_percent_is_about_that() {
        let hits = (0..1_000).filter(|row| draw(*row).chance(92)).count();
        assert!((880..=960).contains(&hits), "{hits}");
    }
}
