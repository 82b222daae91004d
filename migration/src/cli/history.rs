//! `migration history`

use chrono::{DateTime, Utc};
use clap::Args;
use migration::{explain::explain, project::project};
use migration_engine::{
    ledger::{Attempt, AttemptState, runs::Run},
    run,
};
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure};

use super::named::full_name;

#[derive(Args)]
pub(super) struct Flags {
    /// Show this migration alone
    name: Option<String>,
    /// Print the statements as they were executed
    #[arg(long)]
    sql: bool,
}

/// Runs and attempts, the newest last.
#[derive(Serialize)]
struct History {
    runs: Vec<Run>,
    attempts: Vec<Attempt>,
}

pub(super) async fn run(flags: Flags, context: &Context) -> Result<Exit, Failure> {
    let opened = context.open(context.locate().await?).await?;
    let (mut attempts, mut runs) = run::history(&opened.db).await.map_err(explain)?;
    if let Some(name) = flags.name {
        // A migration that is in neither code nor database any more still has its history.
        let is_known = attempts.iter().any(|attempt| attempt.name == name);
        let name = if is_known { name } else { full_name(&opened.db, &project(), &name).await? };
        attempts.retain(|attempt| attempt.name == name);
        runs.retain(|run| attempts.iter().any(|attempt| concerns(attempt, run)));
    }
    if !flags.sql {
        for attempt in &mut attempts {
            (attempt.up_sql, attempt.down_sql) = (None, None);
        }
    }
    context.answer(&History { runs, attempts })
}

fn concerns(attempt: &Attempt, run: &Run) -> bool {
    attempt.run == run.id || attempt.rollback_run == Some(run.id)
}

impl Answer for History {
    const SCHEMA: &'static str = "seaworthy/migration.history/1";

    fn text(&self) -> String {
        if self.runs.is_empty() {
            return "There is no history yet".to_owned();
        }
        let told = |run: &Run| {
            let attempts = self.attempts.iter().filter(|attempt| concerns(attempt, run));
            let attempts: String = attempts.map(|attempt| of_attempt(attempt, run)).collect();
            format!("{}{attempts}", of_run(run))
        };
        self.runs.iter().map(told).collect::<Vec<_>>().join("\n\n")
    }
}

fn of_run(run: &Run) -> String {
    let outcome = run.outcome.as_deref().unwrap_or("under way, or cut off").replace('_', "-");
    let took = run.finished_at.map(|end| (end - run.started_at).num_milliseconds());
    let took = took.map(|ms| format!(" in {ms} ms")).unwrap_or_default();
    let first = format!(
        "{}  {}  {outcome}{took}, by {}@{}",
        time(run.started_at),
        run.command,
        run.actor,
        run.host
    );
    let notes = [("backup", &run.backup), ("reason", &run.reason)];
    let notes = notes.iter().filter_map(|(what, note)| Some((what, note.as_ref()?)));
    notes.fold(first, |text, (what, note)| format!("{text}\n  {what}: {note}"))
}

fn of_attempt(attempt: &Attempt, run: &Run) -> String {
    let Attempt { name, state, statements_done, duration_ms, .. } = attempt;
    let is_way_down = attempt.rollback_run == Some(run.id) && attempt.run != run.id;
    let sign = if is_way_down { "down" } else { "up" };
    let now = match state {
        AttemptState::Intent => format!("begun, {statements_done} statement(s) done"),
        AttemptState::Dirty => format!("dirty, {statements_done} statement(s) done"),
        AttemptState::Applied => "applied".to_owned(),
        AttemptState::RolledBack if attempt.applied_at.is_none() => "not applied".to_owned(),
        AttemptState::RolledBack => "rolled back".to_owned(),
        AttemptState::Baselined => "adopted".to_owned(),
    };
    let took = duration_ms.filter(|_| !is_way_down);
    let took = took.map(|ms| format!(" ({ms} ms)")).unwrap_or_default();
    let reason = attempt.reason.as_ref().map(|reason| format!("; {reason}")).unwrap_or_default();
    let sent = if is_way_down { &attempt.down_sql } else { &attempt.up_sql };
    let sent = sent.iter().flatten().map(|sql| format!("\n{};", indented(sql)));
    format!("\n  {sign} {name}{took}, now {now}{reason}{}", sent.collect::<String>())
}

fn indented(sql: &str) -> String {
    let sql = sql.trim().trim_end_matches(';');
    sql.lines().map(|line| format!("      {line}")).collect::<Vec<_>>().join("\n")
}

fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}
