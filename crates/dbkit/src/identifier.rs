//! The one place where a name becomes part of an SQL text.

use std::fmt;

/// A name, quoted so that PostgreSQL reads it as exactly that name.
///
/// Values are bound; names cannot be, so they pass through here.
#[derive(Clone, Copy, Debug)]
pub struct Identifier<'a>(pub &'a str);

impl fmt::Display for Identifier<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.replace('"', "\"\""))
    }
}

/// A string, quoted for the statements that take no parameters (`COMMENT`, `SET`, `CREATE ROLE`).
#[derive(Clone, Copy, Debug)]
pub struct Literal<'a>(pub &'a str);

impl fmt::Display for Literal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // E'' strings mean the same under either setting of standard_conforming_strings.
        write!(f, "E'{}'", self.0.replace('\\', "\\\\").replace('\'', "''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_stays_one_name() {
        assert_eq!(
            Identifier(r#"a"; DROP TABLE users; --"#).to_string(),
            r#""a""; DROP TABLE users; --""#
        );
    }

    #[test]
    fn a_hostile_string_stays_one_string() {
        assert_eq!(Literal(r"a\'; --").to_string(), r"E'a\\''; --'");
    }
}
