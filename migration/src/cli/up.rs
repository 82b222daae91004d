//! `migration up`

use clap::Args;
use migration::{explain::explain, project::project};
use migration_engine::{
    Finding, Project, RunError, Severity, State, Upto, lock_file, plan, preflight, run,
};
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure, Opened};

use super::{
    named::full_name,
    plan::dry_run_up,
    session::{LimitFlags, open, orders},
    shadow::ShadowFlags,
};

#[derive(Args, Default)]
pub(super) struct UpFlags {
    #[command(flatten)]
    upto: UptoFlags,
    /// Show what would happen, and change nothing; the same as `plan`
    #[arg(long)]
    dry_run: bool,
    /// Apply migrations that are listed before applied ones, on staging and in production too
    #[arg(long)]
    out_of_order: bool,
    #[command(flatten)]
    shadow: ShadowFlags,
    #[command(flatten)]
    limits: LimitFlags,
}

/// How far up.
#[derive(Args, Default)]
pub(super) struct UptoFlags {
    /// Apply at most this many
    #[arg(
        short = 'n',
        long = "steps",
        visible_alias = "num",
        value_name = "N",
        conflicts_with = "to"
    )]
    steps: Option<usize>,
    /// Apply everything up to this one, and this one too
    #[arg(long, visible_alias = "target", value_name = "NAME")]
    to: Option<String>,
}

impl UptoFlags {
    /// With the name as it was typed.
    pub(super) fn upto(&self) -> Upto {
        match (&self.to, self.steps) {
            (Some(to), _) => Upto::Target(to.clone()),
            (None, Some(steps)) => Upto::Steps(steps),
            (None, None) => Upto::All,
        }
    }

    fn command(&self) -> String {
        match (self.steps, &self.to) {
            (Some(steps), _) => format!("up -n {steps}"),
            (None, Some(to)) => format!("up --to {to}"),
            (None, None) => "up".to_owned(),
        }
    }
}

/// What a run changed, in the order in which it did.
#[derive(Serialize)]
pub(super) struct Changed {
    pub(super) database: String,
    pub(super) rolled_back: Vec<String>,
    pub(super) applied: Vec<String>,
}

pub(super) async fn up(flags: UpFlags, context: &Context) -> Result<Exit, Failure> {
    if flags.dry_run {
        return dry_run_up(context, &flags.upto.upto(), &flags.shadow).await;
    }
    let opened = context.open_to_write(context.locate().await?).await?;
    let project = project();
    let upto = match flags.upto.upto() {
        Upto::Target(name) => Upto::Target(full_name(&opened.db, &project, &name).await?),
        upto => upto,
    };
    if !preflight(&opened, &project, flags.out_of_order, context).await? {
        let (rolled_back, applied) = (Vec::new(), Vec::new());
        return context.answer(&Changed { database: opened.place(), rolled_back, applied });
    }
    let session = open(context, &opened, flags.limits.lock).await?;
    let command = flags.upto.command();
    let (operation, steps) = (context.operation(&command), context.console.steps());
    let orders = orders(context, &operation, flags.limits.limits(), &steps);
    let applied = context
        .audited(&opened.db, &command, async || {
            run::up(&session, &project, &upto, &orders).await.map_err(explain)
        })
        .await?;
    session.close().await?;
    context.answer(&Changed { database: opened.place(), rolled_back: Vec::new(), applied })
}

/// Says what speaks against what is about to be applied, and refuses it where that was not reviewed. Whether there
/// is anything to do at all: without it, no lock is taken.
async fn preflight(
    opened: &Opened,
    project: &Project,
    out_of_order: bool,
    context: &Context,
) -> Result<bool, Failure> {
    let ledger = run::outline(&opened.db, project).await.map_err(explain)?;
    let entries = plan::entries(project, &ledger);
    let missing = plan::missing(&entries);
    if !missing.is_empty() {
        return Err(explain(RunError::Missing(missing)));
    }
    let is_pending = entries.iter().any(|entry| entry.state == State::Pending);
    if is_pending {
        let now = lock_file::entries(project).await;
        let environment = opened.target.environment;
        let mut found = preflight::preflight(project, &now, &ledger, environment);
        found.retain(|finding| !(out_of_order && finding.check == preflight::LATE));
        judge(&found, context)?;
    }
    let is_settled =
        ledger.unfinished.is_empty() && ledger.withdrawn.is_empty() && ledger.foreign().is_empty();
    Ok(is_pending || !is_settled)
}

fn judge(found: &[Finding], context: &Context) -> Result<(), Failure> {
    let (errors, warnings): (Vec<_>, Vec<_>) =
        found.iter().partition(|finding| finding.severity == Severity::Error);
    for Finding { subject, message, .. } in warnings {
        context.console.warn(&format!("{subject}: {message}"));
    }
    let Some(first) = errors.first() else { return Ok(()) };
    let told: Vec<_> =
        errors.iter().map(|error| format!("{}: {}", error.subject, error.message)).collect();
    let failure = Failure::message(Exit::Refused, "migration.preflight", told.join("; "));
    Err(first.hint.iter().cloned().fold(failure, Failure::hint))
}

impl Answer for Changed {
    const SCHEMA: &'static str = "seaworthy/migration.change/1";

    fn text(&self) -> String {
        match (self.rolled_back.len(), self.applied.len()) {
            (0, 0) => format!("Nothing to do in {}", self.database),
            (0, applied) => format!("Applied {applied} migration(s) to {}", self.database),
            (undone, 0) => format!(
                "Rolled back {undone} migration(s) of {}:\n  {}",
                self.database,
                self.rolled_back.join("\n  ")
            ),
            (undone, applied) => format!(
                "Rolled back {undone} and applied {applied} migration(s) of {}",
                self.database
            ),
        }
    }
}
