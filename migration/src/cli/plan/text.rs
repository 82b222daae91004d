//! A plan as people read it.

use std::fmt::Write as _;

use backup::command::size;
use migration_engine::{
    Blocker, Losses, TableSize,
    event::Direction,
    ledger::unlocked::Source,
    rehearsal::{Lock, Step},
};
use terminal::Answer;

use super::Planned;

impl Answer for Planned {
    const SCHEMA: &'static str = "seaworthy/migration.plan/1";

    fn text(&self) -> String {
        let source = told(&self.ledger);
        let way = match self.direction {
            Direction::Up => "apply",
            Direction::Down => "roll back",
        };
        if self.steps.is_empty() {
            return format!("{source}Nothing to {way} in {}", self.database);
        }
        let steps: String = self.steps.iter().map(step).collect();
        let (count, database) = (self.steps.len(), &self.database);
        format!(
            "{source}{steps}This would {way} {count} migration(s) in {database}. Nothing was changed."
        )
    }
}

/// One line where the ledger itself could not be read.
fn told(source: &Source) -> String {
    let Source::Mirror { blockers } = source else { return String::new() };
    let by: Vec<_> = blockers.iter().map(holder).collect();
    let by = if by.is_empty() { String::new() } else { format!(" by {}", by.join(" and ")) };
    format!("The ledger is locked{by}; this is what our last run left.\n\n")
}

fn holder(blocker: &Blocker) -> String {
    let user = blocker.user.as_deref().unwrap_or("another role");
    match blocker.application.as_deref().filter(|name| !name.is_empty()) {
        Some(application) => format!("pid {} ({application} of {user})", blocker.pid),
        None => format!("pid {} (of {user})", blocker.pid),
    }
}

fn step(step: &Step) -> String {
    let way = match step.direction {
        Direction::Up => "apply",
        Direction::Down => "roll back",
    };
    let how = if step.transactional { "in one transaction" } else { "outside a transaction" };
    let mut text = format!("{way} {}, {how}\n\n", step.name);
    for statement in &step.statements {
        let _ = writeln!(text, "{}\n", sql(statement));
    }
    if step.statements.is_empty() {
        text.push_str("    -- it sends nothing\n\n");
    }
    list(&mut text, "locks", strongest_first(&step.locks).map(lock));
    let rewritten = step.rewritten.iter();
    list(&mut text, "rewrites", rewritten.map(|table| sized(&table.relation, table.size)));
    list(&mut text, "takes away", taken(&step.losses).into_iter());
    let changing = step.losses.data.iter().filter_map(|sql| sql.lines().next());
    list(&mut text, "may change rows", changing.map(str::to_owned));
    text.push('\n');
    text
}

/// A statement as it is sent, indented, with the semicolon that ends it.
fn sql(statement: &str) -> String {
    let lines = statement.trim().lines();
    let lines =
        lines.map(|line| if line.is_empty() { String::new() } else { format!("    {line}") });
    let text = lines.collect::<Vec<_>>().join("\n");
    if text.ends_with(';') { text } else { format!("{text};") }
}

fn list(text: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let mut lead = format!("  {title}:");
    for line in lines {
        let _ = writeln!(text, "{lead} {line}");
        lead = " ".repeat(lead.len());
    }
}

fn strongest_first(locks: &[Lock]) -> impl Iterator<Item = &Lock> {
    let mut locks: Vec<_> = locks.iter().collect();
    locks.sort_by_key(|lock| std::cmp::Reverse(strength(&lock.mode)));
    locks.into_iter()
}

/// <https://www.postgresql.org/docs/current/explicit-locking.html>
const MODES: [(&str, &str); 8] = [
    ("AccessShareLock", "ACCESS SHARE"),
    ("RowShareLock", "ROW SHARE"),
    ("RowExclusiveLock", "ROW EXCLUSIVE"),
    ("ShareUpdateExclusiveLock", "SHARE UPDATE EXCLUSIVE"),
    ("ShareLock", "SHARE"),
    ("ShareRowExclusiveLock", "SHARE ROW EXCLUSIVE"),
    ("ExclusiveLock", "EXCLUSIVE"),
    ("AccessExclusiveLock", "ACCESS EXCLUSIVE"),
];

fn strength(mode: &str) -> Option<usize> {
    MODES.iter().position(|(known, _)| *known == mode)
}

fn lock(lock: &Lock) -> String {
    let mode = strength(&lock.mode).map_or(lock.mode.as_str(), |place| MODES[place].1);
    format!("{mode} on {}", sized(&lock.relation, lock.size))
}

fn sized(relation: &str, size: Option<TableSize>) -> String {
    size.map_or_else(|| relation.to_owned(), |size| format!("{relation} ({})", measure(size)))
}

fn measure(table: TableSize) -> String {
    let rows = table.rows_estimate.map(|rows| format!("~{} rows", grouped(rows)));
    match (table.bytes, rows) {
        (None, None) => "size unknown".to_owned(),
        (Some(0), None) => "empty".to_owned(),
        (Some(bytes), None) => format!("{}, never counted", size(bytes)),
        (None, Some(rows)) => rows,
        (Some(bytes), Some(rows)) => format!("{}, {rows}", size(bytes)),
    }
}

/// A number with a comma before every three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn taken(losses: &Losses) -> Vec<String> {
    let tables = losses.tables.iter().map(|gone| format!("table {} with its rows", gone.table));
    let columns = losses.columns.iter().map(|column| format!("column {column} with its values"));
    let retyped = losses.retyped.iter().map(|retyped| {
        format!("what does not fit of {}: {} becomes {}", retyped.column, retyped.from, retyped.to)
    });
    let others = losses.others.iter().map(|object| format!("{} {}", object.kind, object.name));
    tables.chain(columns).chain(retyped).chain(others).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_told_as_far_as_it_is_known() {
        for (rows_estimate, bytes, expected) in [
            (Some(3_000_000), Some(1_200_000_000), "1.20 GB, ~3,000,000 rows"),
            (None, Some(8_192), "8.19 kB, never counted"),
            (None, Some(0), "empty"),
            (Some(999), None, "~999 rows"),
            (None, None, "size unknown"),
        ] {
            assert_eq!(measure(TableSize { rows_estimate, bytes }), expected);
        }
    }

    #[test]
    fn a_statement_is_indented_and_ends_with_one_semicolon() {
        assert_eq!(sql("\nSELECT 1;\n\n  SELECT 2\n"), "    SELECT 1;\n\n      SELECT 2;");
        assert_eq!(sql("SELECT 1;"), "    SELECT 1;");
    }
}
