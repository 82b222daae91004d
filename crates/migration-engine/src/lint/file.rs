//! All statements of a migration as one text, as a linter wants to read them.

use std::collections::BTreeSet;

use super::statement::{self, Kind, Statement};

/// All statements of a migration.
pub(super) struct File {
    /// The text of them all.
    pub(super) text: String,
    /// The statements, in order.
    pub(super) statements: Vec<Statement>,
    /// What cannot be read.
    pub(super) errors: Vec<String>,
    /// The tables that the migration itself creates, as `schema.table`.
    pub(super) created: BTreeSet<String>,
    /// Where each of the texts that were sent begins.
    sent: Vec<usize>,
}

impl File {
    /// Reads what a migration sends; one text may hold several statements.
    pub(super) fn read(sent: &[String]) -> Self {
        let (mut text, mut starts) = (String::new(), Vec::new());
        for one in sent {
            starts.push(text.len());
            text.push_str(one.trim_end().trim_end_matches(';'));
            // On a line of its own, since the last line may end in a comment.
            text.push_str("\n;\n");
        }
        let (statements, errors) = statement::read(&text);
        let created = statements
            .iter()
            .filter_map(|statement| match &statement.kind {
                Kind::CreateTable { table, .. } => Some(table.clone()),
                _ => None,
            })
            .collect();
        Self { text, statements, errors, created, sent: starts }
    }

    /// Whether the table was there before the migration.
    pub(super) fn is_old(&self, table: &str) -> bool {
        !self.created.contains(table)
    }

    /// The statement at this place of the text.
    pub(super) fn at(&self, place: usize) -> Option<&Statement> {
        self.statements.iter().rev().find(|statement| statement.start <= place)
    }

    /// The places of the statements of one text that was sent.
    pub(super) fn places(&self, sent: usize) -> impl Iterator<Item = usize> {
        let from = self.sent.get(sent).copied().unwrap_or(usize::MAX);
        let to = self.sent.get(sent + 1).copied().unwrap_or(usize::MAX);
        self.statements
            .iter()
            .enumerate()
            .filter(move |(_, statement)| (from..to).contains(&statement.start))
            .map(|(place, _)| place)
    }
}
