//! A row from the text of `COPY` to a line of JSON and back.
//!
//! `COPY` escapes what separates rows and values, JSON escapes something else, and both have one form for
//! every text: what is decoded here and encoded again is what it was, byte for byte. That the server
//! would build JSON itself is no help, since `COPY` would escape that once more, and `to_json` takes the JSON value
//! `null` for NULL and forgets where arrays begin.

use std::borrow::Cow;

use serde::Deserialize;

/// Why a line is not a row.
#[derive(Debug, thiserror::Error)]
pub(super) enum RowError {
    #[error("it is no array of strings and nulls: {0}")]
    NotARow(#[from] serde_json::Error),
    #[error("it has {found} values, not {expected}")]
    Width { expected: usize, found: usize },
    #[error("it has the character U+0000, which PostgreSQL has not")]
    Nul,
}

/// Appends the row that `COPY` wrote as `line` to `json`, without an end of the line.
pub(super) fn to_json(line: &str, json: &mut Vec<u8>) {
    json.push(b'[');
    for (place, field) in line.as_bytes().split(|byte| *byte == b'\t').enumerate() {
        if place > 0 {
            json.push(b',');
        }
        if field == br"\N" {
            json.extend_from_slice(b"null");
        } else {
            json.push(b'"');
            string(field, json);
            json.push(b'"');
        }
    }
    json.push(b']');
}

fn string(field: &[u8], json: &mut Vec<u8>) {
    let mut bytes = field.iter().copied();
    while let Some(byte) = bytes.next() {
        let meant = if byte == b'\\' { unescaped(bytes.next().unwrap_or(byte)) } else { byte };
        match meant {
            b'"' | b'\\' => json.extend_from_slice(&[b'\\', meant]),
            b'\n' => json.extend_from_slice(br"\n"),
            b'\r' => json.extend_from_slice(br"\r"),
            b'\t' => json.extend_from_slice(br"\t"),
            0..0x20 => json.extend_from_slice(format!("\\u{meant:04x}").as_bytes()),
            _ => json.push(meant),
        }
    }
}

/// What a letter after a backslash means in the text of `COPY`. The server writes no other ones.
const fn unescaped(letter: u8) -> u8 {
    match letter {
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0b,
        other => other,
    }
}

#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// Replaces `copy` by the row of `json` as `COPY` writes it, without an end of the line.
pub(super) fn to_copy(json: &[u8], columns: usize, copy: &mut Vec<u8>) -> Result<(), RowError> {
    let values: Vec<Option<Text<'_>>> = serde_json::from_slice(json)?;
    if values.len() != columns {
        return Err(RowError::Width { expected: columns, found: values.len() });
    }
    copy.clear();
    for (place, value) in values.iter().enumerate() {
        if place > 0 {
            copy.push(b'\t');
        }
        match value {
            None => copy.extend_from_slice(br"\N"),
            Some(Text(text)) => field(text, copy)?,
        }
    }
    Ok(())
}

fn field(text: &str, copy: &mut Vec<u8>) -> Result<(), RowError> {
    for byte in text.bytes() {
        let letter = match byte {
            0 => return Err(RowError::Nul),
            0x08 => b'b',
            0x0c => b'f',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0x0b => b'v',
            b'\\' => b'\\',
            other => {
                copy.push(other);
                continue;
            }
        };
        copy.extend_from_slice(&[b'\\', letter]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(copy: &str, json: &str) {
        let (mut written, mut back) = (Vec::new(), Vec::new());
        to_json(copy, &mut written);
        assert_eq!(String::from_utf8(written).unwrap(), json);
        to_copy(json.as_bytes(), copy.split('\t').count(), &mut back).unwrap();
        assert_eq!(String::from_utf8(back).unwrap(), copy);
    }

    #[test]
    fn null_the_text_null_and_nothing_stay_apart() {
        check(r"\N", "[null]");
        check("null", r#"["null"]"#);
        check("", r#"[""]"#);
        check(r"\\N", r#"["\\N"]"#);
        check("\t\\N\t", r#"["",null,""]"#);
    }

    #[test]
    fn what_either_side_escapes_is_the_same_text() {
        check(r"a\\b\\\\c", r#"["a\\b\\\\c"]"#);
        check(r"\b\f\n\r\t\v", r#"["\u0008\u000c\n\r\t\u000b"]"#);
        check(
            "say \"hi\"\u{1}\u{7f}\u{2028}\u{1f980}",
            "[\"say \\\"hi\\\"\\u0001\u{7f}\u{2028}\u{1f980}\"]",
        );
        check(r#"{"a": "\\"x\\""}"#, r#"["{\"a\": \"\\\"x\\\"\"}"]"#);
    }

    #[test]
    fn every_character_comes_back() {
        let mut copy = Vec::new();
        for text in (1..=0x2fff_u32).chain([0x1f980, 0x0010_ffff]).filter_map(char::from_u32) {
            let json = serde_json::to_string(&[Some(text.to_string()), None]).unwrap();
            to_copy(json.as_bytes(), 2, &mut copy).unwrap();
            let mut again = Vec::new();
            to_json(std::str::from_utf8(&copy).unwrap(), &mut again);
            let read: Vec<Option<String>> = serde_json::from_slice(&again).unwrap();
            assert_eq!(read, [Some(text.to_string()), None]);
        }
    }

    #[test]
    fn what_is_no_row_is_refused() {
        let refused = |json: &str| to_copy(json.as_bytes(), 1, &mut Vec::new()).is_err();
        for json in [
            "[1]",
            "[]",
            "[\"a\",\"b\"]",
            "[[\"a\"]]",
            "{\"a\":\"b\"}",
            "[\"\\u0000\"]",
            "[\"a\"",
            "[\"a\"] x",
        ] {
            assert!(refused(json), "{json}");
        }
        assert!(!refused(" [ \"\\u0061\" ] "));
    }
}
