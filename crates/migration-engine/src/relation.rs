//! Names of tables and columns, as a snapshot writes them and as SQL wants them.

use std::fmt;

use dbkit::Identifier;
use serde::Serialize;

/// A table's schema and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct TableName {
    /// Its schema.
    pub schema: String,
    /// Its name within the schema.
    pub name: String,
}

/// A table's column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ColumnName {
    /// The table.
    #[serde(flatten)]
    pub table: TableName,
    /// The column's name.
    pub column: String,
}

impl TableName {
    /// Reads `schema.table` as `format('%I.%I')` writes it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let [schema, name] = parts(text).try_into().ok()?;
        Some(Self { schema, name })
    }

    /// Quoted for SQL.
    pub(crate) fn quoted(&self) -> String {
        format!("{}.{}", Identifier(&self.schema), Identifier(&self.name))
    }
}

impl ColumnName {
    /// Reads `schema.table.column` as `format('%I.%I.%I')` writes it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let [schema, name, column] = parts(text).try_into().ok()?;
        Some(Self { table: TableName { schema, name }, column })
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

impl fmt::Display for ColumnName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.table, self.column)
    }
}

/// What stands between the dots, without the quotes.
fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                push(&mut parts, '"');
            }
            '"' => quoted = !quoted,
            '.' if !quoted => parts.push(String::new()),
            other => push(&mut parts, other),
        }
    }
    parts
}

fn push(parts: &mut [String], character: char) {
    if let Some(last) = parts.last_mut() {
        last.push(character);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_or_a_quote_in_a_name_is_part_of_it() {
        assert_eq!(parts("public.users"), ["public", "users"]);
        assert_eq!(parts(r#"public."a.b"."say ""x""""#), ["public", "a.b", r#"say "x""#]);
        assert_eq!(TableName::parse("public"), None);
        let table = TableName::parse(r#"public."a.""b""#).unwrap();
        assert_eq!(table.quoted(), r#""public"."a.""b""#);
    }
}
