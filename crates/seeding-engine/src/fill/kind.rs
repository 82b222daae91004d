//! What kind of values a column holds.

use super::{
    definition::{Column, Definition, Type},
    scalar::Scalar,
};

/// A kind of values, by how they are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Boolean,
    Enumeration(Vec<String>),
    Scalar(Scalar),
    /// Text of at most so many characters.
    Text(Option<usize>),
    Uuid,
    Bytes,
    /// `json` and `jsonb`.
    Json,
    Address(Address),
    /// Of exactly so many bits, or of up to so many.
    Bits {
        length: usize,
        varying: bool,
    },
    Range(Scalar),
    MultiRange(Scalar),
    Array(Box<Self>),
    /// A figure in the plane, by the name of its type.
    Figure(String),
    /// `tsvector` and `tsquery`.
    Lexemes,
    Xml,
    /// Nothing is known about it but its name.
    Unknown(String),
}

/// A kind of network address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Address {
    Host,
    Network,
    Hardware,
    Hardware8,
}

/// The kind of `column`.
pub(super) fn kind(definition: &Definition, column: &Column) -> Kind {
    match definition.types.get(&column.kind) {
        Some(kind) if kind.domain => of_type(definition, kind, kind.modifier),
        Some(kind) => of_type(definition, kind, column.modifier),
        None => Kind::Unknown(column.shown.clone()),
    }
}

fn of_type(definition: &Definition, kind: &Type, modifier: i32) -> Kind {
    let part = || kind.part.and_then(|part| definition.types.get(&part));
    let bound = || part().and_then(|part| Scalar::of(&part.name, part.modifier));
    let unknown = || Kind::Unknown(kind.shown.clone());
    match kind.kind.as_str() {
        "e" => Kind::Enumeration(kind.labels.clone()),
        "r" => bound().map_or_else(unknown, Kind::Range),
        "m" => bound().map_or_else(unknown, Kind::MultiRange),
        _ if kind.array => part().map_or_else(unknown, |part| {
            let modifier = if part.domain { part.modifier } else { modifier };
            Kind::Array(Box::new(of_type(definition, part, modifier)))
        }),
        "b" => basic(&kind.name, modifier).unwrap_or_else(unknown),
        _ => unknown(),
    }
}

fn basic(name: &str, modifier: i32) -> Option<Kind> {
    let declared = usize::try_from(modifier).ok();
    // The modifier of character types counts four bytes of header.
    let characters = declared.and_then(|modifier| modifier.checked_sub(4));
    Some(match name {
        "bool" => Kind::Boolean,
        "text" | "varchar" | "citext" => Kind::Text(characters),
        "bpchar" => Kind::Text(Some(characters.unwrap_or(1))),
        "name" => Kind::Text(Some(63)),
        "char" => Kind::Text(Some(1)),
        "uuid" => Kind::Uuid,
        "bytea" => Kind::Bytes,
        "json" | "jsonb" => Kind::Json,
        "inet" => Kind::Address(Address::Host),
        "cidr" => Kind::Address(Address::Network),
        "macaddr" => Kind::Address(Address::Hardware),
        "macaddr8" => Kind::Address(Address::Hardware8),
        "bit" => Kind::Bits { length: declared.unwrap_or(1), varying: false },
        "varbit" => Kind::Bits { length: declared.unwrap_or(16), varying: true },
        "point" | "lseg" | "box" | "path" | "polygon" | "circle" | "line" => {
            Kind::Figure(name.to_owned())
        }
        "tsvector" | "tsquery" => Kind::Lexemes,
        "xml" => Kind::Xml,
        _ => return Scalar::of(name, modifier).map(Kind::Scalar),
    })
}

impl Kind {
    /// Whether values of it can be made.
    pub(super) fn is_known(&self) -> bool {
        match self {
            Self::Unknown(_) => false,
            Self::Array(element) => element.is_known(),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modifiers_say_how_long_a_text_may_be() {
        assert_eq!(basic("varchar", 24), Some(Kind::Text(Some(20))));
        assert_eq!(basic("text", -1), Some(Kind::Text(None)));
        assert_eq!(basic("bpchar", 7), Some(Kind::Text(Some(3))));
        assert_eq!(basic("bit", 8), Some(Kind::Bits { length: 8, varying: false }));
    }
}
