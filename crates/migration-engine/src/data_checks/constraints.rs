//! Rows that break a constraint, whether or not PostgreSQL believes in it.

use sea_orm::{DbErr, QueryResult, TryGetable};

use super::{DataReport, NOT_VALID, ORPHANS};
use crate::{
    Finding,
    bounded::{Bounded, Reply},
};

/// Rows that break a constraint are counted up to this number.
const AT_MOST: i64 = 1000;

/// Tables above this number of rows are looked through only when it is asked for.
const LARGE: i64 = 1_000_000;

/// Every foreign key, and every other constraint that is not validated.
const CONSTRAINTS: &str = include_str!("constraints.sql");

struct Constraint {
    subject: String,
    table: String,
    name: String,
    is_foreign_key: bool,
    is_valid: bool,
    breaks: Option<String>,
    rows: i64,
    validate: String,
    id: i64,
}

pub(super) async fn check(
    bounded: &Bounded<'_>,
    detailed: bool,
    report: &mut DataReport,
) -> Result<(), DbErr> {
    let rows = match bounded.ask(CONSTRAINTS).await? {
        Reply::Rows(rows) => rows,
        Reply::NotNow(why) => {
            let message = format!("not checked: {why}");
            report.findings.push(Finding::info(NOT_VALID, "the constraints", message));
            return Ok(());
        }
    };
    for row in rows {
        let constraint = Constraint::of(&row)?;
        let violators = if constraint.rows > LARGE && !detailed {
            Violators::NotCounted("its table is large; it is counted in a detailed check")
        } else {
            report.constraints += 1;
            constraint.violators(bounded).await?
        };
        report.findings.extend(constraint.finding(violators));
    }
    Ok(())
}

/// The rows that break a constraint.
#[derive(Clone, Copy)]
enum Violators {
    Counted(i64),
    NotCounted(&'static str),
}

impl Constraint {
    fn of(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            subject: row.try_get_by_index(0)?,
            table: row.try_get_by_index(1)?,
            name: row.try_get_by_index(2)?,
            is_foreign_key: row.try_get_by_index(3)?,
            is_valid: row.try_get_by_index(4)?,
            breaks: row.try_get_by_index(5)?,
            rows: row.try_get_by_index(6)?,
            validate: row.try_get_by_index(7)?,
            id: row.try_get_by_index(8)?,
        })
    }

    async fn violators(&self, bounded: &Bounded<'_>) -> Result<Violators, DbErr> {
        let breaks = match &self.breaks {
            Some(condition) => condition.clone(),
            None => match bounded.ask(&self.condition()).await? {
                Reply::Rows(rows) => first(&rows, String::new())?,
                Reply::NotNow(why) => return Ok(Violators::NotCounted(why)),
            },
        };
        if breaks.is_empty() {
            return Ok(Violators::NotCounted("it is gone"));
        }
        let table = &self.table;
        let sql = format!(
            "SELECT count(*) FROM (SELECT FROM {table} r WHERE {breaks} LIMIT {AT_MOST}) v"
        );
        match bounded.ask(&sql).await? {
            Reply::Rows(rows) => first(&rows, 0).map(Violators::Counted),
            Reply::NotNow(why) => Ok(Violators::NotCounted(why)),
        }
    }

    fn condition(&self) -> String {
        let id = self.id;
        format!(
            "SELECT format('NOT (%s)', pg_get_expr(conbin, conrelid))
             FROM pg_constraint WHERE oid = {id}::oid"
        )
    }

    fn finding(&self, violators: Violators) -> Option<Finding> {
        let check = if self.is_foreign_key && self.is_valid { ORPHANS } else { NOT_VALID };
        let subject = self.subject.clone();
        match violators {
            Violators::Counted(0) if self.is_valid => None,
            Violators::Counted(0) => Some(
                Finding::warning(check, subject, "it is NOT VALID, and every row keeps it")
                    .hint(self.validate.clone()),
            ),
            Violators::Counted(count) => Some(Finding::error(check, subject, self.broken(count))),
            Violators::NotCounted(why) if self.is_valid => {
                Some(Finding::info(check, subject, format!("not checked: {why}")))
            }
            Violators::NotCounted(why) => {
                let message = format!("it is NOT VALID, and its rows were not checked: {why}");
                Some(Finding::warning(check, subject, message))
            }
        }
    }

    fn broken(&self, count: i64) -> String {
        let rows = match count {
            1 => "one row".to_owned(),
            AT_MOST => format!("{count} or more rows"),
            _ => format!("{count} rows"),
        };
        let what = match (self.is_foreign_key, count) {
            (true, 1) => "refers to nothing",
            (true, _) => "refer to nothing",
            (false, 1) => "breaks it",
            (false, _) => "break it",
        };
        let state = if self.is_valid { "PostgreSQL takes it for valid" } else { "it is NOT VALID" };
        format!("{rows} of {} {what}; {state}", self.name)
    }
}

fn first<T: TryGetable>(rows: &[QueryResult], otherwise: T) -> Result<T, DbErr> {
    rows.first().map_or(Ok(otherwise), |row| row.try_get_by_index(0))
}
