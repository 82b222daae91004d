//! `numeric` as PostgreSQL writes it.

use sea_orm::prelude::Decimal;

const NEGATIVE: u16 = 0x4000;

/// Appends `value`, rounded half away from zero to `scale` decimal places if the column has a scale,
/// as the server does.
pub(super) fn append(value: Decimal, scale: Option<u32>, out: &mut Vec<u8>) {
    let mantissa = value.mantissa().unsigned_abs();
    let (mantissa, places) = match scale {
        Some(scale) if scale < value.scale() => (round(mantissa, value.scale() - scale), scale),
        _ => (mantissa, value.scale()),
    };
    let (digits, weight) = groups(mantissa, places);
    let sign = if value.is_sign_negative() && mantissa != 0 { NEGATIVE } else { 0 };
    out.extend(count(digits.len()).to_be_bytes());
    out.extend(weight.to_be_bytes());
    out.extend(sign.to_be_bytes());
    out.extend(count(scale.unwrap_or(places) as usize).to_be_bytes());
    out.extend(digits.iter().rev().flat_map(|digit| digit.to_be_bytes()));
}

fn round(mantissa: u128, dropped: u32) -> u128 {
    let unit = 10_u128.pow(dropped);
    (mantissa + unit / 2) / unit
}

/// The number in groups of four decimal digits, the least first and without zeros at either end,
/// and the power of 10 000 that the greatest counts.
fn groups(mantissa: u128, places: u32) -> (Vec<u16>, i16) {
    let fraction = places.div_ceil(4);
    // At most 2^96 times 1 000.
    let mut rest = mantissa * 10_u128.pow(fraction * 4 - places);
    let mut digits = Vec::with_capacity(8);
    let mut seen = 0;
    while rest != 0 {
        let digit = u16::try_from(rest % 10_000).expect("less than 10 000");
        if digit != 0 || !digits.is_empty() {
            digits.push(digit);
        }
        rest /= 10_000;
        seen += 1;
    }
    let weight =
        if digits.is_empty() { 0 } else { seen - 1 - i16::try_from(fraction).expect("at most 7") };
    (digits, weight)
}

fn count(number: usize) -> u16 {
    u16::try_from(number).expect("a scale is at most 1 000")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(value: &str, scale: Option<u32>) -> Vec<u16> {
        let mut out = Vec::new();
        append(value.parse().unwrap(), scale, &mut out);
        out.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect()
    }

    /// Digits, weight, sign, scale, and the digits; compared with the server in the integration tests.
    #[test]
    fn numbers_are_written_as_the_server_writes_them() {
        let minus = |number: u16| number.wrapping_neg();
        assert_eq!(encoded("0.00", None), [0, 0, 0, 2]);
        assert_eq!(encoded("-0.00", None), [0, 0, 0, 2]);
        assert_eq!(encoded("12.50", None), [2, 0, 0, 2, 12, 5000]);
        assert_eq!(encoded("-20000", Some(2)), [1, 1, NEGATIVE, 2, 2]);
        assert_eq!(encoded("0.00001234", None), [1, minus(2), 0, 8, 1234]);
        assert_eq!(encoded("100000000.0001", None), [4, 2, 0, 4, 1, 0, 0, 1]);
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        assert_eq!(encoded("0.125", Some(2)), [1, minus_one(), 0, 2, 1300]);
        assert_eq!(encoded("-0.125", Some(2)), [1, minus_one(), NEGATIVE, 2, 1300]);
        assert_eq!(encoded("99.995", Some(2)), [1, 0, 0, 2, 100]);
        assert_eq!(encoded("-0.004", Some(2)), [0, 0, NEGATIVE.wrapping_sub(NEGATIVE), 2]);
    }

    fn minus_one() -> u16 {
        u16::MAX
    }
}
