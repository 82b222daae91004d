//! Advice on a schema that works: what will be slow, run out, or surprise somebody.
//!
//! Every rule is one question to the catalog and the statistics, so that the size of the data does
//! not matter. Nothing here fails a check.

use sea_orm::{DatabaseConnection, DbErr};

use crate::{
    Finding, Severity,
    bounded::{Bounded, Limits, Reply},
};

/// A rule: a question whose rows have a subject and a sentence.
struct Rule {
    check: &'static str,
    severity: Severity,
    question: &'static str,
}

/// A delete or a key change in the other table reads the whole of this one.
const FOREIGN_KEY: Rule = Rule {
    check: "advice.foreign_key_without_index",
    severity: Severity::Warning,
    question: include_str!("advice/foreign_key_without_index.sql"),
};

/// Numbers run out at 32767 and 2147483647, and then every insert fails.
const KEY_RANGE: Rule = Rule {
    check: "advice.key_range",
    severity: Severity::Warning,
    question: include_str!("advice/key_range.sql"),
};

/// Writers pay for every index.
const UNUSED: Rule = Rule {
    check: "advice.unused_index",
    severity: Severity::Warning,
    question: include_str!("advice/unused_index.sql"),
};

/// Two indexes serve the same queries.
const DUPLICATE: Rule = Rule {
    check: "advice.duplicate_index",
    severity: Severity::Warning,
    question: include_str!("advice/duplicate_index.sql"),
};

/// One index serves all the queries of a smaller one.
const PREFIX: Rule = Rule {
    check: "advice.prefix_index",
    severity: Severity::Info,
    question: include_str!("advice/prefix_index.sql"),
};

/// The same value is another instant for every session.
const TIMESTAMP: Rule = Rule {
    check: "advice.timestamp_without_zone",
    severity: Severity::Warning,
    question: include_str!("advice/timestamp_without_zone.sql"),
};

/// Rows cannot be told apart, and logical replication refuses to change them.
const PRIMARY_KEY: Rule = Rule {
    check: "advice.no_primary_key",
    severity: Severity::Warning,
    question: include_str!("advice/no_primary_key.sql"),
};

const RULES: [Rule; 7] =
    [FOREIGN_KEY, KEY_RANGE, UNUSED, DUPLICATE, PREFIX, TIMESTAMP, PRIMARY_KEY];

/// Advice on the schema of the database behind `db`. Reads the catalog and the statistics only.
pub async fn check(db: &DatabaseConnection, limits: Limits) -> Result<Vec<Finding>, DbErr> {
    let bounded = Bounded::new(db, limits);
    let mut findings = Vec::new();
    for rule in &RULES {
        findings.extend(rule.check(&bounded).await?);
    }
    Ok(findings)
}

impl Rule {
    async fn check(&self, bounded: &Bounded<'_>) -> Result<Vec<Finding>, DbErr> {
        let rows = match bounded.ask(self.question).await? {
            Reply::Rows(rows) => rows,
            Reply::NotNow(why) => {
                let message = format!("not checked: {why}");
                return Ok(vec![Finding::info(self.check, "the schema", message)]);
            }
        };
        let findings = rows.iter().map(|row| {
            Ok(Finding {
                severity: self.severity,
                check: self.check,
                subject: row.try_get_by_index(0)?,
                message: row.try_get_by_index(1)?,
                hint: row.try_get_by_index(2)?,
            })
        });
        findings.collect()
    }
}
