//! Times of the day and of the week: opening hours, appointments, and when people are awake.

use chrono::{NaiveTime, Weekday};

use crate::draw::{Draw, distribution::Weighted};

/// When people use a site: little at night, most in the evening. Weights of the hours.
const HOURS: Weighted<i64, 24> = Weighted::new([
    (8, 0),
    (4, 1),
    (2, 2),
    (1, 3),
    (1, 4),
    (3, 5),
    (10, 6),
    (22, 7),
    (38, 8),
    (48, 9),
    (52, 10),
    (52, 11),
    (56, 12),
    (50, 13),
    (48, 14),
    (48, 15),
    (50, 16),
    (56, 17),
    (62, 18),
    (70, 19),
    (74, 20),
    (66, 21),
    (44, 22),
    (22, 23),
]);

const WEEKDAYS: [Weekday; 7] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
    Weekday::Sat,
    Weekday::Sun,
];

/// From when to when, on the same day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// When it begins.
    pub from: NaiveTime,
    /// When it is over; always later.
    pub until: NaiveTime,
}

/// The time that is `minutes` after midnight; 23:59 at most.
fn at(minutes: i64) -> NaiveTime {
    let minutes = u32::try_from(minutes.clamp(0, 24 * 60 - 1)).unwrap_or_default();
    NaiveTime::from_num_seconds_from_midnight_opt(minutes * 60, 0).unwrap_or_default()
}

/// The minute of the day at which somebody does something, by the habits of people.
pub fn minute(draw: &mut Draw) -> i64 {
    HOURS.pick(draw) * 60 + draw.between(0, 59)
}

/// A day of the week; Saturday and Sunday are as likely as the others.
pub fn weekday(draw: &mut Draw) -> Weekday {
    draw.pick(&WEEKDAYS)
}

/// When a shop is open on each day from Monday on: the same hours on working days, fewer on
/// Saturday, and mostly none on Sunday.
pub fn opening_hours(draw: &mut Draw) -> [Option<Span>; 7] {
    let opens = draw.between(14, 20) * 30;
    let closes = draw.between(34, 42) * 30;
    let day = Span { from: at(opens), until: at(closes) };
    let saturday = Span { from: at(opens + 60), until: at(closes - 180) };
    let sunday = Span { from: at(11 * 60), until: at(16 * 60) };
    let free_day = draw.chance(25).then(|| draw.index(5));
    std::array::from_fn(|weekday| match weekday {
        5 => Some(saturday),
        6 => draw.chance(15).then_some(sunday),
        _ => (free_day != Some(weekday)).then_some(day),
    })
}

/// An appointment within office hours, from a quarter of an hour to two hours long, on quarters.
pub fn appointment(draw: &mut Draw) -> Span {
    let from = draw.between(8 * 4, 16 * 4) * 15;
    let length = *draw.weighted(&[(20, 15), (35, 30), (10, 45), (25, 60), (5, 90), (5, 120)]);
    Span { from: at(from), until: at(from + length) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Stream;

    fn draws() -> impl Iterator<Item = Draw> {
        let stream = Stream::new(1, "t", "time");
        (0..2_000).map(move |row| stream.at(row))
    }

    #[test]
    fn what_begins_ends_later() {
        for mut draw in draws() {
            let hours = opening_hours(&mut draw);
            assert!(hours.iter().flatten().all(|span| span.from < span.until), "{hours:?}");
            assert!(hours.iter().flatten().count() >= 5);
            let Span { from, until } = appointment(&mut draw);
            assert!(from < until && until <= at(18 * 60), "{from} {until}");
        }
    }

    #[test]
    fn people_sleep_at_night() {
        let minutes: Vec<i64> = draws().map(|mut draw| minute(&mut draw)).collect();
        assert!(minutes.iter().all(|minute| (0..24 * 60).contains(minute)));
        let night = minutes.iter().filter(|minute| **minute < 6 * 60).count();
        assert!((15..80).contains(&night), "{night}");
    }

    #[test]
    fn every_weekday_occurs() {
        for day in WEEKDAYS {
            assert!(draws().any(|mut draw| weekday(&mut draw) == day));
        }
    }
}
