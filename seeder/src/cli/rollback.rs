//! `seeder rollback` and `seeder clear`: exactly the seeded rows go.

use clap::Args;
use dbkit::{guard::Destruction, lock::Sharing};
use seeding_engine::undo::{self, EditedRows, Scope, TableRows, UndoOptions, Undone};
use serde::Serialize;
use terminal::{Answer, ConsentFlags, Context, Exit, Failure, LockFlags, Origin, table};
use uuid::Uuid;

use super::{
    credentials::Credentials,
    database::{Seeding, open_agreed},
    explain::explain_undo,
};

#[derive(Args)]
pub(super) struct RollbackFlags {
    /// What this run wrote [default: the newest run of which something is left]
    #[arg(long, value_name = "ID", conflicts_with = "seed_id")]
    run: Option<Uuid>,

    /// What all runs wrote of this seed
    #[arg(long, value_name = "SEED")]
    seed_id: Option<String>,

    #[command(flatten)]
    how: HowFlags,
}

#[derive(Args)]
pub(super) struct ClearFlags {
    #[command(flatten)]
    how: HowFlags,
}

#[derive(Args)]
struct HowFlags {
    /// Keep rows that were edited since, with the rows that they refer to
    #[arg(long, conflicts_with = "discard_edited")]
    keep_edited: bool,

    /// Delete rows that were edited since, too
    #[arg(long)]
    discard_edited: bool,

    /// Do all of it and take it back: show what would go
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    consent: ConsentFlags,

    #[command(flatten)]
    lock: LockFlags,
}

impl HowFlags {
    fn edited(&self) -> EditedRows {
        match (self.keep_edited, self.discard_edited) {
            (true, _) => EditedRows::Keep,
            (false, true) => EditedRows::Discard,
            (false, false) => EditedRows::Refuse,
        }
    }
}

#[derive(Serialize)]
struct RolledBack {
    environment: String,
    database: String,
    dry_run: bool,
    #[serde(flatten)]
    undone: Undone,
}

pub(super) async fn run(flags: RollbackFlags, context: &Context) -> Result<Exit, Failure> {
    let scope = match (flags.run, flags.seed_id) {
        (Some(run), _) => Scope::Run(run),
        (None, Some(seed)) => Scope::Seed(full_name(seed, context)),
        (None, None) => Scope::LastRun,
    };
    take_back("rollback", scope, Destruction::RollBack, &flags.how, context).await
}

/// `seeder clear`
pub(super) async fn clear(flags: ClearFlags, context: &Context) -> Result<Exit, Failure> {
    if *context.settings.environment_origin() == Origin::Default {
        return Err(Failure::message(
            Exit::Usage,
            "usage.environment",
            "`clear` deletes what every run wrote, and nobody said from what kind of database",
        )
        .hint("say it: `seeder clear --env development --confirm NAME`"));
    }
    take_back("clear", Scope::Everything, Destruction::Wipe, &flags.how, context).await
}

/// People leave out what all scenarios begin with. A seed that was removed from the code is still known to the
/// history, so an unknown name is not refused here but by a history that has nothing of it.
fn full_name(seed: String, context: &Context) -> String {
    let seeds = seeder::seeds(&Credentials::none(context).settings);
    let scenario = format!("scenario.{seed}");
    if seeds.iter().any(|known| known.id == scenario) { scenario } else { seed }
}

async fn take_back(
    command: &str,
    scope: Scope,
    destruction: Destruction,
    how: &HowFlags,
    context: &Context,
) -> Result<Exit, Failure> {
    context.refuse_early(destruction, &how.consent)?;
    let opened = open_agreed(context).await?;
    let seeding = Seeding::of(opened, context);
    let seeds = seeder::seeds(&Credentials::none(context).settings);
    let (operation, now) = (context.run_id, context.clock.now());
    let options = UndoOptions { scope, edited: how.edited(), operation, now };
    let held = seeding.lock(how.lock, Sharing::Exclusive).await?;
    let foreseen = undo::rehearse(seeding.database(), &seeds, &options).await;
    let foreseen = foreseen.map_err(explain_undo)?;
    let undone = if how.dry_run {
        foreseen
    } else {
        let target = &seeding.opened.target;
        let permit = context.permit(target, destruction, &how.consent, &stakes(&foreseen))?;
        let reason = permit.break_glass();
        let work = async || {
            undo::undo(seeding.database(), &seeds, &options, &permit).await.map_err(explain_undo)
        };
        context.audited_with(&seeding.opened.db, command, reason, work).await?
    };
    held.release().await.map_err(Failure::lock)?;
    context.answer(&RolledBack {
        environment: seeding.opened.target.environment.to_string(),
        database: seeding.opened.place(),
        dry_run: how.dry_run,
        undone,
    })
}

fn rows(tables: &[TableRows]) -> u64 {
    tables.iter().map(|table| table.rows).sum()
}

fn stakes(undone: &Undone) -> String {
    format!(
        "{} rows of {} tables would be deleted, {} rows be again as they were",
        rows(&undone.deleted),
        undone.deleted.len(),
        rows(&undone.restored)
    )
}

impl Answer for RolledBack {
    const SCHEMA: &'static str = "seaworthy/seeder.rollback/1";

    fn text(&self) -> String {
        let Undone { deleted, restored, kept, .. } = &self.undone;
        let lines = [(deleted, "deleted"), (restored, "as before"), (kept, "kept")];
        let lines: Vec<_> = lines
            .into_iter()
            .flat_map(|(tables, what)| tables.iter().map(move |table| (table, what)))
            .map(|(table, what)| [table.table.clone(), what.to_owned(), table.rows.to_string()])
            .collect();
        let dry = if self.dry_run { "\nDry run: all of this was taken back.\n" } else { "" };
        format!(
            "{}\n{dry}\nDatabase {} ({})",
            table(["table", "what", "rows"], &lines),
            self.database,
            self.environment
        )
    }
}
