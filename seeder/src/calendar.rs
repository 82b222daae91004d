//! Days and times counted from the world's today, and the school's terms.

use chrono::{DateTime, Datelike as _, Days, Duration, NaiveDate, NaiveTime, Utc, Weekday};
use seeding_engine::World;

/// For how many days attendance is recorded: four weeks.
pub(crate) const RECORDED_DAYS: i64 = 28;

/// The day `days` after today; before, where negative.
pub(crate) fn day(world: &World, days: i64) -> NaiveDate {
    world.as_of + Duration::days(days)
}

/// The instant `minutes` after the midnight (UTC) that begins the day `days` after today.
pub(crate) fn instant(world: &World, days: i64, minutes: i64) -> DateTime<Utc> {
    day(world, days).and_time(NaiveTime::MIN).and_utc() + Duration::minutes(minutes)
}

/// The term that `day` is in, such as `2026-spring`.
pub(crate) fn term(day: NaiveDate) -> String {
    let season = if day.month() <= 7 { "spring" } else { "autumn" };
    format!("{}-{season}", day.year())
}

/// The term before the one that `day` is in.
pub(crate) fn previous_term(day: NaiveDate) -> String {
    let (year, season) =
        if day.month() <= 7 { (day.year() - 1, "autumn") } else { (day.year(), "spring") };
    format!("{year}-{season}")
}

/// The recorded days that fall on one of two `weekdays`, each with its number among all recorded
/// days, in order.
pub(crate) fn recorded_days(
    world: &World,
    weekdays: [Weekday; 2],
) -> impl Iterator<Item = (u64, NaiveDate)> + use<> {
    let first = day(world, -RECORDED_DAYS);
    let first_of = |weekday: Weekday| u64::from(weekday.days_since(first.weekday()));
    let [one, other] = weekdays.map(first_of);
    let (earlier, later) = (one.min(other), one.max(other));
    (0..RECORDED_DAYS.unsigned_abs())
        .step_by(7)
        .flat_map(move |week| [week + earlier, week + later])
        .map(move |number| (number, first + Days::new(number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world(as_of: &str) -> World {
        World { seed: 1, as_of: as_of.parse().unwrap() }
    }

    #[test]
    fn a_class_that_meets_twice_a_week_has_eight_recorded_days() {
        for as_of in ["2026-03-02", "2026-03-04", "2026-03-08"] {
            let world = world(as_of);
            let days: Vec<_> = recorded_days(&world, [Weekday::Thu, Weekday::Mon]).collect();
            assert_eq!(days.len(), 8);
            assert!(days.is_sorted());
            for (number, at) in days {
                assert!(at < world.as_of && [Weekday::Mon, Weekday::Thu].contains(&at.weekday()));
                assert_eq!(at, day(&world, number.cast_signed() - RECORDED_DAYS));
            }
        }
    }

    #[test]
    fn terms_follow_each_other() {
        let spring = "2026-03-02".parse().unwrap();
        let autumn = "2026-10-02".parse().unwrap();
        assert_eq!(
            (previous_term(spring), term(spring)),
            ("2025-autumn".into(), "2026-spring".into())
        );
        assert_eq!(
            (previous_term(autumn), term(autumn)),
            ("2026-spring".into(), "2026-autumn".into())
        );
    }
}
