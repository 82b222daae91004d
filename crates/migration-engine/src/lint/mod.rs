#![doc = include_str!("rules.md")]

#[cfg(test)]
mod example;
mod file;
mod ignore;
mod postgres;
mod rules;
mod squawk;
mod statement;
mod subject;
mod weight;

use crate::Finding;

pub use postgres::postgres_major;
pub use subject::Subject;

use file::File;
use weight::Harm;

/// One thing that a migration should not do.
struct Rule {
    /// Its name, which `lint-ignore` takes.
    name: &'static str,
    /// What it costs when somebody does it all the same.
    harm: Harm,
    /// What to write instead.
    instead: &'static str,
    /// Finds it.
    check: fn(&File, &Subject) -> Vec<Breach>,
}

/// A place where a migration breaks a rule.
struct Breach {
    /// The table that suffers, where it is known.
    table: Option<String>,
    /// What happens, as one sentence without a full stop.
    message: String,
}

impl Breach {
    fn of(table: &str, message: String) -> Self {
        Self { table: Some(table.to_owned()), message }
    }

    fn general(message: String) -> Self {
        Self { table: None, message }
    }
}

/// What is unsafe in the way up of one migration: the worst first, and in the order of the text
/// where two are as bad.
pub fn lint(subject: &Subject) -> Vec<Finding> {
    let file = File::read(subject.statements);
    let own = rules::RULES.into_iter().flat_map(|rule| {
        let breaches = (rule.check)(&file, subject);
        breaches
            .into_iter()
            .map(|breach| finding(rule.name, rule.harm, rule.instead, &breach, &file, subject))
    });
    let unreadable = file.errors.iter().map(|error| {
        let message =
            format!("a part of its SQL is not understood, and its rules were not applied: {error}");
        Finding::warning("lint.syntax", subject.name, message)
    });
    let mut found: Vec<_> = squawk::check(&file, subject)
        .into_iter()
        .chain(own)
        .filter(|finding| !ignore::silences(subject, finding.check))
        .chain(unreadable)
        .chain(ignore::unknown(subject))
        .collect();
    found.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    found
}

/// The names of all rules that are on, squawk's and our own.
pub fn rule_names() -> Vec<&'static str> {
    squawk::names().chain(rules::RULES.iter().map(|rule| rule.name)).collect()
}

fn finding(
    name: &'static str,
    harm: Harm,
    instead: &str,
    breach: &Breach,
    file: &File,
    subject: &Subject,
) -> Finding {
    let severity = weight::severity(harm, breach.table.as_deref(), file, subject);
    Finding {
        severity,
        check: name,
        subject: subject.name.to_owned(),
        message: breach.message.clone(),
        hint: Some(instead.trim().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_the_rules_is_complete() {
        let text = include_str!("rules.md");
        let rows: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("| `")).collect();
        let documented: Vec<_> = rows.iter().filter_map(|row| row.split('`').next()).collect();
        let mut expected = rule_names();
        assert_eq!(expected.len(), documented.len());
        expected.retain(|name| !documented.contains(name));
        assert_eq!(expected, Vec::<&str>::new());
    }

    #[test]
    fn the_worst_comes_first() {
        let up = ["CREATE TABLE t (id int REFERENCES users)", "UPDATE users SET a = 1"];
        let found = example::lint(&up);
        let severities: Vec<_> = found.iter().map(|finding| finding.severity.to_string()).collect();
        assert_eq!(severities, ["error", "warning"], "{found:?}");
    }
}
