//! Random-looking values that any machine draws alike, in any order.
//!
//! The generator is keyed by what the value is for and positioned at the row: adding a column, a
//! table or rows never changes the values that were there before. The mapping from random words to
//! values is our own, on integers alone, because the ones of `rand` may change in any release.

use chrono::{Days, NaiveDate};
use rand::{Rng as _, SeedableRng as _, rngs::ChaCha8Rng};
use sha2::{Digest as _, Sha256};

/// The version of everything that turns a seed into values; part of every key.
pub const GENERATOR_VERSION: u32 = 1;

/// A stream of draws for one value of one row.
#[derive(Debug)]
pub struct Draw(ChaCha8Rng);

impl Draw {
    /// The draws for the value `purpose` of row `row` of `table`, in the world number `seed`.
    pub fn new(seed: i64, table: &str, purpose: &str, row: u64) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(GENERATOR_VERSION.to_be_bytes());
        hasher.update(seed.to_be_bytes());
        // Lengths keep ("ab", "c") and ("a", "bc") apart.
        for name in [table, purpose] {
            hasher.update((name.len() as u64).to_be_bytes());
            hasher.update(name);
        }
        let mut generator = ChaCha8Rng::from_seed(hasher.finalize().into());
        generator.set_stream(row);
        Self(generator)
    }

    /// The generator itself, for word lists such as those of `fake`.
    pub fn generator(&mut self) -> &mut ChaCha8Rng {
        &mut self.0
    }

    /// A number below `bound`; zero where there is none.
    ///
    /// Multiplying and keeping the upper half favours no value by more than one in 2^64.
    pub fn below(&mut self, bound: u64) -> u64 {
        let product = u128::from(self.0.next_u64()) * u128::from(bound);
        u64::try_from(product >> 64).unwrap_or_default()
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
        let index = self.below(choices.len() as u64);
        &choices[usize::try_from(index).unwrap_or_default()]
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
    pub fn sample(&mut self, count: usize, bound: usize) -> Vec<usize> {
        let mut numbers: Vec<usize> = (0..bound).collect();
        for position in 0..count.min(bound) {
            let other = usize::try_from(self.below((bound - position) as u64)).unwrap_or_default();
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

#[cfg(test)]
mod tests {
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
        let words = [first.0.next_u64(), first.0.next_u64()];
        assert_eq!(words, [18_022_457_561_586_036_425, 9_993_040_351_327_894_712]);
        assert_eq!(draw(1).0.next_u64(), 7_849_330_191_474_294_055);
        assert_eq!(draw(u64::MAX).0.next_u64(), 12_180_630_978_211_934_597);
        let mut other = Draw::new(-1, "students", "birth_date", 0);
        assert_eq!(other.0.next_u64(), 6_899_563_328_230_175_977);
    }

    #[test]
    fn the_values_are_known() {
        let mut draw = draw(7);
        let numbers: Vec<u64> = (0..8).map(|_| draw.below(100)).collect();
        assert_eq!(numbers, [56, 53, 26, 34, 72, 64, 91, 53]);
        assert_eq!(draw.between(-5, 5), 5);
        assert_eq!(*draw.choose(&["a", "b", "c"]), "c");
        assert_eq!(*draw.weighted(&[(1, "rare"), (9, "common")]), "common");
        assert_eq!(draw.date_between(day("2000-01-01"), day("2009-12-31")), day("2004-11-19"));
    }

    #[test]
    fn every_part_of_the_key_matters() {
        let word = |seed, table, purpose, row| Draw::new(seed, table, purpose, row).0.next_u64();
        let base = word(1, "ab", "c", 0);
        for other in [
            word(2, "ab", "c", 0),
            word(1, "a", "bc", 0),
            word(1, "ab", "d", 0),
            word(1, "ab", "c", 1),
        ] {
            assert_ne!(base, other);
        }
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
