//! `migration plan`, and `--dry-run` of `up` and `down`: what would happen, with nothing changed.
//!
//! The target is only read, and no lock on its tables is waited for.

mod text;

use clap::Args;
use migration::{
    explain::{explain, explain_reading, explain_rehearsal},
    project::project,
};
use migration_engine::{
    Downto, Project, RunError, TableSize, Upto,
    event::Direction,
    ledger::{
        Ledger,
        unlocked::{self, Reading, Source},
    },
    plan,
    rehearsal::{Script, Step, rehearse},
    run::{self, Chosen},
};
use serde::Serialize;
use terminal::{Context, Exit, Failure, Opened};

use super::{shadow::ShadowFlags, status::holder, up::UptoFlags};

#[derive(Args)]
pub(super) struct Flags {
    #[command(flatten)]
    upto: UptoFlags,
    #[command(flatten)]
    shadow: ShadowFlags,
}

/// What would happen.
#[derive(Serialize)]
struct Planned {
    database: String,
    direction: Direction,
    ledger: Source,
    steps: Vec<Step>,
}

pub(super) async fn run(flags: &Flags, context: &Context) -> Result<Exit, Failure> {
    dry_run_up(context, &flags.upto.upto(), &flags.shadow).await
}

/// Shows what `up` would do. A name in `upto` is as it was typed.
pub(super) async fn dry_run_up(
    context: &Context,
    upto: &Upto,
    shadow: &ShadowFlags,
) -> Result<Exit, Failure> {
    let choose = |project: &Project, ledger: &Ledger| {
        let missing = plan::missing(&plan::entries(project, ledger));
        if !missing.is_empty() {
            return Err(RunError::Missing(missing));
        }
        let upto = match upto {
            Upto::Target(name) => Upto::Target(plan::resolve_name(project, ledger, name)?),
            other => other.clone(),
        };
        let names = plan::up(project, ledger, &upto)?;
        Ok(names.into_iter().map(|name| (name, None)).collect())
    };
    dry_run(context, Direction::Up, shadow, choose).await
}

/// Shows what `down` would do. A name in `downto` is as it was typed.
pub(super) async fn dry_run_down(
    context: &Context,
    downto: &Downto,
    from_ledger: bool,
    shadow: &ShadowFlags,
) -> Result<Exit, Failure> {
    let choose = |project: &Project, ledger: &Ledger| {
        let full = |name: &str| plan::resolve_name(project, ledger, name);
        let downto = match downto {
            Downto::Target(name) => Downto::Target(full(name)?),
            Downto::Only(name) => Downto::Only(full(name)?),
            other => other.clone(),
        };
        run::rollback(project, ledger, &downto, from_ledger)
    };
    dry_run(context, Direction::Down, shadow, choose).await
}

async fn dry_run(
    context: &Context,
    direction: Direction,
    shadow: &ShadowFlags,
    choose: impl FnOnce(&Project, &Ledger) -> Result<Vec<Chosen>, RunError>,
) -> Result<Exit, Failure> {
    let options = shadow.options(context)?;
    let opened = context.open_to_look(context.locate().await?).await?;
    let project = project();
    let Reading { ledger, source } =
        unlocked::read(&opened.db, &project).await.map_err(explain_reading)?;
    refuse(&opened, &project, &ledger).await?;
    let chosen = choose(&project, &ledger).map_err(explain)?;
    let mut steps = Vec::new();
    if !chosen.is_empty() {
        let sizes = TableSize::of_all(&opened.db).await.map_err(Failure::database)?;
        let script = Script {
            project: &project,
            ledger: &ledger,
            direction,
            chosen: &chosen,
            sizes: &sizes,
        };
        let rehearsed = rehearse(script, &opened.url, &options).await;
        steps = rehearsed.map_err(explain_rehearsal)?.steps;
    }
    context.answer(&Planned { database: opened.place(), direction, ledger: source, steps })
}

/// Refuses what a run would refuse: somebody else's database, and one that was left half-way, or is
/// half-way right now.
async fn refuse(opened: &Opened, project: &Project, ledger: &Ledger) -> Result<(), Failure> {
    if !ledger.unfinished.is_empty() {
        if let Some(holder) = holder(&opened.db).await? {
            let said = format!("a migration run is under way: {holder}");
            return Err(Failure::message(Exit::Busy, "lock.held", said)
                .hint("wait for it to end, then run the command again"));
        }
        return Err(explain(RunError::Dirty(ledger.unfinished.clone())));
    }
    if ledger.applied.is_empty() {
        run::recognise(&opened.db, project).await.map_err(explain)?;
    }
    Ok(())
}
