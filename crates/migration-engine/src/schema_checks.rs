//! Is the live schema the one that it should be?
//!
//! Asked twice: of the history, which is what the applied migrations make on a shadow, and of time, which is
//! what the last run of migrations has left. What both find has happened since that run. The target
//! itself is only read.

use dbkit::DatabaseUrl;
use sea_orm::{DatabaseConnection, DbErr};
use sea_orm_migration::MigrationTrait;

use crate::{
    Finding, Project, ShadowError, ShadowOptions, Snapshot,
    bounded::{Bounded, Limits},
    drift::{self, HISTORY, TIME},
    from_ledger::{CannotReplay, LedgerMigration},
    ledger::{Applied, Ledger},
    schema_notes,
    shadow::with_shadow,
};

/// What findings on the whole schema are about.
const SCHEMA: &str = "the schema";

/// What the schema checks looked at, and what they found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchemaReport {
    /// How many objects the live schema has.
    pub objects: usize,
    /// How many migrations were replayed on a shadow.
    pub replayed: usize,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// Why the schema was not checked.
#[derive(Debug, thiserror::Error)]
pub enum SchemaCheckError {
    /// The shadow that was named cannot be used, or a question to it failed.
    #[error(transparent)]
    Shadow(#[from] ShadowError),
    /// A question to the live database failed.
    #[error("cannot read the schema")]
    Database(#[from] DbErr),
}

/// Compares the schema behind `db`, which is at `target`, with a replay of what `ledger` holds for
/// applied, and with the schema as it was last noted.
///
/// A role that may not create the shadow, or a schema that somebody has locked, is a warning that
/// this was not checked.
pub async fn check(
    db: &DatabaseConnection,
    target: &DatabaseUrl,
    options: &ShadowOptions,
    project: &Project,
    ledger: &Ledger,
    limits: Limits,
) -> Result<SchemaReport, SchemaCheckError> {
    let looking = async { look(db, limits).await };
    let (seen, replay) = tokio::join!(looking, replay(target, options, project, ledger));
    let (live, stored) = seen?;
    let Replay { made, replayed, mut findings } = replay?;
    let live = match live {
        Ok(live) => live,
        Err(why) => {
            findings.push(not_checked(HISTORY, why));
            return Ok(SchemaReport { objects: 0, replayed, findings });
        }
    };
    let against = |check, expected: Option<&Snapshot>| {
        expected.map_or_else(Vec::new, |it| drift::classify(check, &it.changes(&live)))
    };
    let history = against(HISTORY, made.as_ref());
    let time = against(TIME, stored.as_ref());
    findings.extend(told_once(history, time));
    Ok(SchemaReport { objects: live.len(), replayed, findings })
}

type Seen = (Result<Snapshot, &'static str>, Option<Snapshot>);

/// The schema as it is, and as it was last noted.
async fn look(db: &DatabaseConnection, limits: Limits) -> Result<Seen, DbErr> {
    let live = Bounded::new(db, limits).snapshot().await?;
    let stored = schema_notes::last(db).await?;
    Ok((live, stored.map(|(snapshot, _)| snapshot)))
}

/// What the history makes.
#[derive(Default)]
struct Replay {
    made: Option<Snapshot>,
    replayed: usize,
    findings: Vec<Finding>,
}

async fn replay(
    target: &DatabaseUrl,
    options: &ShadowOptions,
    project: &Project,
    ledger: &Ledger,
) -> Result<Replay, ShadowError> {
    // Nobody has migrated this database yet, so there is no history that it could differ from.
    if ledger.applied.is_empty() {
        return Ok(Replay::default());
    }
    let migrations = ledger.applied.iter().map(|applied| Source::of(project, applied));
    let migrations: Vec<_> = match migrations.collect::<Result<_, _>>() {
        Ok(migrations) => migrations,
        Err(error) => {
            let findings = vec![not_checked(HISTORY, &error.to_string())];
            return Ok(Replay { findings, ..Replay::default() });
        }
    };
    let migrations: Vec<_> = migrations.iter().map(Source::migration).collect();
    let snapshot =
        with_shadow(target, options, &migrations, async |shadow| shadow.snapshot().await);
    match snapshot.await {
        Ok(made) => Ok(Replay { made: Some(made), replayed: migrations.len(), findings: vec![] }),
        Err(error) => excuse(error).map(|it| Replay { findings: vec![it], ..Replay::default() }),
    }
}

/// Where a migration that is replayed comes from.
enum Source<'a> {
    Code(&'a dyn MigrationTrait),
    Ledger(LedgerMigration),
}

impl<'a> Source<'a> {
    fn of(project: &'a Project, applied: &Applied) -> Result<Self, CannotReplay> {
        if let Some(migration) = project.find(&applied.name) {
            return Ok(Self::Code(migration));
        }
        let unknown = || CannotReplay::NotRecorded(applied.name.clone());
        LedgerMigration::for_replay(applied.attempt.as_ref().ok_or_else(unknown)?).map(Self::Ledger)
    }

    fn migration(&self) -> &dyn MigrationTrait {
        match self {
            Self::Code(migration) => *migration,
            Self::Ledger(migration) => migration,
        }
    }
}

/// Why there is no replay, where that is an answer.
fn excuse(error: ShadowError) -> Result<Finding, ShadowError> {
    match error {
        ShadowError::Migration { migration, source, .. } => {
            let message =
                format!("it is applied, and cannot be applied to an empty database: {source}");
            Ok(Finding::error(HISTORY, migration, message))
        }
        ShadowError::Panicked { migration, message, .. } => {
            let message = format!("it is applied, and panics on an empty database: {message}");
            Ok(Finding::error(HISTORY, migration, message))
        }
        ShadowError::NotAllowed { .. } | ShadowError::Scratch(_) => {
            let hint = "give it a database to use instead: `--shadow-url URL`";
            Ok(not_checked(HISTORY, &error.to_string()).hint(hint))
        }
        error => Err(error),
    }
}

fn not_checked(check: &'static str, why: &str) -> Finding {
    Finding::warning(check, SCHEMA, format!("not checked: {why}"))
}

/// Findings of both comparisons, each once.
fn told_once(mut history: Vec<Finding>, time: Vec<Finding>) -> Vec<Finding> {
    let same = |a: &Finding, b: &Finding| (&a.subject, &a.message) == (&b.subject, &b.message);
    let (both, time): (Vec<_>, Vec<_>) =
        time.into_iter().partition(|new| history.iter().any(|old| same(old, new)));
    for finding in &mut history {
        if both.iter().any(|new| same(finding, new)) {
            finding.message += "; it was not so after the last run of migrations";
        }
    }
    history.extend(time);
    history
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_history_and_time_both_find_is_told_once() {
        let history = vec![
            Finding::error(HISTORY, "table a", "table a is extra"),
            Finding::error(HISTORY, "table b", "table b is extra"),
        ];
        let time = vec![
            Finding::error(TIME, "table b", "table b is extra"),
            Finding::error(TIME, "table c", "table c is missing"),
        ];
        let told: Vec<_> = told_once(history, time)
            .into_iter()
            .map(|it| format!("{}: {}", it.check, it.message))
            .collect();
        assert_eq!(
            told,
            [
                "drift.history: table a is extra",
                "drift.history: table b is extra; it was not so after the last run of migrations",
                "drift.time: table c is missing"
            ]
        );
    }
}
