//! Emptying a database in the transaction that fills it again.

use dbkit::Literal;

use crate::manifest::Extension;

const CLEAR: &str = include_str!("clear.sql");

/// Where the extensions stand in it that may stay.
const KEPT: &str = "/*kept*/";

/// The statement that empties a database, except for extensions that are among `extensions` as they are.
pub(super) fn sql(extensions: &[Extension]) -> String {
    let pair = |extension: &Extension| {
        format!("ARRAY[{}, {}]", Literal(&extension.name), Literal(&extension.version))
    };
    let mut pairs: Vec<_> = extensions.iter().map(pair).collect();
    // A list must not be empty, and no extension has no name.
    pairs.push("ARRAY['', '']".to_owned());
    CLEAR.replace(KEPT, &pairs.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_stay_is_named_with_its_version() {
        let extension = Extension { name: "it's".to_owned(), version: "1.1".to_owned() };
        let sql = sql(&[extension]);
        assert!(sql.contains("IN (ARRAY[E'it''s', E'1.1'], ARRAY['', ''])"), "{sql}");
        assert!(!sql.contains(KEPT));
    }
}
