//! Texts: by what the column's name says, within the length and the pattern that its checks ask
//! for, and so that no address or number can belong to a person.

use super::{
    facts::{Case, Facts},
    pattern::Pattern,
    source::Source,
};
use crate::values::{Locale, Topic, by_name};

/// Fewer characters than this are a code and no word.
const CODE: usize = 8;

/// In fewer characters an address has a short domain.
const ROOMY: usize = 24;

/// In fewer characters a URL has one, too.
const LONG: usize = 120;

/// The locales whose texts any encoding of a database can hold.
const LOCALES: [Locale; 4] = [Locale::English, Locale::German, Locale::French, Locale::Spanish];

/// Nothing hashes to it, so nobody can log in.
const UNUSABLE: &str = "!";

/// A text for `column` of `table`, of at most `most` characters.
pub(super) fn text(
    table: &str,
    column: &str,
    facts: &Facts,
    most: Option<usize>,
    source: &mut Source,
) -> String {
    let most = [most, facts.longest].into_iter().flatten().min();
    let topic = by_name(table, column).unwrap_or(Topic::Title);
    // A pattern knows nothing of the addresses that are kept for documentation.
    let pattern = facts.pattern.as_deref().filter(|_| !reaches_people(topic));
    let text = match pattern.and_then(Pattern::parse) {
        Some(pattern) => pattern.make(source),
        None if is_secret(column) && !source.counts() => UNUSABLE.to_owned(),
        None => natural(topic, most, facts.shortest.unwrap_or_default(), source),
    };
    match facts.case {
        Some(Case::Lower) => text.to_lowercase(),
        Some(Case::Upper) => text.to_uppercase(),
        None => text,
    }
}

/// Whether a made-up value might reach somebody.
fn reaches_people(topic: Topic) -> bool {
    matches!(topic, Topic::Email | Topic::Phone | Topic::Url)
}

fn is_secret(column: &str) -> bool {
    let name = column.to_lowercase();
    ["password", "passwd", "secret"].iter().any(|part| name.contains(part))
}

fn natural(topic: Topic, most: Option<usize>, shortest: usize, source: &mut Source) -> String {
    if topic == Topic::Phone {
        return phone(most, source);
    }
    if let Some(length) = most.filter(|length| *length < CODE) {
        return code(topic, length, source);
    }
    let made = match most.filter(|most| *most < LONG && topic == Topic::Url) {
        // A host that is cut off might be somebody's.
        Some(most) => format!(
            "{}x.test/{}",
            if most < CODE * 2 { "" } else { "https://" },
            made(Topic::Slug, source)
        ),
        None => made(topic, source),
    };
    let (stem, end) = match made.split_once('@') {
        Some((name, domain)) if topic == Topic::Email => {
            let is_short = most.is_some_and(|most| most < ROOMY);
            (name, format!("@{}", if is_short { "x.test" } else { domain }))
        }
        _ => (&*made, String::new()),
    };
    let number = source.rest().map_or_else(String::new, |left| numbered(topic, left));
    let room = most.map_or(usize::MAX, |most| most.saturating_sub(number.len() + end.len()));
    let cut: String = stem.chars().take(room).collect();
    padded(cut.trim_end(), shortest.saturating_sub(number.len() + end.len())) + &number + &end
}

fn made(topic: Topic, source: &mut Source) -> String {
    source.draw().map_or_else(String::new, |draw| {
        let locale = *draw.choose(&LOCALES);
        topic.text(draw, locale)
    })
}

/// `number` as the part of a text that makes it the only one.
fn numbered(topic: Topic, number: u128) -> String {
    match topic {
        Topic::Email => format!(".{number}"),
        Topic::Url | Topic::Slug | Topic::Code => format!("-{number}"),
        Topic::UserName => format!("_{number}"),
        _ => format!(" {number}"),
    }
}

/// `text` with letters behind it until it has `length` characters.
fn padded(text: &str, length: usize) -> String {
    let missing = length.saturating_sub(text.chars().count());
    text.chars().chain("abc".chars().cycle().take(missing)).collect()
}

/// A number of the range that is kept for fiction; with more numbers than that has, the area code
/// `555`, which is nobody's.
fn phone(most: Option<usize>, source: &mut Source) -> String {
    let line = 100 + source.below(100);
    let text = match source.rest() {
        None | Some(0) => format!("+1202555{line:04}"),
        Some(left) => format!("+1555{left:05}{:02}", line - 100),
    };
    let surplus = most.map_or(0, |most| text.len().saturating_sub(most));
    text.chars().skip(surplus).collect()
}

/// A short code: a known one where there is any of that length, else letters and digits.
fn code(topic: Topic, length: usize, source: &mut Source) -> String {
    let is_known = matches!(
        topic,
        Topic::Currency | Topic::CountryCode | Topic::LanguageTag | Topic::Postcode | Topic::Colour
    );
    if is_known && !source.counts() {
        return made(topic, source).chars().take(length).collect();
    }
    let characters = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let characters = if topic == Topic::Postcode { &characters[26..] } else { &characters[..] };
    (0..length).map(|_| char::from(characters[source.index(characters.len())])).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{Draw, values::safe};

    fn draw(row: u64) -> Draw {
        Draw::new(42, "people", "text", row)
    }

    fn drawn(column: &str, facts: &Facts, most: Option<usize>, row: u64) -> String {
        text("people", column, facts, most, &mut Source::Drawn(draw(row)))
    }

    const COLUMNS: [&str; 9] =
        ["email", "phone", "website", "first_name", "zip", "slug", "body", "remark", "country"];

    #[test]
    fn lengths_are_kept() {
        for column in COLUMNS.into_iter().filter(|column| *column != "phone") {
            for (shortest, longest) in [(1, 1), (3, 3), (0, 12), (20, 20), (30, 40), (0, 200)] {
                let facts = Facts { shortest: Some(shortest), ..Facts::default() };
                for row in 0..50 {
                    let length = drawn(column, &facts, Some(longest), row).chars().count();
                    assert!((shortest..=longest).contains(&length), "{column}: {length}");
                }
            }
        }
    }

    #[test]
    fn counted_texts_are_all_different() {
        for column in COLUMNS {
            for most in [None, Some(30), Some(12), Some(5)] {
                let made = |number: u32| {
                    let mut source = Source::counting(number.into(), draw(0));
                    text("people", column, &Facts::default(), most, &mut source)
                };
                let texts: BTreeSet<String> = (0..2_000).map(made).collect();
                // Five digits are no phone number, and short of one.
                if !(column == "phone" && most == Some(5)) {
                    assert_eq!(texts.len(), 2_000, "{column} {most:?}");
                }
            }
        }
    }

    #[test]
    fn nobody_can_be_reached() {
        let facts = Facts { pattern: Some("^[a-z]+@gmail[.]com$".to_owned()), ..Facts::default() };
        for row in 0..200 {
            for column in ["email", "work_phone", "homepage"] {
                for most in [None, Some(16)] {
                    let value = drawn(column, &facts, most, row);
                    safe::check_value("people", column, &value).unwrap();
                }
            }
        }
    }
}
