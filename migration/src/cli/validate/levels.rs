//! What each level asks the engine.
//!
//! The levels that look at the live database run side by side: the throw-away database of one is
//! created while the others read.

use std::collections::BTreeMap;

use migration::{
    Migrator, MigratorTrait as _,
    explain::{explain_schema_check, explain_shadow},
    project::project,
};
use migration_engine::{
    CheckLimits, Finding, Project, RoundTripError, ShadowOptions, advice,
    data_checks::{self, DataOptions},
    entities,
    ledger::{self, Ledger},
    ledger_checks,
    lock_file::{self, LockEntry, LockFile},
    schema_checks, static_checks,
};
use terminal::{Context, Exit, Failure, Opened};

use super::{Checked, Flags, Level, round_trip};
use crate::cli::registry;

/// Checks these levels; their answers come in the same order.
pub(super) async fn check(
    levels: &[Level],
    flags: &Flags,
    context: &Context,
) -> Result<Vec<Checked>, Failure> {
    let project = project();
    let now = lock_file::entries(&project).await;
    let mut checked = Vec::new();
    if levels.contains(&Level::Static) {
        checked.push(of_code(&project, &now).await);
    }
    // What is asked of the code alone needs no database.
    if levels.iter().any(|level| *level != Level::Static) {
        let opened = context.open_side_by_side(context.locate().await?).await?;
        let shadow = flags.shadow.options(context)?;
        let ledger = ledger::read(&opened.db, &project).await?;
        let live = Live { project: &project, now: &now, ledger, opened, shadow, flags, context };
        checked.extend(Box::pin(live.check(levels)).await?);
    }
    Ok(checked)
}

/// The level `static`.
async fn of_code(project: &Project, now: &[LockEntry]) -> Checked {
    let ways_down = static_checks::ways_down(project).await;
    let mut findings = static_checks::check(project, &ways_down);
    match LockFile::parse(project.lock_file().unwrap_or_default()) {
        Ok(locked) => findings.extend(lock_file::compare(now, &locked)),
        Err(error) => findings.push(
            Finding::error("lock-file.unreadable", "migrations.lock", error.to_string())
                .hint("take the last good version from git, then run `migration lock`"),
        ),
    }
    let counts = BTreeMap::from([("migrations", project.migrations().len())]);
    Checked { level: Level::Static, counts, findings }
}

/// What the levels that need a database have in common.
struct Live<'a> {
    project: &'a Project,
    now: &'a [LockEntry],
    ledger: Ledger,
    opened: Opened,
    shadow: ShadowOptions,
    flags: &'a Flags,
    context: &'a Context,
}

impl Live<'_> {
    async fn check(&self, levels: &[Level]) -> Result<Vec<Checked>, Failure> {
        let is_wanted = |level| levels.contains(&level);
        // Joined to the end even if one fails: a throw-away database wants to be dropped.
        let (schema, data, advice) = tokio::join!(
            when(is_wanted(Level::Schema), self.schema()),
            when(is_wanted(Level::Data), self.data()),
            when(is_wanted(Level::Advice), self.advice()),
        );
        let round_trip = Box::pin(when(is_wanted(Level::RoundTrip), self.round_trip())).await;
        let ledger = is_wanted(Level::Ledger).then(|| self.ledger());
        Ok([ledger, schema?, data?, advice?, round_trip?].into_iter().flatten().collect())
    }

    fn ledger(&self) -> Checked {
        let findings = ledger_checks::check(self.project, &self.ledger, self.now);
        let counts = BTreeMap::from([("applied", self.ledger.applied.len())]);
        Checked { level: Level::Ledger, counts, findings }
    }

    async fn schema(&self) -> Result<Checked, Failure> {
        let (history, entities) = tokio::join!(self.history(), self.entities());
        let (history, (entities, found)) = (history?, entities?);
        let mut findings = history.findings;
        findings.extend(found);
        let counts = BTreeMap::from([
            ("entities", entities),
            ("objects", history.objects),
            ("replayed", history.replayed),
        ]);
        Ok(Checked { level: Level::Schema, counts, findings })
    }

    async fn history(&self) -> Result<schema_checks::SchemaReport, Failure> {
        let Opened { db, url, .. } = &self.opened;
        let limits = CheckLimits::default();
        schema_checks::check(db, url, &self.shadow, self.project, &self.ledger, limits)
            .await
            .map_err(explain_schema_check)
    }

    async fn entities(&self) -> Result<(usize, Vec<Finding>), Failure> {
        let definitions = registry::definitions().await?;
        let ledger = Migrator::migration_table_name().to_string();
        let limits = CheckLimits::default();
        let found = entities::check(&self.opened.db, &definitions, &ledger, limits).await?;
        Ok((definitions.tables.len(), found))
    }

    async fn data(&self) -> Result<Checked, Failure> {
        let options = DataOptions { limits: CheckLimits::default(), detailed: self.flags.detailed };
        let report = data_checks::check(&self.opened.db, options).await?;
        let counts = BTreeMap::from([
            ("constraints", report.constraints),
            ("indexes", report.indexes),
            ("sequences", report.sequences),
        ]);
        Ok(Checked { level: Level::Data, counts, findings: report.findings })
    }

    async fn advice(&self) -> Result<Checked, Failure> {
        let findings = advice::check(&self.opened.db, CheckLimits::default()).await?;
        Ok(Checked { level: Level::Advice, counts: BTreeMap::new(), findings })
    }

    async fn round_trip(&self) -> Result<Checked, Failure> {
        let fill = self.flags.fill_with.as_ref();
        let console = &self.context.console;
        let trip = round_trip::travel(&self.opened.url, &self.shadow, self.project, fill, console);
        match trip.await {
            Ok(checked) => Ok(checked),
            Err(RoundTripError::Shadow(error)) => Err(explain_shadow(error)),
            Err(error) => Err(Failure::new(Exit::Failed, "validate.round_trip", error)),
        }
    }
}

async fn when(
    is_wanted: bool,
    work: impl Future<Output = Result<Checked, Failure>>,
) -> Result<Option<Checked>, Failure> {
    if is_wanted { work.await.map(Some) } else { Ok(None) }
}
