//! Distributions from integer tables: weights, Zipf's law, a bell, and amounts over magnitudes.
//!
//! No floating-point function is used, because the last bit of one differs between platforms.

use super::Draw;

/// Values that are each as likely as their weight says. It is made once, in a constant if one likes.
#[derive(Clone, Copy, Debug)]
pub struct Weighted<T, const CHOICES: usize> {
    values: [T; CHOICES],
    /// The sum of the weights up to and with each value.
    bounds: [u64; CHOICES],
}

impl<T: Copy, const CHOICES: usize> Weighted<T, CHOICES> {
    /// The table of `choices`, each with its weight before it.
    ///
    /// # Panics
    ///
    /// Where no weight is above zero; in a constant that is an error of the build.
    pub const fn new(choices: [(u32, T); CHOICES]) -> Self {
        assert!(CHOICES > 0, "a choice needs at least one value");
        let mut values = [choices[0].1; CHOICES];
        let mut bounds = [0; CHOICES];
        let mut sum = 0;
        let mut index = 0;
        while index < CHOICES {
            sum += choices[index].0 as u64;
            values[index] = choices[index].1;
            bounds[index] = sum;
            index += 1;
        }
        assert!(sum > 0, "a choice needs at least one weight above zero");
        Self { values, bounds }
    }

    /// One of the values.
    pub fn pick(&self, draw: &mut Draw) -> T {
        self.values[pick(&self.bounds, draw)]
    }
}

/// The position of the value that a draw falls on.
fn pick(bounds: &[u64], draw: &mut Draw) -> usize {
    let total = bounds.last().copied().unwrap_or_default();
    let ticket = draw.below(total);
    bounds.partition_point(|bound| *bound <= ticket)
}

/// Ranks of which the first are much more likely than the last: rank *k* (from one) is drawn in
/// proportion to 1 / *k*^*s*.
#[derive(Clone, Debug)]
pub struct Zipf {
    bounds: Vec<u64>,
}

impl Zipf {
    /// The table of `ranks` ranks, 8 bytes each; `halves` is twice the exponent *s*: 2 is Zipf's own
    /// law, 1 is flatter, 4 is steeper, and with 0 all are equal.
    pub fn new(ranks: u32, halves: u32) -> Self {
        let weight = |rank: u32| {
            // 2^48 / (k^s × 2^16), at least one, so that no rank is impossible.
            let power = u128::from(rank).saturating_pow(halves).saturating_mul(1 << 32).isqrt();
            u64::try_from((1_u128 << 48) / power).unwrap_or_default().max(1)
        };
        let add = |sum: &mut u64, rank| {
            *sum += weight(rank);
            Some(*sum)
        };
        Self { bounds: (1..=ranks).scan(0, add).collect() }
    }

    /// A rank, counted from zero; zero where there is none.
    pub fn rank(&self, draw: &mut Draw) -> usize {
        pick(&self.bounds, draw)
    }
}

/// Numbers around a mean, two thirds of them within one standard deviation, and none outside of
/// bounds: scores, heights, durations.
#[derive(Clone, Copy, Debug)]
pub struct Bell {
    /// What they are around.
    pub mean: i64,
    /// The standard deviation, before what lies outside is moved to the bounds.
    pub deviation: i64,
    /// The least number.
    pub least: i64,
    /// The greatest number; not smaller than the least.
    pub most: i64,
}

impl Bell {
    /// A number. What would be outside of the bounds is at the bound: full marks are frequent.
    pub fn number(&self, draw: &mut Draw) -> i64 {
        // Twelve parts of 16 bits: their sum is nearly normal, with a deviation of 2^16.
        let parts = |word: u64| (0..4).map(move |part| (word >> (16 * part)) & 0xFFFF);
        let sum: u64 = (0..3).flat_map(|_| parts(draw.word())).sum();
        let off_centre = sum.cast_signed() - 6 * 0xFFFF;
        let moved = off_centre.saturating_mul(self.deviation).saturating_add(1 << 15) >> 16;
        self.mean.saturating_add(moved).min(self.most).max(self.least)
    }
}

/// Amounts over several magnitudes, such as money in cents: each doubling is about as likely as the
/// next, so that small amounts are frequent and large ones occur.
#[derive(Clone, Copy, Debug)]
pub struct Scaled {
    /// The least amount, above zero.
    pub least: u32,
    /// The greatest amount; not smaller than the least.
    pub most: u32,
    /// Amounts are multiples of this, but for the least.
    pub step: u32,
}

impl Scaled {
    /// An amount.
    pub fn amount(&self, draw: &mut Draw) -> u64 {
        let (least, most) = (u64::from(self.least.max(1)), u64::from(self.most));
        let doublings = (most / least).max(1).ilog2();
        let whole = least << doublings;
        // Doublings as a fixed-point number with 16 bits after the point; between two doublings
        // the amount grows evenly.
        let end = (u64::from(doublings) << 16) + (most.saturating_sub(whole) << 16) / whole;
        let at = draw.below(end + 1);
        let base = least << (at >> 16);
        let amount = base + ((base * (at & 0xFFFF)) >> 16);
        let step = u64::from(self.step.max(1));
        (amount / step * step).max(least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Stream;

    fn draws(count: u64) -> impl Iterator<Item = Draw> {
        let stream = Stream::new(1, "t", "distribution");
        (0..count).map(move |row| stream.at(row))
    }

    const GRADES: Weighted<char, 4> = Weighted::new([(5, 'a'), (0, 'b'), (3, 'c'), (2, 'd')]);

    // Computed by a second implementation of this file.
    #[test]
    fn the_numbers_are_known() {
        let zipf = Zipf::new(1_000, 2);
        let ranks: Vec<usize> = draws(8).map(|mut draw| zipf.rank(&mut draw)).collect();
        assert_eq!(ranks, [1, 0, 50, 2, 139, 696, 19, 772]);
        let bell = Bell { mean: 70, deviation: 15, least: 0, most: 100 };
        let numbers: Vec<i64> = draws(8).map(|mut draw| bell.number(&mut draw)).collect();
        assert_eq!(numbers, [76, 77, 64, 58, 64, 69, 64, 60]);
        let price = Scaled { least: 500, most: 50_000, step: 50 };
        let amounts: Vec<u64> = draws(8).map(|mut draw| price.amount(&mut draw)).collect();
        assert_eq!(amounts, [1_200, 750, 7_800, 1_300, 14_700, 39_850, 4_450, 42_750]);
    }

    #[test]
    fn weights_are_kept() {
        let picked: Vec<char> = draws(10_000).map(|mut draw| GRADES.pick(&mut draw)).collect();
        let count = |value| picked.iter().filter(|picked| **picked == value).count();
        assert!((4_800..5_200).contains(&count('a')), "{}", count('a'));
        assert_eq!(count('b'), 0);
        assert!((1_850..2_150).contains(&count('d')), "{}", count('d'));
    }

    #[test]
    fn a_table_picks_what_the_draw_itself_would() {
        let choices = [(5, 'a'), (0, 'b'), (3, 'c'), (2, 'd')];
        for mut draw in draws(1_000) {
            assert_eq!(GRADES.pick(&mut draw.clone()), *draw.weighted(&choices));
        }
    }

    #[test]
    fn the_second_rank_is_half_as_likely_as_the_first() {
        let zipf = Zipf::new(1_000, 2);
        let mut counts = [0_u32; 1_000];
        for mut draw in draws(75_000) {
            counts[zipf.rank(&mut draw)] += 1;
        }
        // The sum of 1/k up to a thousand is 7.49.
        assert!((9_600..10_450).contains(&counts[0]), "{}", counts[0]);
        assert!((4_750..5_300).contains(&counts[1]), "{}", counts[1]);
        assert!((900..1_110).contains(&counts[9]), "{}", counts[9]);
        assert!(counts[900..].iter().sum::<u32>() > 800);
    }

    #[test]
    fn an_exponent_of_zero_makes_all_ranks_equal() {
        assert_eq!(Zipf::new(3, 0).bounds, [1 << 32, 2 << 32, 3 << 32]);
        assert_eq!(Zipf::new(4, 4).bounds.first(), Some(&(1 << 32)));
        assert_eq!(Zipf::new(0, 2).rank(&mut Draw::new(1, "t", "p", 0)), 0);
    }

    #[test]
    fn two_thirds_are_within_one_deviation() {
        let bell = Bell { mean: 70, deviation: 15, least: 0, most: 100 };
        let numbers: Vec<i64> = draws(10_000).map(|mut draw| bell.number(&mut draw)).collect();
        let within = numbers.iter().filter(|number| (55..=85).contains(*number)).count();
        assert!((6_700..7_200).contains(&within), "{within}");
        let sum: i64 = numbers.iter().sum();
        assert!((68..=71).contains(&(sum / 10_000)), "{sum}");
        assert_eq!(numbers.iter().max(), Some(&100));
        assert!(numbers.iter().all(|number| (0..=100).contains(number)));
    }

    #[test]
    fn small_amounts_are_as_frequent_as_large_ones() {
        let price = Scaled { least: 500, most: 50_000, step: 50 };
        let amounts: Vec<u64> = draws(10_000).map(|mut draw| price.amount(&mut draw)).collect();
        assert!(amounts.iter().all(|cents| (500..=50_000).contains(cents) && cents % 50 == 0));
        let below_fifty = amounts.iter().filter(|cents| **cents < 5_000).count();
        assert!((4_700..5_300).contains(&below_fifty), "{below_fifty}");
        assert!(amounts.iter().any(|cents| *cents > 48_000));
        let single = Scaled { least: 7, most: 7, step: 5 };
        assert!(draws(10).all(|mut draw| single.amount(&mut draw) == 7));
    }
}
