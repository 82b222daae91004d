//! Where every migration stands, for whoever may look: reads only, and makes do with what it may read.

use sea_orm::{ConnectionTrait, DbErr};

use crate::{
    Entry, Project,
    ledger::{self, Own, There},
    plan,
};

/// Where every migration stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// One entry for each migration.
    pub entries: Vec<Entry>,
    /// Whether only the table of stock tools could be read: it knows nothing of what was cut off or changed.
    pub stock_only: bool,
}

/// Reads where every migration stands; a role that may not look into the schema `seaworthy` sees what stock
/// tools know.
pub async fn standing(db: &impl ConnectionTrait, project: &Project) -> Result<Standing, DbErr> {
    let there = There::look(db, project).await?;
    if there.own != Own::Hidden {
        let entries = plan::entries(project, &ledger::outline_of(db, &there).await?);
        return Ok(Standing { entries, stock_only: false });
    }
    let mut entries = plan::entries(project, &ledger::stock_of(db, &there).await?);
    // Who applied them is what cannot be seen.
    for entry in &mut entries {
        entry.adopted = false;
    }
    Ok(Standing { entries, stock_only: true })
}
