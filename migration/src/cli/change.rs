//! `migration up` and `migration down`

use clap::Args;
use dbkit::{guard::Destruction, lock};
use migration::{Migrator, explain::explain};
use migration_engine::{LOCK, run};
use serde::Serialize;
use terminal::{Answer, ConsentFlags, Context, Exit, Failure, LockFlags, Opened};

#[derive(Args, Default)]
pub(super) struct UpFlags {
    /// Apply at most this many
    #[arg(short = 'n', long = "steps", visible_alias = "num", value_name = "N")]
    steps: Option<usize>,
    #[command(flatten)]
    lock: LockFlags,
}

#[derive(Args)]
pub(super) struct DownFlags {
    /// Roll back this many
    #[arg(
        short = 'n',
        long = "steps",
        visible_alias = "num",
        value_name = "N",
        default_value_t = 1
    )]
    steps: usize,
    #[command(flatten)]
    lock: LockFlags,
    #[command(flatten)]
    consent: ConsentFlags,
}

#[derive(Args)]
pub(super) struct WipeFlags {
    #[command(flatten)]
    pub(super) lock: LockFlags,
    #[command(flatten)]
    pub(super) consent: ConsentFlags,
}

/// What a run changed, in the order in which it did.
#[derive(Serialize)]
pub(super) struct Changed {
    pub(super) database: String,
    pub(super) rolled_back: Vec<String>,
    pub(super) applied: Vec<String>,
}

pub(super) async fn up(flags: UpFlags, context: &Context) -> Result<Exit, Failure> {
    let opened = context.open_to_write(context.locate().await?).await?;
    let _lock = take_lock(context, &opened, flags.lock).await?;
    let command = flags.steps.map_or("up".to_owned(), |steps| format!("up -n {steps}"));
    let applied = context
        .audited(&opened.db, &command, async || {
            run::up(&opened.db, &Migrator, flags.steps, &*context.clock, &context.console.steps())
                .await
                .map_err(explain)
        })
        .await?;
    context.answer(&Changed { database: opened.place(), rolled_back: Vec::new(), applied })
}

pub(super) async fn down(flags: DownFlags, context: &Context) -> Result<Exit, Failure> {
    context.refuse_early(Destruction::RollBack, &flags.consent)?;
    let opened = context.open_to_write(context.locate().await?).await?;
    let stakes = format!("down would undo {} migration(s) of {}", flags.steps, opened.place());
    let permit = context.permit(&opened.target, Destruction::RollBack, &flags.consent, &stakes)?;
    let _lock = take_lock(context, &opened, flags.lock).await?;
    let command = format!("down -n {}", flags.steps);
    let rolled_back = context
        .audited_with(&opened.db, &command, permit.break_glass(), async || {
            let steps = &context.console.steps();
            run::down(&opened.db, &Migrator, &permit, Some(flags.steps), &*context.clock, steps)
                .await
                .map_err(explain)
        })
        .await?;
    context.answer(&Changed { database: opened.place(), rolled_back, applied: Vec::new() })
}

/// Takes the lock that every change of the schema holds.
pub(super) async fn take_lock(
    context: &Context,
    opened: &Opened,
    flags: LockFlags,
) -> Result<lock::AdvisoryLock, Failure> {
    lock::acquire(&opened.url, &context.connect_options(), LOCK, flags.wait())
        .await
        .map_err(Failure::lock)
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
