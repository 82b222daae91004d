//! What `migration down` answers.

use backup::Secured;
use migration_engine::{
    Receipt,
    run::{Undone, Verification},
};
use serde::Serialize;
use terminal::{Answer, Opened};

use super::preparation::Preparation;

#[derive(Serialize)]
pub(super) struct Down {
    database: String,
    rolled_back: Vec<Undone>,
    receipt: Option<Receipt>,
    backup: Option<Secured>,
}

impl Down {
    pub(super) fn nothing(opened: &Opened) -> Self {
        Self { database: opened.place(), rolled_back: Vec::new(), receipt: None, backup: None }
    }

    pub(super) fn of(opened: &Opened, rolled_back: Vec<Undone>, made: Preparation) -> Self {
        let Preparation { receipt, backup, .. } = made;
        Self { database: opened.place(), rolled_back, receipt, backup }
    }

    /// Whether a rollback did not give back the schema that was there before.
    pub(super) fn differs(&self) -> bool {
        let differs = |undone: &Undone| matches!(undone.verification, Verification::Differs(_));
        self.rolled_back.iter().any(differs)
    }
}

impl Answer for Down {
    const SCHEMA: &'static str = "seaworthy/migration.down/1";

    fn text(&self) -> String {
        if self.rolled_back.is_empty() {
            return format!("Nothing to roll back in {}", self.database);
        }
        let lines: Vec<_> = self.rolled_back.iter().map(line).collect();
        let count = self.rolled_back.len();
        let backup = match &self.backup {
            Some(Secured::Backup { id, .. }) => {
                format!("\nBefore it: `backup restore {id} --to NEW_DATABASE`")
            }
            Some(Secured::Nothing) | None => String::new(),
        };
        let database = &self.database;
        format!("Rolled back {count} migration(s) of {database}:\n{}{backup}", lines.join("\n"))
    }
}

fn line(undone: &Undone) -> String {
    let name = &undone.name;
    match &undone.verification {
        Verification::Exact => format!("  {name}: the schema is as it was before"),
        Verification::NotComparable => format!("  {name}"),
        Verification::Differs(changes) => {
            let changes: Vec<_> = changes.iter().map(|change| format!("\n    {change}")).collect();
            format!("  {name}: the schema is not as it was before:{}", changes.concat())
        }
    }
}
