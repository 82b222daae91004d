//! Reading what a migration sends, as far as it takes to tell its statements apart.
//!
//! This is no parser: it knows where strings, names and comments end, so that a semicolon or a
//! keyword within them means nothing.

/// One statement of a text that may hold several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sql {
    /// As it was sent, without what surrounds it.
    pub(crate) text: String,
    /// Its words and names. What was not quoted is in lower case; strings are left out.
    pub(crate) words: Vec<String>,
}

impl Sql {
    /// Whether it begins with one of these words.
    pub(crate) fn begins_with(&self, words: &[&str]) -> bool {
        self.words.first().is_some_and(|first| words.contains(&first.as_str()))
    }

    /// Whether one of these words is in it.
    pub(crate) fn has(&self, words: &[&str]) -> bool {
        self.words.iter().any(|word| words.contains(&word.as_str()))
    }
}

/// Takes a text apart at its semicolons.
pub(crate) fn split(text: &str) -> Vec<Sql> {
    let mut statements = Vec::new();
    let (mut start, mut at, mut words) = (0, 0, Vec::new());
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = match first {
            ';' => {
                finish(&mut statements, &text[start..at], &mut words);
                start = at + 1;
                1
            }
            '"' => {
                let length = until_quote(rest, '"');
                words.push(rest[1..length].trim_end_matches('"').replace("\"\"", "\""));
                length
            }
            '\'' => until_quote(rest, '\''),
            '$' => dollar_quoted(rest).unwrap_or(1),
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => comment(rest),
            _ if is_word(first) => word(rest, &mut words),
            other => other.len_utf8(),
        };
        at += length;
    }
    finish(&mut statements, &text[start..], &mut words);
    statements
}

fn finish(statements: &mut Vec<Sql>, text: &str, words: &mut Vec<String>) {
    let words = std::mem::take(words);
    if !words.is_empty() {
        statements.push(Sql { text: text.trim().to_owned(), words });
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Takes one word, or a string such as `E'it\'s'`, which a word introduces.
fn word(text: &str, words: &mut Vec<String>) -> usize {
    let length = text.find(|c: char| !is_word(c) && c != '$').unwrap_or(text.len());
    let word = text[..length].to_lowercase();
    if word == "e" && text[length..].starts_with('\'') {
        return length + escaped(&text[length..]);
    }
    words.push(word);
    length
}

/// The length of what is quoted; a doubled quote is part of it, as it begins the next one.
fn until_quote(text: &str, quote: char) -> usize {
    let mut at = 1;
    while let Some(end) = text[at..].find(quote) {
        at += end + 1;
        if !text[at..].starts_with(quote) {
            return at;
        }
        at += 1;
    }
    text.len()
}

/// The length of a string in which a backslash hides what follows it.
fn escaped(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => drop(characters.next()),
            '\'' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of `$tag$ … $tag$`; nothing where it is something else, such as `$1`.
fn dollar_quoted(text: &str) -> Option<usize> {
    let tag = &text[..text[1..].find('$')? + 2];
    let name = &tag[1..tag.len() - 1];
    let valid = name.chars().all(is_word) && !name.starts_with(|c: char| c.is_ascii_digit());
    valid.then(|| text[tag.len()..].find(tag).map_or(text.len(), |end| end + 2 * tag.len()))
}

/// The length of a comment, which may hold others.
fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
        if depth == 0 {
            break;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        split(text).into_iter().map(|statement| statement.text).collect()
    }

    #[test]
    fn only_a_semicolon_between_statements_ends_one() {
        assert_eq!(texts("SELECT 1; SELECT 2;\n"), ["SELECT 1", "SELECT 2"]);
        for one in [
            "SELECT ';', 'it''s;', E'\\';', \";\"",
            "DO $$ BEGIN; END; $$",
            "DO $a$ $$;$$ ; $a$",
            "SELECT 1 -- ; 'x",
            "SELECT 1 /* ; /* ; */ ' */",
            "SELECT $1, a$b$c",
        ] {
            assert_eq!(texts(one), [one]);
        }
        assert_eq!(texts(" ; -- nothing\n ; "), [""; 0]);
        assert_eq!(texts("SELECT 'never closed; SELECT 1").len(), 1);
    }

    #[test]
    fn words_are_in_lower_case_and_names_as_they_are() {
        let [statement] =
            split("ALTER TABLE \"My \"\"t\" RENAME TO b -- delete").try_into().unwrap();
        assert_eq!(statement.words, ["alter", "table", "My \"t", "rename", "to", "b"]);
        assert!(statement.begins_with(&["alter"]) && statement.has(&["rename"]));
    }
}
