//! The value of a column that refers to nothing, as text that PostgreSQL reads.

use chrono::{Datelike as _, NaiveDate};

use super::{
    facts::Facts,
    kind::{Address, Kind},
    scalar::{Scalar, Unit, days},
    source::Source,
    text::text,
};

/// What a value is made for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) table: &'a str,
    pub(super) column: &'a str,
    pub(super) kind: &'a Kind,
    pub(super) facts: &'a Facts,
    /// A value that it is not below.
    pub(super) floor: Option<i128>,
    /// The day that is today.
    pub(super) today: NaiveDate,
}

/// Makes a value; `None` where its type is not known.
pub(super) fn value(place: Place<'_>, source: &mut Source) -> Option<String> {
    if let Some(choices) = place.facts.choices()
        && !choices.is_empty()
    {
        return Some(choices[source.index(choices.len())].clone());
    }
    Some(match place.kind {
        Kind::Boolean => (source.below(2) == 1).to_string(),
        Kind::Enumeration(labels) => label(labels, place.facts, source)?,
        Kind::Scalar(scalar) => scalar.show(number(place, scalar, source)),
        Kind::Text(most) => text(place.table, place.column, place.facts, *most, source),
        Kind::Uuid | Kind::Unknown(_) => return None,
        Kind::Bytes => format!("\\x{:016x}", source.below(1 << 63)),
        Kind::Json => json(place, source),
        Kind::Address(address) => network(*address, source),
        Kind::Bits { length, varying } => bits(*length, *varying, place.facts, source),
        Kind::Range(bound) => range(place, bound, source),
        Kind::MultiRange(bound) => format!("{{{}}}", range(place, bound, source)),
        Kind::Array(element) => array(place, element, source)?,
        Kind::Figure(name) => figure(name, source),
        Kind::Lexemes => lexeme(source),
        Kind::Xml => format!("<note>{}</note>", 1 + source.below(1 << 40)),
    })
}

/// How many values there are; `None` for no end of them.
pub(super) fn capacity(place: Place<'_>) -> Option<u128> {
    let mut source = Source::measuring();
    value(place, &mut source)?;
    source.capacity()
}

fn label(labels: &[String], facts: &Facts, source: &mut Source) -> Option<String> {
    let allowed: Vec<&String> =
        labels.iter().filter(|label| !facts.none_of.contains(label)).collect();
    allowed.get(source.index(allowed.len())).map(|label| (*label).clone())
}

/// A number of units between the bounds that are known, else between those that are usual.
fn number(place: Place<'_>, scalar: &Scalar, source: &mut Source) -> i128 {
    let read = |bounds: &[(String, bool)], strict: i128| -> Vec<i128> {
        let bound = |(text, is_strict): &(String, bool)| {
            scalar.read(text).map(|bound| if *is_strict { bound + strict } else { bound })
        };
        bounds.iter().filter_map(bound).collect()
    };
    let least = read(&place.facts.least, 1).into_iter().chain(place.floor).max();
    let most = read(&place.facts.most, -1).into_iter().min();
    let usual = usual(place.column, scalar, place.today);
    let spread = usual.1 - usual.0;
    let (least, most) = match (least, most) {
        (Some(least), Some(most)) => (least, most),
        (Some(least), None) if source.counts() => (least, scalar.most),
        (None, None) if source.counts() => (usual.0, scalar.most),
        (Some(least), None) if least <= usual.0 => (usual.0, usual.1),
        (Some(least), None) => (least, least + follow(scalar, spread)),
        (None, Some(most)) if most >= usual.1 => usual,
        (None, Some(most)) => ((most - spread).max(usual.0.min(most)), most),
        (None, None) => usual,
    };
    let least = least.clamp(scalar.least, scalar.most);
    let most = most.clamp(least, scalar.most);
    let drawn =
        least + i128::try_from(source.below((most - least + 1).unsigned_abs())).unwrap_or(0);
    let excluded = place.facts.none_of.iter().any(|text| scalar.read(text) == Some(drawn));
    if excluded { if drawn < most { drawn + 1 } else { least } } else { drawn }
}

/// How far a value lies behind the one that it follows.
fn follow(scalar: &Scalar, spread: i128) -> i128 {
    match scalar.unit {
        Unit::Day => 60,
        Unit::Second { .. } => 14 * 86_400,
        _ => spread,
    }
}

/// The range in which people expect a value of this name, in units.
fn usual(column: &str, scalar: &Scalar, today: NaiveDate) -> (i128, i128) {
    let name = column.to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    let to_come = has(&["until", "end", "due", "expire", "valid_to", "next_"]);
    let day = days(today);
    let (least, most) = match scalar.unit {
        Unit::One | Unit::Decimal(_) => {
            let (least, most) = if has(&["year"]) {
                (1990, today.year().into())
            } else if has(&["age"]) {
                (18, 90)
            } else if has(&["percent", "rate", "latitude", "lat"]) {
                (0, 90)
            } else if has(&["rating", "score", "stars", "level", "priority"]) {
                (1, 5)
            } else if has(&["quantity", "count", "seats", "capacity"]) {
                (1, 200)
            } else {
                (1, 1_000)
            };
            (least * scalar.step(), most * scalar.step())
        }
        Unit::Day if has(&["birth", "born"]) => (day - 25_000, day - 6_600),
        Unit::Day if to_come => (day + 1, day + 365),
        Unit::Day => (day - 730, day),
        Unit::Second { .. } if to_come => (day * 86_400, (day + 365) * 86_400),
        Unit::Second { .. } => ((day - 365) * 86_400, day * 86_400),
        Unit::SecondOfDay { .. } => (7 * 3_600, 20 * 3_600),
        Unit::Elapsed => (60, 2 * 86_400),
    };
    let least = least.clamp(scalar.least, scalar.most);
    (least, most.clamp(least, scalar.most))
}

/// A range of a few steps; counted ones lie side by side.
fn range(place: Place<'_>, bound: &Scalar, source: &mut Source) -> String {
    let (first, last) = usual(place.column, bound, place.today);
    let step = bound.step().max(1);
    let (lower, length) = if let Some(number) = source.rest() {
        let room = (bound.most - first) / step;
        let slot = i128::try_from(number).unwrap_or(i128::MAX) % room.max(1);
        (first + slot * step, step)
    } else {
        let offset = i128::try_from(source.below((last - first + 1).unsigned_abs()));
        let length = i128::try_from(1 + source.below(10)).unwrap_or(1);
        (first + offset.unwrap_or(0), length * step)
    };
    format!("[\"{}\",\"{}\")", bound.show(lower), bound.show(lower + length))
}

fn array(place: Place<'_>, element: &Kind, source: &mut Source) -> Option<String> {
    let most = place.facts.longest.unwrap_or(3).min(3).max(place.facts.shortest.unwrap_or(1));
    let least = place.facts.shortest.unwrap_or(1).min(most);
    let count = if source.counts() { most.max(1) } else { least + source.index(most - least + 1) };
    let facts = Facts { one_of: place.facts.elements.clone(), ..Facts::default() };
    let place = Place { kind: element, facts: &facts, floor: None, ..place };
    let elements: Option<Vec<String>> = (0..count).map(|_| value(place, source)).collect();
    let quoted = elements?
        .into_iter()
        .map(|text| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")));
    Some(format!("{{{}}}", quoted.collect::<Vec<_>>().join(",")))
}

fn json(place: Place<'_>, source: &mut Source) -> String {
    let rank = 1 + source.below(100);
    let number = source.rest().unwrap_or_else(|| source.below(1_000));
    match place.facts.shape.as_deref() {
        Some("array") => format!("[{rank}, {number}]"),
        Some("string") => format!("\"{rank} {number}\""),
        Some("number") => format!("{rank}{number:03}"),
        Some("boolean") => rank.is_multiple_of(2).to_string(),
        _ => format!("{{\"rank\": {rank}, \"number\": {number}}}"),
    }
}

/// An address of the ranges that are kept for documentation, or of hardware that nobody has made.
fn network(address: Address, source: &mut Source) -> String {
    let last = 1 + source.below(250);
    let rest = source.rest().unwrap_or_default() % (1 << 24);
    match address {
        Address::Host if rest == 0 => format!("192.0.2.{last}"),
        Address::Host => format!("2001:db8::{:x}:{:x}:{last:x}", rest >> 16, rest & 0xffff),
        Address::Network => format!("2001:db8:{last:x}:{:x}:{:x}::/80", rest >> 16, rest & 0xffff),
        Address::Hardware | Address::Hardware8 => {
            let bytes = [rest >> 16 & 0xff, rest >> 8 & 0xff, rest & 0xff, last];
            let bytes = bytes.map(|byte| format!("{byte:02x}")).join(":");
            let start = if address == Address::Hardware { "02:00" } else { "02:00:00:00" };
            format!("{start}:{bytes}")
        }
    }
}

fn bits(length: usize, varying: bool, facts: &Facts, source: &mut Source) -> String {
    let least = facts.shortest.unwrap_or(usize::from(varying));
    let length = if varying && !source.counts() {
        least + source.index(length.saturating_sub(least) + 1)
    } else {
        length
    };
    (0..length).map(|_| if source.below(2) == 1 { '1' } else { '0' }).collect()
}

fn figure(name: &str, source: &mut Source) -> String {
    let (x, y) = (source.below(1_000), source.below(1_000));
    let other = (x + 1 + source.below(50), y + 1 + source.below(50));
    match name {
        "point" => format!("({x},{y})"),
        "circle" => format!("<({x},{y}),{}>", other.0 - x),
        "line" => format!("{{1,{},{y}}}", x + 1),
        _ => format!("(({x},{y}),({},{}))", other.0, other.1),
    }
}

fn lexeme(source: &mut Source) -> String {
    let words = ["amber", "cedar", "delta", "harbour", "meadow", "ridge", "silver", "willow"];
    let word = words[source.index(words.len())];
    match source.rest() {
        Some(number) => format!("{word}{number}"),
        None => word.to_owned(),
    }
}
