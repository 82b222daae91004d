//! Before a rollback: a receipt of what it will lose, and a verified backup.

use std::collections::BTreeMap;

use backup::{Kind, Secured, command};
use migration::explain::explain_rehearsal;
use migration_engine::{
    Losses, Project, Receipt, RunFacts, TableSize,
    event::Direction,
    ledger,
    receipt::{self, ReceiptLimits},
    rehearsal::{Script, rehearse},
    run::Chosen,
};
use terminal::{Context, Failure, Opened, table};

use super::Flags;

/// What was found out and made before a rollback.
#[derive(Default)]
pub(super) struct Preparation {
    pub(super) receipt: Option<Receipt>,
    pub(super) backup: Option<Secured>,
    losses: BTreeMap<String, Losses>,
}

impl Preparation {
    /// Rehearses the rollback on a shadow, counts on the target what it would lose, and secures the target. Fails
    /// closed: no receipt or no backup, no rollback.
    pub(super) async fn make(
        opened: &Opened,
        project: &Project,
        chosen: &[Chosen],
        flags: &Flags,
        context: &Context,
    ) -> Result<Self, Failure> {
        context.console.step("rehearsing the rollback on a shadow database");
        let ledger = ledger::read(&opened.db, project).await?;
        let (direction, sizes) = (Direction::Down, BTreeMap::<String, TableSize>::new());
        let script = Script { project, ledger: &ledger, direction, chosen, sizes: &sizes };
        let options = flags.shadow.options(context)?;
        let rehearsal = rehearse(script, &opened.url, &options).await;
        let steps = rehearsal.map_err(explain_rehearsal)?.steps;
        let losses = steps.into_iter().map(|step| (step.name, step.losses)).collect();
        let receipt = count(opened, &losses).await?;
        show(&receipt, context);
        let backup = secure(opened, flags, context).await?;
        Ok(Self { receipt: Some(receipt), backup, losses })
    }

    /// What would be lost, in a sentence or two, for the question.
    pub(super) fn stakes(&self, opened: &Opened, chosen: &[Chosen]) -> String {
        let count = chosen.len();
        let losing = match &self.receipt {
            Some(receipt) if receipt.has_data() => ", and lose what is listed above",
            Some(_) => ", and lose no rows",
            None => "",
        };
        format!("this would roll back {count} migration(s) of {}{losing}", opened.place())
    }

    /// What the ledger notes of it.
    pub(super) fn note(&self, facts: &mut RunFacts, reason: Option<String>) {
        facts.receipt =
            self.receipt.as_ref().and_then(|receipt| serde_json::to_value(receipt).ok());
        facts.backup = match &self.backup {
            Some(Secured::Backup { id, .. }) => Some(id.to_string()),
            Some(Secured::Nothing) | None => None,
        };
        facts.reason = reason;
    }

    /// What is to be kept, if anything.
    pub(super) fn kept(&self, safekeep: bool) -> BTreeMap<String, Losses> {
        if safekeep { self.losses.clone() } else { BTreeMap::new() }
    }
}

/// Counts the losses of all migrations together.
async fn count(opened: &Opened, losses: &BTreeMap<String, Losses>) -> Result<Receipt, Failure> {
    let mut together = Losses::default();
    for losses in losses.values() {
        together.extend(losses);
    }
    Ok(receipt::take(&opened.db, &together, &ReceiptLimits::default()).await?)
}

fn show(receipt: &Receipt, context: &Context) {
    let rows = receipt.rows();
    if rows.is_empty() {
        context.console.note("nothing that holds data goes");
    } else {
        context.console.note(&table(["goes", "name", "with it"], &rows));
    }
}

async fn secure(
    opened: &Opened,
    flags: &Flags,
    context: &Context,
) -> Result<Option<Secured>, Failure> {
    if flags.backup.no_backup {
        context.console.warn("no backup is made, as was asked for");
        return Ok(None);
    }
    let folder = flags.backup.folder.clone().into();
    let secured = command::secure(context, &opened.url, &folder, Kind::BeforeRollback).await;
    let secured = secured.map_err(|failure| {
        failure
            .context("nothing was rolled back: the database could not be secured first")
            .hint("or go without: `--no-backup --reason TEXT` (audited)")
    })?;
    match &secured {
        Secured::Backup { id, .. } => {
            context.console.note(&format!("backed up and verified: {id}"));
        }
        Secured::Nothing => context.console.note("there is nothing to back up"),
    }
    Ok(Some(secured))
}
