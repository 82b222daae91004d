//! Values in the text that PostgreSQL reads for a column of their type.

use std::fmt::Write as _;

use sea_orm::{Value, sea_query::OptionEnum};
use serde_json::Value as Json;

/// Why a value cannot be written as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoText {
    /// PostgreSQL has no text with this character in it.
    #[error("the text contains the character NUL")]
    Nul,
    /// A client would take the line for the end of the data.
    #[error("a line of the text is `\\.`, which `\\copy` takes for the end of the data")]
    EndOfData,
    /// A type that no column of the project has.
    #[error("values of this type have no text")]
    Type,
}

/// The text of `value`; nothing for NULL.
pub(super) fn text(value: &Value) -> Result<Option<String>, NoText> {
    if *value == value.as_null() {
        return Ok(None);
    }
    scalar(value).map_or_else(|| structured(value), without_nul).map(Some)
}

fn without_nul(text: String) -> Result<String, NoText> {
    if text.contains('\0') { Err(NoText::Nul) } else { Ok(text) }
}

fn scalar(value: &Value) -> Option<String> {
    Some(match value {
        Value::Bool(Some(flag)) => flag.to_string(),
        Value::TinyInt(Some(number)) => number.to_string(),
        Value::SmallInt(Some(number)) => number.to_string(),
        Value::Int(Some(number)) => number.to_string(),
        Value::BigInt(Some(number)) => number.to_string(),
        Value::TinyUnsigned(Some(number)) => number.to_string(),
        Value::SmallUnsigned(Some(number)) => number.to_string(),
        Value::Unsigned(Some(number)) => number.to_string(),
        Value::BigUnsigned(Some(number)) => number.to_string(),
        Value::Float(Some(number)) => number.to_string(),
        Value::Double(Some(number)) => number.to_string(),
        Value::Decimal(Some(number)) => number.to_string(),
        Value::String(Some(text)) => text.clone(),
        Value::Enum(OptionEnum::Some(label)) => label.value.to_string(),
        Value::Char(Some(character)) => character.to_string(),
        Value::Uuid(Some(uuid)) => uuid.to_string(),
        other => return time(other),
    })
}

fn time(value: &Value) -> Option<String> {
    Some(match value {
        Value::ChronoDate(Some(date)) => date.to_string(),
        Value::ChronoTime(Some(time)) => time.to_string(),
        Value::ChronoDateTime(Some(time)) => time.to_string(),
        Value::ChronoDateTimeUtc(Some(time)) => time.to_rfc3339(),
        Value::ChronoDateTimeLocal(Some(time)) => time.to_rfc3339(),
        Value::ChronoDateTimeWithTimeZone(Some(time)) => time.to_rfc3339(),
        _ => return None,
    })
}

fn structured(value: &Value) -> Result<String, NoText> {
    match value {
        Value::Bytes(Some(bytes)) => Ok(hexadecimal(bytes)),
        Value::Json(Some(json)) if has_nul(json) => Err(NoText::Nul),
        Value::Json(Some(json)) => Ok(json.to_string()),
        Value::Array(_, Some(values)) => array(values),
        _ => Err(NoText::Type),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold("\\x".to_owned(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// `jsonb` refuses the character in every text, that of keys included.
fn has_nul(json: &Json) -> bool {
    match json {
        Json::String(text) => text.contains('\0'),
        Json::Array(values) => values.iter().any(has_nul),
        Json::Object(members) => {
            members.iter().any(|(key, value)| key.contains('\0') || has_nul(value))
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => false,
    }
}

/// Every element in quotes, so that none is taken for a brace, a comma or NULL.
fn array(values: &[Value]) -> Result<String, NoText> {
    let element = |value: &Value| {
        let text = text(value)?;
        Ok(text.map_or_else(
            || "NULL".to_owned(),
            |text| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        ))
    };
    let elements = values.iter().map(element).collect::<Result<Vec<_>, NoText>>()?;
    Ok(format!("{{{}}}", elements.join(",")))
}

#[cfg(test)]
mod tests {
    use sea_orm::sea_query::ArrayType;
    use serde_json::json;

    use super::*;

    fn array_of(texts: &[&str]) -> Value {
        let values = texts.iter().map(|text| Value::from(*text)).collect::<Vec<_>>();
        Value::Array(ArrayType::String, Some(Box::new(values)))
    }

    #[test]
    fn null_is_no_text_and_an_empty_text_is_one() {
        assert_eq!(text(&Value::String(None)), Ok(None));
        assert_eq!(text(&Value::from("")), Ok(Some(String::new())));
    }

    #[test]
    fn elements_of_an_array_stay_apart() {
        let hostile = array_of(&["a,b", "{}", "NULL", "", r#"\ ""#]);
        let written = text(&hostile).unwrap().unwrap();
        assert_eq!(written, r#"{"a,b","{}","NULL","","\\ \""}"#);
        assert_eq!(text(&array_of(&[])), Ok(Some("{}".to_owned())));
    }

    #[test]
    fn the_character_nul_is_refused_wherever_it_is() {
        let nul = json!({ "a": ["\0"] });
        for value in [Value::from("a\0b"), array_of(&["\0"]), Value::Json(Some(Box::new(nul)))] {
            assert_eq!(text(&value), Err(NoText::Nul));
        }
        // A backslash and the digits are another text.
        assert!(text(&Value::Json(Some(Box::new(json!("\\u0000"))))).is_ok());
    }
}
