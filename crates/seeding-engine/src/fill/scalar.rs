//! Types whose values are numbers of some unit: integers, decimals, days, seconds.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Timelike as _};

/// A type with an order and a distance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scalar {
    pub(super) unit: Unit,
    /// The smallest value of the type, in units.
    pub(super) least: i128,
    /// The largest value of the type, in units.
    pub(super) most: i128,
}

/// What a value is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    One,
    /// A power of ten: this many digits behind the point.
    Decimal(u32),
    /// Days since 1970-01-01.
    Day,
    /// Seconds since 1970-01-01, with a time zone or without.
    Second {
        zone: bool,
    },
    /// Seconds since midnight, with a time zone or without.
    SecondOfDay {
        zone: bool,
    },
    /// Seconds that pass.
    Elapsed,
}

/// Nobody's data lies before 1900 or after 2200.
const YEARS: (i128, i128) = (-25_567, 84_006);

const DAY: i128 = 86_400;

impl Scalar {
    /// The type that PostgreSQL calls `name`, with the modifier that a column gives it.
    pub(super) fn of(name: &str, modifier: i32) -> Option<Self> {
        let of = |unit, least, most| Some(Self { unit, least, most });
        let around = |most: i128| (-most, most);
        match name {
            "int2" => of(Unit::One, i16::MIN.into(), i16::MAX.into()),
            "int4" => of(Unit::One, i32::MIN.into(), i32::MAX.into()),
            "int8" => of(Unit::One, i64::MIN.into(), i64::MAX.into()),
            "oid" => of(Unit::One, 1, u32::MAX.into()),
            "numeric" => {
                let (precision, scale) = precision_and_scale(modifier);
                let (least, most) = around(10_i128.pow(precision) - 1);
                of(Unit::Decimal(scale), least, most)
            }
            // A single has six digits of which one can be sure.
            "float4" => of(Unit::Decimal(2), -999_999, 999_999),
            "float8" | "money" => of(Unit::Decimal(2), -99_999_999_999, 99_999_999_999),
            "date" => of(Unit::Day, YEARS.0, YEARS.1),
            "timestamp" | "timestamptz" => {
                let zone = name == "timestamptz";
                of(Unit::Second { zone }, YEARS.0 * DAY, YEARS.1 * DAY)
            }
            "time" | "timetz" => of(Unit::SecondOfDay { zone: name == "timetz" }, 0, DAY - 1),
            "interval" => of(Unit::Elapsed, -36_500 * DAY, 36_500 * DAY),
            _ => None,
        }
    }

    /// The value that `text` stands for, in units; smaller parts are dropped.
    pub(super) fn read(&self, text: &str) -> Option<i128> {
        let text = text.trim();
        match self.unit {
            Unit::One => decimal(text, 0),
            Unit::Decimal(scale) => decimal(text, scale),
            Unit::Day => Some(days(date_time(text)?.date())),
            Unit::Second { .. } => Some(date_time(text)?.and_utc().timestamp().into()),
            Unit::SecondOfDay { .. } => {
                let time = text.split(['+', '-']).next()?;
                Some(time.parse::<NaiveTime>().ok()?.num_seconds_from_midnight().into())
            }
            Unit::Elapsed => elapsed(text),
        }
    }

    /// How PostgreSQL reads `value`.
    pub(super) fn show(&self, value: i128) -> String {
        match self.unit {
            Unit::One | Unit::Decimal(0) => value.to_string(),
            Unit::Decimal(scale) => {
                let (sign, one) = (if value < 0 { "-" } else { "" }, 10_u128.pow(scale));
                let (whole, part) = (value.unsigned_abs() / one, value.unsigned_abs() % one);
                format!("{sign}{whole}.{part:0width$}", width = scale as usize)
            }
            Unit::Day => date(value).to_string(),
            Unit::Second { zone } => {
                let at = i64::try_from(value).ok().and_then(|at| DateTime::from_timestamp(at, 0));
                let shown = at.unwrap_or_default().format("%Y-%m-%d %H:%M:%S").to_string();
                if zone { shown + "+00" } else { shown }
            }
            Unit::SecondOfDay { zone } => {
                let (hour, minute, second) = (value / 3600, value / 60 % 60, value % 60);
                format!("{hour:02}:{minute:02}:{second:02}{}", if zone { "+00" } else { "" })
            }
            Unit::Elapsed => format!("{value} seconds"),
        }
    }

    /// How many units make up one of what people count in.
    pub(super) const fn step(&self) -> i128 {
        match self.unit {
            Unit::One | Unit::Day => 1,
            Unit::Decimal(scale) => 10_i128.pow(scale),
            Unit::Second { .. } | Unit::SecondOfDay { .. } | Unit::Elapsed => 3_600,
        }
    }
}

/// Days since 1970-01-01.
pub(super) fn days(day: NaiveDate) -> i128 {
    day.signed_duration_since(NaiveDate::default()).num_days().into()
}

fn date(days: i128) -> NaiveDate {
    let distance = Days::new(u64::try_from(days.unsigned_abs()).unwrap_or_default());
    let start = NaiveDate::default();
    let day =
        if days < 0 { start.checked_sub_days(distance) } else { start.checked_add_days(distance) };
    day.unwrap_or_default()
}

/// Digits before and behind the point together, and behind it alone.
fn precision_and_scale(modifier: i32) -> (u32, u32) {
    let Ok(packed) = u32::try_from(modifier - 4) else { return (14, 2) };
    // Eleven bits with a sign; a negative scale rounds to whole tens and is not worth more.
    let scale = packed & 0x7ff;
    let (precision, scale) = (packed >> 16, if scale > 1_000 { 0 } else { scale });
    (precision.min(30), scale.min(30))
}

fn decimal(text: &str, scale: u32) -> Option<i128> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let part: String = part.chars().chain(std::iter::repeat('0')).take(scale as usize).collect();
    let value: i128 = format!("{whole}{part}").parse().ok()?;
    Some(if negative { -value } else { value })
}

fn date_time(text: &str) -> Option<NaiveDateTime> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Some(day.into());
    }
    if let Ok(at) = DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%#z") {
        return Some(at.naive_utc());
    }
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok()
}

/// Reads intervals such as `3 days 01:30:00`; months have no fixed length.
fn elapsed(text: &str) -> Option<i128> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let mut seconds = 0;
    let mut number: Option<i128> = None;
    for word in text.split_whitespace() {
        match (number.take(), word) {
            (Some(count), "day" | "days") => seconds += count * DAY,
            (None, word) if word.contains(':') => {
                let time: Vec<i128> =
                    word.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
                let [hour, minute, second] = time[..] else { return None };
                seconds += hour * 3_600 + minute * 60 + second;
            }
            (None, word) => number = Some(word.parse().ok()?),
            _ => return None,
        }
    }
    number.is_none().then_some(sign * seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn round_trip(name: &str, modifier: i32, text: &str) {
        let scalar = Scalar::of(name, modifier).unwrap();
        assert_eq!(scalar.show(scalar.read(text).unwrap()), text);
    }

    #[test]
    fn what_is_read_is_shown_again() {
        round_trip("int4", -1, "-17");
        round_trip("numeric", (5 << 16 | 2) + 4, "-0.05");
        round_trip("date", -1, "1969-12-31");
        round_trip("timestamptz", -1, "2026-03-02 23:59:59+00");
        round_trip("timestamp", -1, "1950-01-01 00:00:00");
        round_trip("time", -1, "07:05:09");
    }

    #[test]
    fn constants_are_read_as_postgresql_words_them() {
        let read = |name, text| Scalar::of(name, -1).unwrap().read(text);
        assert_eq!(read("timestamptz", "1970-01-02 01:00:00+01"), Some(86_400));
        assert_eq!(read("timestamp", "1970-01-02"), Some(86_400));
        assert_eq!(read("interval", "1 day 00:00:01"), Some(86_401));
        assert_eq!(read("interval", "1 mon"), None);
        assert_eq!(read("int4", "1.9"), Some(1));
        assert_eq!(read("int4", "many"), None);
    }

    #[test]
    fn a_decimal_has_the_digits_of_its_column() {
        let scalar = Scalar::of("numeric", (5 << 16 | 2) + 4).unwrap();
        assert_eq!(
            (scalar.show(scalar.least), scalar.show(scalar.most)),
            ("-999.99".into(), "999.99".into())
        );
    }
}
