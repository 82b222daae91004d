//! `jsonb` as PostgreSQL writes it: keys by length and then by bytes, one blank after `:` and `,`,
//! numbers without exponents.

use serde_json::{Map, Number, Value};

/// Appends the text of `value`.
pub(super) fn append(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.extend(b"null"),
        Value::Bool(true) => out.extend(b"true"),
        Value::Bool(false) => out.extend(b"false"),
        Value::Number(number) => append_number(number, out),
        Value::String(text) => append_string(text, out),
        Value::Array(values) => append_array(values, out),
        Value::Object(members) => append_object(members, out),
    }
}

fn append_array(values: &[Value], out: &mut Vec<u8>) {
    out.push(b'[');
    for (index, value) in values.iter().enumerate() {
        separate(index, out);
        append(value, out);
    }
    out.push(b']');
}

fn append_object(members: &Map<String, Value>, out: &mut Vec<u8>) {
    let mut members: Vec<_> = members.iter().collect();
    members.sort_by_key(|(key, _)| (key.len(), key.as_bytes()));
    out.push(b'{');
    for (index, (key, value)) in members.into_iter().enumerate() {
        separate(index, out);
        append_string(key, out);
        out.extend(b": ");
        append(value, out);
    }
    out.push(b'}');
}

fn separate(index: usize, out: &mut Vec<u8>) {
    if index > 0 {
        out.extend(b", ");
    }
}

/// `serde_json` escapes the same characters in the same way as the server.
fn append_string(text: &str, out: &mut Vec<u8>) {
    serde_json::to_writer(out, text).expect("a string can always be written to memory");
}

/// The server keeps numbers as `numeric`, which has no exponent and no negative zero.
fn append_number(number: &Number, out: &mut Vec<u8>) {
    let text = number.to_string();
    let (sign, magnitude) = match text.strip_prefix('-') {
        Some(magnitude) => ("-", magnitude),
        None => ("", text.as_str()),
    };
    let (mantissa, exponent) = magnitude.split_once(['e', 'E']).unwrap_or((magnitude, "0"));
    let plain = plain(mantissa, exponent.parse().expect("a number's exponent is a number"));
    if plain.bytes().any(|byte| matches!(byte, b'1'..=b'9')) {
        out.extend(sign.as_bytes());
    }
    out.extend(plain.as_bytes());
}

/// `mantissa` times ten to the power of `exponent`, written out.
fn plain(mantissa: &str, exponent: i32) -> String {
    if exponent == 0 {
        return mantissa.to_owned();
    }
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let shift = exponent.unsigned_abs() as usize;
    if exponent > 0 {
        let zeros = "0".repeat(shift.saturating_sub(fraction.len()));
        let split = whole.len() + shift.min(fraction.len());
        let (whole, fraction) = digits.split_at(split);
        point(&format!("{whole}{zeros}"), fraction)
    } else {
        let zeros = "0".repeat((shift + 1).saturating_sub(whole.len()));
        let digits = format!("{zeros}{digits}");
        let (whole, fraction) = digits.split_at(digits.len() - fraction.len() - shift);
        point(whole, fraction)
    }
}

fn point(whole: &str, fraction: &str) -> String {
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(value: &Value) -> String {
        let mut out = Vec::new();
        append(value, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn keys_are_ordered_by_length_and_then_by_bytes() {
        let value =
            json!({"bb": [1, {"z": [], "y": {}}], "c": null, "a": true, "é": "é\n\u{1f}\"\\/"});
        let expected =
            r#"{"a": true, "c": null, "bb": [1, {"y": {}, "z": []}], "é": "é\n\u001f\"\\/"}"#;
        assert_eq!(text(&value), expected);
    }

    #[test]
    fn numbers_have_no_exponent() {
        for (number, expected) in [
            ("1", "1"),
            ("-1.50", "-1.5"),
            ("1e2", "100.0"),
            ("1e21", "1000000000000000000000"),
            ("1.25e20", "125000000000000000000"),
            ("1.234e21", "1234000000000000000000"),
            ("1.5e-7", "0.00000015"),
            ("-0.0", "0.0"),
        ] {
            assert_eq!(text(&serde_json::from_str(number).unwrap()), expected);
        }
    }
}
