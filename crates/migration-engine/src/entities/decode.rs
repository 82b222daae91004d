//! Whether a value of the database's type becomes a value of the field's type, and back.
//!
//! The driver compares types and never converts: an `i32` does not read a `bigint`, however small
//! the number. It lets a `String` read any text, and JSON either form of it; an enumeration is cast
//! to text by SeaORM when it is read, and to its own type when it is written or looked for.

use super::{catalog::LiveType, definition::Name};

/// What comes of a column whose type is not the expected one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It is the same for every purpose.
    Same,
    /// It works, and is called something else.
    Similar,
    /// Some values of the field do not fit into the column.
    Narrower,
    /// Rows can be read and not written.
    WriteFails,
    /// Rows can be read and written, and a query that looks for a value fails.
    FilterFails,
    /// Rows cannot be read.
    ReadFails,
}

/// What comes of reading and writing a column of type `live` as the type that SeaORM calls
/// `expected`, of which `enumeration` is the name where it is one.
pub(super) fn fit(expected: &str, enumeration: Option<&Name>, live: &LiveType) -> Fit {
    let (element, array) = match expected.strip_suffix("[]") {
        Some(element) => (element, true),
        None => (expected, false),
    };
    if array != live.array {
        return Fit::ReadFails;
    }
    match enumeration {
        Some(name) => enumeration_fit(name, live),
        None => plain_fit(&Expected::of(element), live),
    }
}

fn enumeration_fit(name: &Name, live: &LiveType) -> Fit {
    if live.enumeration
        && live.name == name.name
        && name.schema.as_ref().is_none_or(|s| *s == live.schema)
    {
        Fit::Same
    } else if family(&live.name) == "text" {
        // PostgreSQL casts an enumeration to text where a row is written, but does not compare them.
        Fit::FilterFails
    } else {
        // Anything can be cast to text; whether the text is a label shows row by row.
        Fit::WriteFails
    }
}

fn plain_fit(expected: &Expected, live: &LiveType) -> Fit {
    if family(&expected.name) != family(&live.name) || live.enumeration {
        return Fit::ReadFails;
    }
    if narrower(expected, live) {
        Fit::Narrower
    } else if expected.name == live.name {
        Fit::Same
    } else {
        Fit::Similar
    }
}

/// Types that one field can read.
fn family(name: &str) -> &str {
    match name {
        "text" | "varchar" | "bpchar" | "name" | "citext" => "text",
        "json" | "jsonb" => "json",
        other => other,
    }
}

/// A type as PostgreSQL calls it in its catalog, with its modifiers.
struct Expected {
    name: String,
    modifiers: Vec<i32>,
}

impl Expected {
    fn of(written: &str) -> Self {
        let (name, modifiers) = written.split_once('(').unwrap_or((written, ""));
        let modifiers = modifiers.trim_end_matches(')').split(',');
        Self {
            name: catalog_name(name.trim()),
            modifiers: modifiers.filter_map(|number| number.trim().parse().ok()).collect(),
        }
    }
}

fn catalog_name(written: &str) -> String {
    let lower = written.to_lowercase();
    let known = match lower.as_str() {
        "smallint" => "int2",
        "integer" | "int" => "int4",
        "bigint" => "int8",
        "real" => "float4",
        "double precision" => "float8",
        "decimal" => "numeric",
        "char" | "character" => "bpchar",
        "character varying" => "varchar",
        "boolean" => "bool",
        "timestamp without time zone" => "timestamp",
        "timestamp with time zone" => "timestamptz",
        "time without time zone" => "time",
        "time with time zone" => "timetz",
        other if other.starts_with("interval") => "interval",
        _ if written.contains('"') => {
            return written.rsplit('.').next().unwrap_or(written).replace('"', "");
        }
        other => other.rsplit('.').next().unwrap_or(other),
    };
    known.to_owned()
}

/// Whether the column takes fewer characters or digits than the field's type says.
fn narrower(expected: &Expected, live: &LiveType) -> bool {
    // PostgreSQL adds four to a modifier, and puts the precision into its upper half.
    let Some(modifier) = live.modifier.checked_sub(4).filter(|modifier| *modifier >= 0) else {
        return false;
    };
    match live.name.as_str() {
        "varchar" | "bpchar" => expected.modifiers.first().is_none_or(|length| modifier < *length),
        "numeric" => match expected.modifiers.as_slice() {
            [precision, scale, ..] => {
                let (live_precision, live_scale) = (modifier >> 16, modifier & 0x7ff);
                live_scale < *scale || live_precision - live_scale < precision - scale
            }
            _ => true,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(name: &str, modifier: i32) -> LiveType {
        let (name, array) = name.strip_suffix("[]").map_or((name, false), |name| (name, true));
        LiveType {
            name: name.to_owned(),
            schema: "public".to_owned(),
            array,
            enumeration: name == "mood",
            shown: name.to_owned(),
            modifier,
        }
    }

    #[test]
    fn types_are_judged_by_what_the_driver_does() {
        let numeric = |precision: i32, scale| ((precision << 16) | scale) + 4;
        for (expected, name, modifier, fit) in [
            ("integer", "int4", -1, Fit::Same),
            ("integer", "int8", -1, Fit::ReadFails),
            ("bigint", "int4", -1, Fit::ReadFails),
            ("text", "varchar", -1, Fit::Similar),
            ("varchar", "text", -1, Fit::Similar),
            ("text", "varchar", 24, Fit::Narrower),
            ("varchar(20)", "varchar", 24, Fit::Same),
            ("varchar(21)", "varchar", 24, Fit::Narrower),
            ("text", "mood", -1, Fit::ReadFails),
            ("jsonb", "json", -1, Fit::Similar),
            ("jsonb", "text", -1, Fit::ReadFails),
            ("decimal(6, 2)", "numeric", numeric(6, 2), Fit::Same),
            ("decimal(6, 2)", "numeric", numeric(8, 2), Fit::Same),
            ("decimal(6, 2)", "numeric", numeric(6, 3), Fit::Narrower),
            ("decimal(6, 2)", "numeric", -1, Fit::Same),
            ("decimal", "numeric", numeric(6, 2), Fit::Narrower),
            ("double precision", "numeric", -1, Fit::ReadFails),
            ("timestamp with time zone", "timestamp", -1, Fit::ReadFails),
            ("timestamp with time zone", "timestamptz", -1, Fit::Same),
            ("text[]", "varchar[]", -1, Fit::Similar),
            ("text[]", "text", -1, Fit::ReadFails),
            ("inet", "inet", -1, Fit::Same),
            (r#"sys."Odd""#, "Odd", -1, Fit::Same),
        ] {
            assert_eq!(super::fit(expected, None, &live(name, modifier)), fit, "{expected} {name}");
        }
    }

    #[test]
    fn an_enumeration_is_read_as_text_and_written_as_itself() {
        let mood = Name { schema: None, name: "mood".to_owned() };
        assert_eq!(fit("mood", Some(&mood), &live("mood", -1)), Fit::Same);
        assert_eq!(fit("mood", Some(&mood), &live("text", -1)), Fit::FilterFails);
        assert_eq!(fit("mood", Some(&mood), &live("int4", -1)), Fit::WriteFails);
        assert_eq!(fit("mood[]", Some(&mood), &live("mood", -1)), Fit::ReadFails);
    }
}
