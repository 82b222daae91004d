//! The forms that values have in a binary tuple.

/// How the values of a column are encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wire {
    Bool,
    Int2,
    Int4,
    Int8,
    Float4,
    Float8,
    /// Rounded to so many decimal places, if the column says so.
    Numeric {
        scale: Option<u32>,
    },
    /// Also enums, by their label.
    Text,
    /// `character(n)`: filled up with blanks to so many characters.
    Padded {
        length: usize,
    },
    Uuid,
    Date,
    /// Rounded to so many digits of a second, as the two after it.
    Time {
        digits: u32,
    },
    Timestamp {
        digits: u32,
    },
    TimestampTz {
        digits: u32,
    },
    Json,
    Jsonb,
    Inet,
    Bytea,
    Array {
        element: Box<Wire>,
        oid: u32,
    },
}

/// What the catalog says of a type that is no domain.
pub(super) struct CatalogType<'a> {
    /// Its name in `pg_type`.
    pub(super) name: &'a str,
    /// `pg_type.typtype`: `e` for enums.
    pub(super) kind: &'a str,
    /// The modifier of the column or domain, -1 for none.
    pub(super) modifier: i32,
}

impl Wire {
    /// The form of the scalar type `of`, if it is one that we know.
    pub(super) fn scalar(of: &CatalogType<'_>) -> Option<Self> {
        if of.kind == "e" {
            return Some(Self::Text);
        }
        // Of the modifier, PostgreSQL keeps four bytes for itself.
        let modifier = (of.modifier >= 4).then(|| of.modifier - 4);
        let digits = u32::try_from(of.modifier).unwrap_or(MICROSECONDS);
        Some(match of.name {
            "bool" => Self::Bool,
            "int2" => Self::Int2,
            "int4" => Self::Int4,
            "int8" => Self::Int8,
            "float4" => Self::Float4,
            "float8" => Self::Float8,
            "numeric" => Self::Numeric { scale: modifier.map(scale).transpose().ok()? },
            "text" | "varchar" | "citext" | "name" => Self::Text,
            "bpchar" => match modifier {
                None => Self::Text,
                Some(length) => Self::Padded { length: usize::try_from(length).ok()? },
            },
            "uuid" => Self::Uuid,
            "date" => Self::Date,
            "time" => Self::Time { digits },
            "timestamp" => Self::Timestamp { digits },
            "timestamptz" => Self::TimestampTz { digits },
            "json" => Self::Json,
            "jsonb" => Self::Jsonb,
            "inet" => Self::Inet,
            "bytea" => Self::Bytea,
            _ => return None,
        })
    }

    /// The form of an array of the scalar type `of`, which has the object identifier `oid`.
    pub(super) fn array(of: &CatalogType<'_>, oid: u32) -> Option<Self> {
        Some(Self::Array { element: Box::new(Self::scalar(of)?), oid })
    }
}

/// The digits of a second that PostgreSQL keeps where a column does not say.
const MICROSECONDS: u32 = 6;

/// The decimal places in the modifier of a numeric: eleven bits, signed since PostgreSQL 15.
fn scale(modifier: i32) -> Result<u32, std::num::TryFromIntError> {
    u32::try_from(((modifier & 0x7ff) ^ 1024) - 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(name: &str, modifier: i32) -> Option<Wire> {
        Wire::scalar(&CatalogType { name, kind: "b", modifier })
    }

    #[test]
    fn modifiers_are_read() {
        assert_eq!(scalar("numeric", (12 << 16 | 2) + 4), Some(Wire::Numeric { scale: Some(2) }));
        assert_eq!(scalar("numeric", -1), Some(Wire::Numeric { scale: None }));
        assert_eq!(scalar("bpchar", 7), Some(Wire::Padded { length: 3 }));
        assert_eq!(scalar("timestamptz", 3), Some(Wire::TimestampTz { digits: 3 }));
        assert_eq!(scalar("timestamptz", -1), Some(Wire::TimestampTz { digits: 6 }));
    }

    #[test]
    fn a_type_that_we_cannot_write_is_not_guessed() {
        assert_eq!(scalar("tsvector", -1), None);
        // numeric(2, -3), which rounds to thousands
        assert_eq!(scalar("numeric", (2 << 16 | (-3 & 0x7ff)) + 4), None);
    }
}
