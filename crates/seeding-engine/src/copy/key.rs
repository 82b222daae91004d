//! The primary key of a row that was read as a tuple.

use std::fmt;

use uuid::Uuid;

use super::{columns::Columns, wire::Wire};

/// The primary key of a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowKey(Vec<KeyValue>);

/// The value of a column of a primary key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyValue {
    /// A UUID.
    Uuid(Uuid),
    /// An integer of any size.
    Integer(i64),
    /// A text or the label of an enum.
    Text(String),
    /// Any other value, as the server sends it.
    Bytes(Vec<u8>),
}

impl RowKey {
    /// The values, in the order of the columns that were read.
    pub fn values(&self) -> &[KeyValue] {
        &self.0
    }

    /// The key in `tuple`, a whole row of `columns`.
    pub(super) fn of(tuple: &[u8], columns: &Columns) -> Self {
        let fields = fields(tuple).zip(columns.all());
        let key = fields.filter(|(_, column)| column.in_primary_key);
        Self(key.map(|(field, column)| KeyValue::of(&column.wire, field)).collect())
    }
}

impl KeyValue {
    fn of(wire: &Wire, field: &[u8]) -> Self {
        let known = match wire {
            Wire::Uuid => Uuid::from_slice(field).ok().map(Self::Uuid),
            Wire::Int2 => number(field, i16::from_be_bytes),
            Wire::Int4 => number(field, i32::from_be_bytes),
            Wire::Int8 => number(field, i64::from_be_bytes),
            Wire::Text | Wire::Padded { .. } => {
                std::str::from_utf8(field).ok().map(|text| Self::Text(text.to_owned()))
            }
            _ => None,
        };
        known.unwrap_or_else(|| Self::Bytes(field.to_owned()))
    }
}

fn number<const N: usize, I: Into<i64>>(field: &[u8], read: fn([u8; N]) -> I) -> Option<KeyValue> {
    let bytes = field.try_into().ok()?;
    Some(KeyValue::Integer(read(bytes).into()))
}

/// The fields of a whole tuple; NULL is empty, which no column of a primary key is.
fn fields(tuple: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = tuple.get(2..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (length, after) = rest.split_first_chunk()?;
        let length = usize::try_from(i32::from_be_bytes(*length)).unwrap_or(0);
        let (field, after) = after.split_at_checked(length)?;
        rest = after;
        Some(field)
    })
}

impl fmt::Display for RowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, value) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            value.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for KeyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uuid(uuid) => uuid.fmt(f),
            Self::Integer(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::Bytes(bytes) => {
                f.write_str("\\x")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}
