//! Amounts with the shape that they have in life: prices, scores, ratings, quantities, ages.

use crate::draw::{
    Draw,
    distribution::{Bell, Scaled, Weighted},
};

/// Who did not like it rarely says so.
const RATINGS: Weighted<i16, 5> = Weighted::new([(44, 5), (34, 4), (13, 3), (6, 2), (3, 1)]);

/// What a price ends in, in cents below the next whole one: .00, .99, .95, .50.
const ENDINGS: Weighted<u64, 4> = Weighted::new([(40, 0), (35, 1), (10, 5), (15, 50)]);

/// Most people buy one.
const QUANTITIES: Weighted<i64, 7> =
    Weighted::new([(52, 1), (22, 2), (10, 3), (7, 4), (4, 5), (3, 6), (2, 10)]);

/// A price in cents that a shop would write down, from `least` to `most` whole ones: small prices
/// are more frequent.
pub fn price_cents(draw: &mut Draw, least: u32, most: u32) -> u64 {
    let whole = Scaled { least: least.max(1), most, step: 1 }.amount(draw);
    let cents = whole * 100 - ENDINGS.pick(draw);
    cents.max(u64::from(least) * 100)
}

/// Points out of `most`, around seven in ten, with some who reach all of them.
pub fn score(draw: &mut Draw, most: u32) -> i64 {
    let most = i64::from(most);
    Bell { mean: most * 7 / 10, deviation: (most * 15 / 100).max(1), least: 0, most }.number(draw)
}

/// One to five stars.
pub fn rating(draw: &mut Draw) -> i16 {
    RATINGS.pick(draw)
}

/// How many of something: one to ten, mostly one.
pub fn quantity(draw: &mut Draw) -> i64 {
    QUANTITIES.pick(draw)
}

/// The age of an adult in years, around 41.
pub fn age(draw: &mut Draw) -> i64 {
    Bell { mean: 41, deviation: 14, least: 18, most: 95 }.number(draw)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Stream;

    fn draws() -> impl Iterator<Item = Draw> {
        let stream = Stream::new(1, "t", "amount");
        (0..5_000).map(move |row| stream.at(row))
    }

    #[test]
    fn prices_end_as_prices_do() {
        for mut draw in draws() {
            let cents = price_cents(&mut draw, 5, 400);
            assert!((500..=40_000).contains(&cents), "{cents}");
            assert!([0, 50, 95, 99].contains(&(cents % 100)), "{cents}");
        }
    }

    #[test]
    fn scores_are_around_seven_in_ten() {
        let scores: Vec<i64> = draws().map(|mut draw| score(&mut draw, 50)).collect();
        assert!(scores.iter().all(|score| (0..=50).contains(score)));
        let sum: i64 = scores.iter().sum();
        assert!((33..=36).contains(&(sum / 5_000)), "{sum}");
        assert!(draws().all(|mut draw| score(&mut draw, 0) == 0));
    }

    #[test]
    fn ratings_quantities_and_ages_stay_within_their_bounds() {
        for mut draw in draws() {
            assert!((1..=5).contains(&rating(&mut draw)));
            assert!((1..=10).contains(&quantity(&mut draw)));
            assert!((18..=95).contains(&age(&mut draw)));
        }
    }
}
