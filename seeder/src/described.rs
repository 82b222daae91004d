//! Rows as the engine describes them, taken apart again.

use std::collections::BTreeMap;

/// A row of one of our seeds.
#[derive(Clone, Debug)]
pub(crate) struct Described {
    pub(crate) table: &'static str,
    /// Values as SQL literals, without quotes.
    pub(crate) values: BTreeMap<String, String>,
}

impl Described {
    /// Takes `column=value column=value …` apart.
    pub(crate) fn new(table: &'static str, text: &str) -> Self {
        let mut values = BTreeMap::new();
        let (mut word, mut quoted, mut escaped) = (String::new(), false, false);
        for c in text.chars().chain([' ']) {
            match c {
                ' ' if !quoted => {
                    if let Some((column, value)) = word.split_once('=') {
                        values.insert(column.to_owned(), value.to_owned());
                    }
                    word.clear();
                }
                '\'' if !escaped => quoted = !quoted,
                _ => word.push(c),
            }
            escaped = c == '\\' && !escaped;
        }
        Self { table, values }
    }

    /// The values of `columns`; none where one of them is null.
    pub(crate) fn key(&self, columns: &[&str]) -> Option<String> {
        let value = |column: &&str| self.values.get(*column).filter(|value| *value != "NULL");
        let values: Option<Vec<&String>> = columns.iter().map(value).collect();
        values.map(|values| values.iter().map(|value| value.as_str()).collect::<Vec<_>>().join(" "))
    }
}
