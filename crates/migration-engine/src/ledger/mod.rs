//! What the database says of its migrations.
//!
//! Two tables: the one of stock sea-orm-migration, which is the truth for what is applied, and our own
//! with everything else ([`own`]). Rows that a stock tool wrote or removed are taken over by
//! [`reconcile`].

pub(crate) mod by_hand;
pub mod mirror;
pub(crate) mod order;
pub mod own;
pub mod runs;
pub mod stock;
mod there;
pub mod unlocked;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, TransactionTrait as _};
use uuid::Uuid;

use crate::Project;
pub use own::{Attempt, AttemptState};
pub use stock::Table;
pub(crate) use there::{Own, There};

/// A migration that is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Its name.
    pub name: String,
    /// When, to the second.
    pub at: DateTime<Utc>,
    /// What our own ledger knows of it; nothing where a stock tool applied it.
    pub attempt: Option<Attempt>,
}

/// Everything that is known of a database's migrations.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// What is applied, in the order of application.
    pub applied: Vec<Applied>,
    /// What was begun outside a transaction and did not end: `intent` or `dirty`.
    pub unfinished: Vec<Attempt>,
    /// What our own ledger holds for applied, and the stock one does not.
    pub withdrawn: Vec<Attempt>,
}

impl Ledger {
    /// The names that a stock tool applied.
    pub fn foreign(&self) -> Vec<String> {
        let foreign = self.applied.iter().filter(|applied| applied.attempt.is_none());
        foreign.map(|applied| applied.name.clone()).collect()
    }

    /// What our ledger says of one migration that is applied.
    pub fn attempt(&self, name: &str) -> Option<&Attempt> {
        self.applied.iter().find(|applied| applied.name == name)?.attempt.as_ref()
    }
}

/// Reads both ledgers. Creates nothing, and needs no right but to read.
pub async fn read(db: &impl ConnectionTrait, project: &Project) -> Result<Ledger, DbErr> {
    let there = There::look(db, project).await?;
    let Some(table) = &there.stock else { return Ok(Ledger::default()) };
    let rows = table.rows(db).await?;
    let attempts = if there.own == Own::Absent { Vec::new() } else { own::live(db).await? };
    Ok(joined(rows, attempts))
}

/// [`read`] without the statements of the attempts: enough to say where everything stands, and quicker.
pub async fn outline(db: &impl ConnectionTrait, project: &Project) -> Result<Ledger, DbErr> {
    outline_of(db, &There::look(db, project).await?).await
}

/// [`outline`] of what is known to be there.
pub(crate) async fn outline_of(db: &impl ConnectionTrait, there: &There) -> Result<Ledger, DbErr> {
    let Some(table) = &there.stock else { return Ok(Ledger::default()) };
    let rows = table.rows(db).await?;
    let attempts =
        if there.own == Own::Absent { Vec::new() } else { own::live_outline(db).await? };
    Ok(joined(rows, attempts))
}

/// Both ledgers as one.
fn joined(rows: Vec<(String, DateTime<Utc>)>, attempts: Vec<Attempt>) -> Ledger {
    let mut attempts: BTreeMap<_, _> =
        attempts.into_iter().map(|attempt| (attempt.name.clone(), attempt)).collect();
    let mut unfinished = Vec::new();
    let mut applied: Vec<_> = rows
        .into_iter()
        .map(|(name, at)| {
            let attempt = attempts.remove(&name);
            unfinished.extend(attempt.iter().filter(|attempt| !attempt.is_settled()).cloned());
            Applied { name, at, attempt }
        })
        .collect();
    applied.sort_by(|one, other| (one.at, &one.name).cmp(&(other.at, &other.name)));
    order::settle(&mut applied, |row| row.at, |row| row.attempt.as_ref().map(|row| row.id));
    let (settled, open): (Vec<_>, Vec<_>) = attempts.into_values().partition(Attempt::is_settled);
    unfinished.extend(open);
    unfinished.sort_by_key(|attempt| attempt.id);
    Ledger { applied, unfinished, withdrawn: settled }
}

/// Reads what stock tools know, for a role that may not look into the schema `seaworthy`.
pub(crate) async fn stock_of(db: &impl ConnectionTrait, there: &There) -> Result<Ledger, DbErr> {
    let Some(table) = &there.stock else { return Ok(Ledger::default()) };
    let rows = table.rows(db).await?.into_iter();
    let applied = rows.map(|(name, at)| Applied { name, at, attempt: None }).collect();
    Ok(Ledger { applied, ..Ledger::default() })
}

/// What [`reconcile`] found that other tools had done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Applied by a stock tool, and adopted.
    pub adopted: Vec<String>,
    /// Rolled back by a stock tool.
    pub withdrawn: Vec<String>,
}

/// Writes into our own ledger what stock tools did meanwhile. The caller holds [`crate::LOCK`].
pub async fn reconcile(
    db: &DatabaseConnection,
    project: &Project,
    run: Uuid,
    now: DateTime<Utc>,
) -> Result<Reconciled, DbErr> {
    let ledger = read(db, project).await?;
    let adopted = ledger.foreign();
    let withdrawn: Vec<_> = ledger.withdrawn.iter().map(|attempt| attempt.name.clone()).collect();
    if adopted.is_empty() && withdrawn.is_empty() {
        return Ok(Reconciled::default());
    }
    let transaction = db.begin().await?;
    for applied in ledger.applied.iter().filter(|applied| applied.attempt.is_none()) {
        own::adopt(&transaction, project, &applied.name, applied.at, run).await?;
    }
    for attempt in &ledger.withdrawn {
        own::withdraw(&transaction, attempt.id, run, now).await?;
    }
    reflect(&transaction, project).await?;
    transaction.commit().await?;
    Ok(Reconciled { adopted, withdrawn })
}

/// Brings the [`mirror`] up to date, in the transaction that changed a ledger.
pub(crate) async fn reflect(db: &impl ConnectionTrait, project: &Project) -> Result<(), DbErr> {
    let applied = outline(db, project).await?.applied;
    let names: Vec<_> = applied.into_iter().map(|applied| applied.name).collect();
    mirror::write(db, &names).await
}
