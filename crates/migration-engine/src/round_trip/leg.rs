//! One migration's way down and up again.

use sea_orm_migration::MigrationTrait;

use super::{DOWN, ROWS, RoundTripError, UP_AGAIN, rows, rows::Rows};
use crate::{Finding, Shadow, ShadowError, Snapshot, drift, event::Direction, sql_state::SqlState};

/// How a migration's way down and up again has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is applied again.
    Back,
    /// It refuses to go down, and is still applied.
    Refused,
    /// What the database holds now is neither.
    Lost,
}

/// A migration that is applied to a shadow, as the last one.
pub(super) struct Leg<'a> {
    pub(super) shadow: &'a Shadow,
    pub(super) migration: &'a dyn MigrationTrait,
    pub(super) irreversible: bool,
}

impl Leg<'_> {
    /// Takes it down and up again, and compares with the catalogs `below` and `above` it, and with
    /// the rows that were there before it, where they are known.
    pub(super) async fn down_and_up(
        &self,
        below: &Snapshot,
        above: &Snapshot,
        rows_below: Option<&Rows>,
        findings: &mut Vec<Finding>,
    ) -> Result<Outcome, RoundTripError> {
        let rows_above = self.rows().await?;
        if let Err(error) = self.shadow.run(self.migration, Direction::Down).await {
            return self.stays(&error, above, &rows_above, findings).await;
        }
        findings.extend(self.compare(DOWN, below).await?);
        let rows_down = self.rows().await?;
        if let Some(rows_below) = rows_below {
            findings.extend(self.lost("down", rows_below, &rows_down));
        }
        if let Err(error) = self.shadow.run(self.migration, Direction::Up).await {
            findings.push(self.failed(UP_AGAIN, "cannot be applied again", &error));
            return Ok(Outcome::Lost);
        }
        findings.extend(self.compare(UP_AGAIN, above).await?);
        // What it creates itself is empty again, and rightly so.
        let mut survived = rows_above;
        survived.retain(|table, _| rows_below.is_some() || rows_down.contains_key(table));
        findings.extend(self.lost("down and up", &survived, &self.rows().await?));
        Ok(Outcome::Back)
    }

    /// Takes it down for good.
    pub(super) async fn down_again(&self) -> bool {
        self.shadow.run(self.migration, Direction::Down).await.is_ok()
    }

    /// After a `down` that failed: whether it has refused, and everything is as it was.
    async fn stays(
        &self,
        error: &ShadowError,
        above: &Snapshot,
        rows_above: &Rows,
        findings: &mut Vec<Finding>,
    ) -> Result<Outcome, RoundTripError> {
        let changes = self.compare(DOWN, above).await?;
        let unchanged = changes.is_empty() && self.rows().await? == *rows_above;
        let refuses = self.irreversible || is_refusal(error);
        let mut finding = self.failed(DOWN, "cannot be rolled back", error);
        if refuses && unchanged {
            finding.severity = crate::Severity::Info;
        }
        findings.push(finding);
        findings.extend(changes);
        Ok(if unchanged { Outcome::Refused } else { Outcome::Lost })
    }

    async fn compare(
        &self,
        check: &'static str,
        expected: &Snapshot,
    ) -> Result<Vec<Finding>, RoundTripError> {
        let changes = expected.changes(&self.shadow.snapshot().await?);
        let when = if check == DOWN { "down" } else { "down and up" };
        let findings = drift::classify(check, &changes).into_iter().map(|mut finding| {
            finding.message = format!("{} {when}: {}", self.migration.name(), finding.message);
            finding
        });
        Ok(findings.collect())
    }

    /// The tables of which the number of rows is not what it was.
    fn lost(&self, when: &str, before: &Rows, after: &Rows) -> Vec<Finding> {
        let name = self.migration.name();
        let differs = |(table, rows): (&String, &i64)| {
            let now = after.get(table).filter(|now| *now != rows)?;
            let subject = format!("table {table}");
            let message = format!("{name} {when}: {subject} had {rows} rows and has {now}");
            Some(Finding::error(ROWS, subject, message))
        };
        before.iter().filter_map(differs).collect()
    }

    fn failed(&self, check: &'static str, what: &str, error: &ShadowError) -> Finding {
        let name = self.migration.name();
        let cause = match error {
            ShadowError::Migration { source, .. } => source.to_string(),
            other => other.to_string(),
        };
        Finding::error(check, name, format!("{name} {what}: {cause}"))
    }

    async fn rows(&self) -> Result<Rows, RoundTripError> {
        rows::count(self.shadow.db()).await.map_err(RoundTripError::Rows)
    }
}

/// Whether PostgreSQL says that something depends on what is to go, or that this is not the time.
fn is_refusal(error: &ShadowError) -> bool {
    let ShadowError::Migration { source, .. } = error else { return false };
    matches!(SqlState::of(source).as_ref().map(|state| state.0.as_str()), Some("2BP01" | "55000"))
}
