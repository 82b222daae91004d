//! Which relation a CONCURRENTLY statement is about.

use std::{iter::Peekable, str::Chars};

/// The relation that `CREATE INDEX`, `DROP INDEX` or `REINDEX` … `CONCURRENTLY` names: the table, or
/// the index where the table is not named; its schema, where that is named, and its name.
pub(super) fn relation(statement: &str) -> Option<(Option<String>, String)> {
    let words = words(statement);
    let is = |index: usize, word: &str| words.get(index).is_some_and(|found| found.is(word));
    let concurrently = words.iter().position(|word| word.is("concurrently"))?;
    let after_if = |offset: usize| {
        let mut at = concurrently + 1;
        if is(at, "if") {
            at += offset;
        }
        at
    };
    if is(0, "create") && (is(1, "index") || is(1, "unique") && is(2, "index")) {
        let on = words.iter().position(|word| word.is("on"))?;
        let only = usize::from(is(on + 1, "only"));
        return name(&words, on + 1 + only);
    }
    if is(0, "drop") && is(1, "index") {
        return name(&words, after_if(2));
    }
    let one =
        is(0, "reindex") && words[..concurrently].iter().any(|w| w.is("table") || w.is("index"));
    if one { name(&words, concurrently + 1) } else { None }
}

/// A word of a statement: a name as PostgreSQL reads it, or a sign.
struct Word {
    text: String,
    quoted: bool,
}

impl Word {
    fn is(&self, keyword: &str) -> bool {
        !self.quoted && self.text == keyword
    }
}

fn name(words: &[Word], at: usize) -> Option<(Option<String>, String)> {
    let first = words.get(at)?.text.clone();
    if words.get(at + 1).is_some_and(|word| word.is(".")) {
        return Some((Some(first), words.get(at + 2)?.text.clone()));
    }
    Some((None, first))
}

fn words(statement: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut rest = statement.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            '"' => words.push(Word { text: quoted(&mut rest), quoted: true }),
            letter if letter.is_alphanumeric() || letter == '_' => {
                let text = bare(letter, &mut rest);
                words.push(Word { text, quoted: false });
            }
            blank if blank.is_whitespace() => {}
            sign => words.push(Word { text: sign.to_string(), quoted: false }),
        }
    }
    words
}

fn quoted(rest: &mut Peekable<Chars<'_>>) -> String {
    let mut text = String::new();
    while let Some(next) = rest.next() {
        if next == '"' && rest.next_if_eq(&'"').is_none() {
            break;
        }
        text.push(next);
    }
    text
}

fn bare(first: char, rest: &mut Peekable<Chars<'_>>) -> String {
    let mut text = String::from(first);
    while let Some(next) = rest.next_if(|c| c.is_alphanumeric() || matches!(c, '_' | '$')) {
        text.push(next);
    }
    text.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_an_index_is_named_however_it_is_written() {
        let named = |statement| {
            relation(statement)
                .map(|(schema, name)| format!("{}|{name}", schema.unwrap_or_default()))
        };
        for (statement, expected) in [
            ("CREATE INDEX CONCURRENTLY a_idx ON a (id)", Some("|a")),
            (
                "create unique index concurrently if not exists x on only app.\"A b\" (id)",
                Some("app|A b"),
            ),
            ("CREATE INDEX CONCURRENTLY ON \"say \"\"hi\"\"\" (id)", Some("|say \"hi\"")),
            ("DROP INDEX CONCURRENTLY IF EXISTS app.A_idx", Some("app|a_idx")),
            ("DROP INDEX CONCURRENTLY \"on\"", Some("|on")),
            ("REINDEX (VERBOSE) TABLE CONCURRENTLY a", Some("|a")),
            ("REINDEX SCHEMA CONCURRENTLY app", None),
            ("CREATE INDEX a_idx ON a (id)", None),
            ("SELECT 'CONCURRENTLY'", None),
            ("CREATE INDEX CONCURRENTLY", None),
        ] {
            assert_eq!(named(statement).as_deref(), expected, "{statement}");
        }
    }
}
