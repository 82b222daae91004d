//! Reading the `//!` lines at the top of a file.

use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::{Metadata, entity_import, value};

const KEYS: [&str; 6] =
    ["depends-on", "irreversible", "pre-check", "post-check", "lock-budget", "lint-ignore"];

/// Two slips of the pen; `Note:` and `Example:` are further away from every key.
const NEAR: usize = 2;

/// A header line that says nothing that we understand, though it was meant to.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{name}.rs` line {line}: {problem}")]
pub struct HeaderError {
    /// The migration.
    pub name: String,
    /// The line in its file, counted from one.
    pub line: usize,
    /// What is wrong with the line.
    pub problem: Problem,
}

/// What is wrong with a header line.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Problem {
    /// It is nearly a key.
    #[error("`{0}:` is no key; did you mean `{1}:`?")]
    Key(String, &'static str),
    /// Nothing stands after the colon.
    #[error("`{0}:` says nothing")]
    Empty(&'static str),
    /// A key that may come once came before.
    #[error("`{0}:` was said before")]
    Twice(&'static str),
    /// No name of a migration.
    #[error("`{0}` cannot be a migration; names are separated by commas")]
    Name(String),
    /// No query.
    #[error("`{0}` is no query; a check starts with SELECT")]
    Query(String),
    /// No time.
    #[error("`{0}` is no time to wait; write 500ms, 2s or 1min")]
    Duration(String),
    /// No name of a rule.
    #[error("`{0}` cannot be a rule; write `lint-ignore: rule why`")]
    Rule(String),
    /// A rule without a reason.
    #[error("`{0}` is ignored without a reason; write `lint-ignore: {0} why`")]
    NoReason(String),
}

/// Reads the header of the migration `name`, whose file contains `source`.
pub fn parse(name: &str, source: &str) -> Result<Metadata, HeaderError> {
    let source = source.replace("\r\n", "\n");
    let mut metadata = Metadata {
        name: name.to_owned(),
        imports_entity: entity_import::found_in(&source),
        source_sha256: sha256(&source),
        ..Metadata::default()
    };
    for (index, text) in header(&source) {
        read_line(&mut metadata, text).map_err(|problem| HeaderError {
            name: name.to_owned(),
            line: index + 1,
            problem,
        })?;
    }
    Ok(metadata)
}

/// The lines of the first comment, with their places in the file.
fn header(source: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = source.lines().enumerate();
    lines
        .take_while(|(_, line)| line.trim().is_empty() || line.starts_with("//!"))
        .filter_map(|(index, line)| Some((index, line.strip_prefix("//!")?.trim())))
}

fn read_line(metadata: &mut Metadata, text: &str) -> Result<(), Problem> {
    let Some((key, value)) = text.split_once(':') else { return Ok(()) };
    let Some(key) = known(key)? else { return Ok(()) };
    let value = value.trim();
    if value.is_empty() {
        return Err(Problem::Empty(key));
    }
    match key {
        "depends-on" => metadata.depends_on.extend(value::names(value)?),
        "irreversible" => once(key, &mut metadata.irreversible, value.to_owned())?,
        "pre-check" => metadata.pre_checks.push(value::query(value)?),
        "post-check" => metadata.post_checks.push(value::query(value)?),
        "lock-budget" => once(key, &mut metadata.lock_budget, value::duration(value)?)?,
        _ => metadata.lint_ignore.push(value::lint_ignore(value)?),
    }
    Ok(())
}

/// The key that this is; none where it is prose.
fn known(key: &str) -> Result<Option<&'static str>, Problem> {
    if let Some(known) = KEYS.into_iter().find(|known| *known == key) {
        return Ok(Some(known));
    }
    let spelled = key.trim().to_lowercase().replace([' ', '_'], "-");
    let near = |known: &&str| strsim::damerau_levenshtein(&spelled, known) <= NEAR;
    match KEYS.into_iter().find(near) {
        Some(near) => Err(Problem::Key(key.to_owned(), near)),
        None => Ok(None),
    }
}

fn once<T>(key: &'static str, place: &mut Option<T>, value: T) -> Result<(), Problem> {
    match place.replace(value) {
        Some(_) => Err(Problem::Twice(key)),
        None => Ok(()),
    }
}

fn sha256(text: &str) -> String {
    use std::fmt::Write as _;

    Sha256::digest(text).iter().fold(String::new(), |mut digits, byte| {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const EXAMPLE: &str = "\
//! Adds a room. Note: it may be empty.
//!
//! depends-on: m20260101_000000_a, m20260102_000000_b
//! depends-on: m20260103_000000_c
//! pre-check: SELECT count(*) = 0 FROM rooms
//! post-check: SELECT to_regclass('rooms') IS NOT NULL;
//! lock-budget: 500ms
//! lint-ignore: ban-drop-column nobody reads it
//! irreversible: the old values are gone

use sea_orm_migration::prelude::*;
";

    fn problem(line: &str) -> Option<String> {
        parse("m1", &format!("//! Title\n//!\n//! {line}\n")).err().map(|error| error.to_string())
    }

    #[test]
    fn a_header_says_what_the_migration_needs() {
        let metadata = parse("m20260104_000000_d", EXAMPLE).unwrap();
        assert_eq!(metadata.name, "m20260104_000000_d");
        assert_eq!(
            metadata.depends_on,
            ["m20260101_000000_a", "m20260102_000000_b", "m20260103_000000_c"]
        );
        assert_eq!(metadata.pre_checks, ["SELECT count(*) = 0 FROM rooms"]);
        assert_eq!(metadata.post_checks, ["SELECT to_regclass('rooms') IS NOT NULL"]);
        assert_eq!(metadata.lock_budget, Some(Duration::from_millis(500)));
        assert_eq!(metadata.lint_ignore[0].why, "nobody reads it");
        assert_eq!(metadata.irreversible.as_deref(), Some("the old values are gone"));
        assert!(!metadata.imports_entity);
    }

    #[test]
    fn line_ends_do_not_change_the_hash_and_everything_else_does() {
        let unix = parse("m1", EXAMPLE).unwrap();
        let windows = parse("m1", &EXAMPLE.replace('\n', "\r\n")).unwrap();
        assert_eq!(unix, windows);
        assert_eq!(unix.source_sha256.len(), 64);
        let other = parse("m1", &EXAMPLE.replace("a room", "rooms")).unwrap();
        assert_ne!(unix.source_sha256, other.source_sha256);
    }

    #[test]
    fn prose_is_left_alone() {
        for prose in ["Note: x", "It depends on: luck", "See: here", "12:30 is noon", "Fixes: #3"] {
            assert_eq!(problem(prose), None, "{prose}");
        }
        let code = "//! Title\nuse x;\n//! depend-on: below the header\n";
        parse("m1", code).unwrap();
    }

    #[test]
    fn a_key_that_is_nearly_ours_is_an_error_with_file_and_line() {
        assert_eq!(
            problem("depend-on: m1").unwrap(),
            "`m1.rs` line 3: `depend-on:` is no key; did you mean `depends-on:`?"
        );
        for (near, right) in [
            ("Depends-on: a", "depends-on"),
            ("depends_on: a", "depends-on"),
            ("depends on: a", "depends-on"),
            ("post-chekc: SELECT 1", "post-check"),
            ("ireversible: x", "irreversible"),
            ("lint-ignored: x y", "lint-ignore"),
        ] {
            let said = problem(near).unwrap();
            assert!(said.ends_with(&format!("did you mean `{right}:`?")), "{said}");
        }
    }

    #[test]
    fn a_value_that_makes_no_sense_is_an_error() {
        for (line, said) in [
            ("depends-on:", "`depends-on:` says nothing"),
            ("depends-on: a b", "`a b` cannot be a migration; names are separated by commas"),
            ("depends-on: a,,b", "`` cannot be a migration; names are separated by commas"),
            ("pre-check: users", "`users` is no query; a check starts with SELECT"),
            ("lock-budget: soon", "`soon` is no time to wait; write 500ms, 2s or 1min"),
            ("lint-ignore: x", "`x` is ignored without a reason; write `lint-ignore: x why`"),
        ] {
            assert_eq!(problem(line).unwrap(), format!("`m1.rs` line 3: {said}"));
        }
        let twice = parse("m1", "//! irreversible: x\n//! irreversible: y\n").unwrap_err();
        assert_eq!((twice.line, twice.problem), (2, Problem::Twice("irreversible")));
    }
}
