//! Values in the bytes in which the server gives them back.
//!
//! The driver's own encoder is close, but loses the scale of a zero and writes JSON as it comes; a
//! fingerprint needs the server's bytes, so that what was generated and what was read agree.

use std::net::IpAddr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Timelike as _};
use sea_orm::{
    Value,
    prelude::Decimal,
    sea_query::{ArrayType, OptionEnum},
};

use super::{json, numeric, wire::Wire};

/// The length of NULL.
const NULL: [u8; 4] = (-1_i32).to_be_bytes();

/// PostgreSQL counts days from 2000-01-01, and microseconds from its beginning.
const EPOCH: NaiveDate = NaiveDate::from_ymd_opt(2000, 1, 1).expect("it is a day");

/// The numbers that tell IPv4 from IPv6.
const INET: u8 = 2;
const INET6: u8 = 3;

/// A value does not fit its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unfit;

/// Appends `value`, its length first.
pub(super) fn append(wire: &Wire, value: &Value, out: &mut Vec<u8>) -> Result<(), Unfit> {
    let start = out.len();
    out.extend(NULL);
    if !append_content(wire, value, out)? {
        return Ok(());
    }
    let length = i32::try_from(out.len() - start - NULL.len()).map_err(|_| Unfit)?;
    out[start..start + NULL.len()].copy_from_slice(&length.to_be_bytes());
    Ok(())
}

/// Appends the bytes of `value`; whether there are any, that is whether it is not NULL.
fn append_content(wire: &Wire, value: &Value, out: &mut Vec<u8>) -> Result<bool, Unfit> {
    match (wire, value) {
        (Wire::Uuid, Value::Uuid(Some(uuid))) => out.extend(uuid.as_bytes()),
        (Wire::Text, _) if let Some(text) = text(value) => out.extend(text.as_bytes()),
        (Wire::Text, Value::Char(Some(character))) => push_char(*character, out),
        (Wire::Padded { length }, _) if let Some(text) = text(value) => pad(text, *length, out),
        (Wire::Bool, Value::Bool(Some(flag))) => out.push(u8::from(*flag)),
        (Wire::Bytea, Value::Bytes(Some(bytes))) => out.extend(bytes),
        (Wire::Json, Value::Json(Some(json))) => out.extend(json.to_string().as_bytes()),
        (Wire::Jsonb, Value::Json(Some(json))) => {
            out.push(1);
            json::append(json, out);
        }
        (Wire::Inet, _) if let Some(text) = text(value) => append_inet(text, out)?,
        (Wire::Array { element, oid }, Value::Array(_, Some(values))) => {
            append_array(element, *oid, values, out)?;
        }
        _ if *value == value.as_null() => return Ok(false),
        (Wire::Date | Wire::Time { .. } | Wire::Timestamp { .. } | Wire::TimestampTz { .. }, _) => {
            append_time(wire, value, out)?;
        }
        _ => append_number(wire, value, out)?,
    }
    Ok(true)
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::String(Some(text)) => Some(text),
        Value::Enum(OptionEnum::Some(label)) => Some(&label.value),
        _ => None,
    }
}

fn push_char(character: char, out: &mut Vec<u8>) {
    out.extend(character.encode_utf8(&mut [0; 4]).as_bytes());
}

fn pad(text: &str, length: usize, out: &mut Vec<u8>) {
    out.extend(text.as_bytes());
    let missing = length.saturating_sub(text.chars().count());
    out.extend(std::iter::repeat_n(b' ', missing));
}

fn append_number(wire: &Wire, value: &Value, out: &mut Vec<u8>) -> Result<(), Unfit> {
    match (wire, value) {
        (Wire::Float4, Value::Float(Some(number))) => out.extend(number.to_be_bytes()),
        (Wire::Float8, Value::Double(Some(number))) => out.extend(number.to_be_bytes()),
        (Wire::Float8, Value::Float(Some(number))) => out.extend(f64::from(*number).to_be_bytes()),
        (Wire::Numeric { scale }, Value::Decimal(Some(number))) => {
            numeric::append(*number, *scale, out);
        }
        (Wire::Numeric { scale }, _) => {
            numeric::append(Decimal::from(integer(value)?), *scale, out);
        }
        (Wire::Int2, _) => out.extend(fitting::<i16>(value)?.to_be_bytes()),
        (Wire::Int4, _) => out.extend(fitting::<i32>(value)?.to_be_bytes()),
        (Wire::Int8, _) => out.extend(integer(value)?.to_be_bytes()),
        _ => return Err(Unfit),
    }
    Ok(())
}

fn fitting<N: TryFrom<i64>>(value: &Value) -> Result<N, Unfit> {
    N::try_from(integer(value)?).map_err(|_| Unfit)
}

fn integer(value: &Value) -> Result<i64, Unfit> {
    match value {
        Value::TinyInt(Some(number)) => Ok((*number).into()),
        Value::SmallInt(Some(number)) => Ok((*number).into()),
        Value::Int(Some(number)) => Ok((*number).into()),
        Value::BigInt(Some(number)) => Ok(*number),
        Value::TinyUnsigned(Some(number)) => Ok((*number).into()),
        Value::SmallUnsigned(Some(number)) => Ok((*number).into()),
        Value::Unsigned(Some(number)) => Ok((*number).into()),
        Value::BigUnsigned(Some(number)) => i64::try_from(*number).map_err(|_| Unfit),
        _ => Err(Unfit),
    }
}

fn append_time(wire: &Wire, value: &Value, out: &mut Vec<u8>) -> Result<(), Unfit> {
    match (wire, value) {
        (Wire::Date, Value::ChronoDate(Some(date))) => {
            let days = i32::try_from((*date - EPOCH).num_days()).map_err(|_| Unfit)?;
            out.extend(days.to_be_bytes());
        }
        (Wire::Time { digits }, Value::ChronoTime(Some(time))) => {
            out.extend(rounded(microseconds_of_day(*time), *digits).to_be_bytes());
        }
        (Wire::Timestamp { digits }, Value::ChronoDateTime(Some(time))) => {
            out.extend(rounded(since_epoch(*time)?, *digits).to_be_bytes());
        }
        (Wire::TimestampTz { digits }, _) => {
            out.extend(rounded(since_epoch(instant(value)?)?, *digits).to_be_bytes());
        }
        _ => return Err(Unfit),
    }
    Ok(())
}

fn microseconds_of_day(time: NaiveTime) -> i64 {
    i64::from(time.num_seconds_from_midnight()) * 1_000_000 + i64::from(time.nanosecond() / 1_000)
}

fn instant(value: &Value) -> Result<NaiveDateTime, Unfit> {
    fn utc<Tz: TimeZone>(time: &DateTime<Tz>) -> NaiveDateTime {
        time.naive_utc()
    }
    match value {
        Value::ChronoDateTimeUtc(Some(time)) => Ok(utc(time)),
        Value::ChronoDateTimeLocal(Some(time)) => Ok(utc(time)),
        Value::ChronoDateTimeWithTimeZone(Some(time)) => Ok(utc(time)),
        _ => Err(Unfit),
    }
}

fn since_epoch(time: NaiveDateTime) -> Result<i64, Unfit> {
    (time - EPOCH.and_time(NaiveTime::MIN)).num_microseconds().ok_or(Unfit)
}

/// The server rounds half away from its epoch.
fn rounded(microseconds: i64, digits: u32) -> i64 {
    let unit = 10_i64.pow(6_u32.saturating_sub(digits));
    let half = microseconds.signum() * (unit / 2);
    (microseconds + half) / unit * unit
}

fn append_inet(text: &str, out: &mut Vec<u8>) -> Result<(), Unfit> {
    let (address, mask) = text.split_once('/').map_or((text, None), |(a, mask)| (a, Some(mask)));
    let address: IpAddr = address.parse().map_err(|_| Unfit)?;
    let (family, bytes) = match address {
        IpAddr::V4(address) => (INET, address.octets().to_vec()),
        IpAddr::V6(address) => (INET6, address.octets().to_vec()),
    };
    let length = u8::try_from(bytes.len()).map_err(|_| Unfit)?;
    let bits = mask.map_or(Ok(length * 8), str::parse).map_err(|_| Unfit)?;
    if bits > length * 8 {
        return Err(Unfit);
    }
    out.extend([family, bits, u8::from(false), length]);
    out.extend(bytes);
    Ok(())
}

/// One dimension, counted from 1, which is all that SeaORM has.
fn append_array(
    element: &Wire,
    oid: u32,
    values: &[Value],
    out: &mut Vec<u8>,
) -> Result<(), Unfit> {
    let length = i32::try_from(values.len()).map_err(|_| Unfit)?;
    let has_null = values.iter().any(|value| *value == value.as_null());
    out.extend(i32::from(length > 0).to_be_bytes());
    out.extend(i32::from(has_null).to_be_bytes());
    out.extend(oid.to_be_bytes());
    if length > 0 {
        out.extend(length.to_be_bytes());
        out.extend(1_i32.to_be_bytes());
    }
    values.iter().try_for_each(|value| append(element, value, out))
}

/// What a value is, without what it says.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "a truth value",
        Value::Float(_) | Value::Double(_) => "a floating-point number",
        Value::String(_) | Value::Char(_) => "a text",
        Value::Enum(_) => "an enum's label",
        Value::Bytes(_) => "bytes",
        Value::Json(_) => "JSON",
        Value::Uuid(_) => "a UUID",
        Value::Decimal(_) => "a decimal number",
        Value::ChronoDate(_) => "a date",
        Value::ChronoTime(_) => "a time of day",
        Value::ChronoDateTime(_) => "a time without a zone",
        Value::Array(ArrayType::String, _) => "an array of texts",
        Value::Array(..) => "an array",
        _ if instant(value).is_ok() => "a time",
        _ if integer(value).is_ok() => "an integer",
        _ => "a value",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(wire: &Wire, value: impl Into<Value>) -> Result<Vec<u8>, Unfit> {
        let mut out = Vec::new();
        append(wire, &value.into(), &mut out).map(|()| out)
    }

    #[test]
    fn nothing_is_null() {
        assert_eq!(encoded(&Wire::Text, None::<String>), Ok(NULL.to_vec()));
        assert_eq!(encoded(&Wire::Uuid, None::<i32>), Ok(NULL.to_vec()));
    }

    #[test]
    fn an_integer_fits_or_is_refused() {
        assert_eq!(encoded(&Wire::Int2, 7_i64), Ok(vec![0, 0, 0, 2, 0, 7]));
        assert_eq!(encoded(&Wire::Int2, 40_000), Err(Unfit));
        assert_eq!(encoded(&Wire::Int8, u64::MAX), Err(Unfit));
        assert_eq!(encoded(&Wire::Int4, "7"), Err(Unfit));
    }

    #[test]
    fn an_address_must_be_one() {
        assert_eq!(encoded(&Wire::Inet, "192.0.2.1/24").map(|bytes| bytes[5]), Ok(24));
        for text in ["192.0.2.1/33", "192.0.2", "host.example", "2001:db8::1/129"] {
            assert_eq!(encoded(&Wire::Inet, text), Err(Unfit), "{text}");
        }
    }

    #[test]
    fn fractions_of_a_second_are_rounded_away_from_the_epoch() {
        assert_eq!(
            [1_500, -1_500, 1_499, -1_499].map(|time| rounded(time, 3)),
            [2_000, -2_000, 1_000, -1_000]
        );
    }
}
