//! `seeder verify`

use seeding_engine::{Verified, copy::Keys, verify};
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure, table};

use super::{
    credentials::Credentials,
    database::{Seeding, look},
    explain::explain_look,
};

/// So many keys of each kind are shown.
const SHOWN: usize = 5;

#[derive(Serialize)]
struct Checked {
    database: String,
    tables: Vec<Table>,
}

#[derive(Serialize)]
struct Table {
    seed: &'static str,
    #[serde(rename = "table")]
    name: &'static str,
    intact: u64,
    missing: Rows,
    edited: Rows,
    additional: Rows,
}

#[derive(Serialize)]
struct Rows {
    total: u64,
    first: Vec<String>,
}

pub(super) async fn run(context: &Context) -> Result<Exit, Failure> {
    let opened = look(context).await?;
    let seeding = Seeding::of(opened, context);
    let seeds = seeder::seeds(&Credentials::none(context).settings);
    let verified = verify(seeding.database(), &seeds, SHOWN).await.map_err(explain_look)?;
    let differs = verified.iter().any(|table| !table.difference.is_none());
    let tables = verified.into_iter().map(Table::of).collect();
    let answer = Checked { database: seeding.opened.place(), tables };
    if differs { context.finding(&answer) } else { context.answer(&answer) }
}

impl Table {
    fn of(verified: Verified) -> Self {
        let Verified { seed, table, difference } = verified;
        Self {
            seed,
            name: table,
            intact: difference.intact,
            missing: Rows::of(&difference.missing),
            edited: Rows::of(&difference.edited),
            additional: Rows::of(&difference.additional),
        }
    }

    fn findings(&self) -> Vec<String> {
        [(&self.missing, "missing"), (&self.edited, "edited"), (&self.additional, "additional")]
            .into_iter()
            .filter(|(rows, _)| rows.total > 0)
            .map(|(rows, what)| {
                format!("{} {} {what}: {}", rows.total, self.name, rows.first.join("; "))
            })
            .collect()
    }
}

impl Rows {
    fn of(keys: &Keys) -> Self {
        let first = keys.first.iter().take(SHOWN).map(ToString::to_string).collect();
        Self { total: keys.total, first }
    }
}

impl Answer for Checked {
    const SCHEMA: &'static str = "seaworthy/seeder.verify/1";

    fn text(&self) -> String {
        let rows: Vec<_> = self
            .tables
            .iter()
            .map(|table| {
                [
                    table.seed.to_owned(),
                    table.name.to_owned(),
                    table.intact.to_string(),
                    table.missing.total.to_string(),
                    table.edited.total.to_string(),
                    table.additional.total.to_string(),
                ]
            })
            .collect();
        let header = ["seed", "table", "intact", "missing", "edited", "additional"];
        let findings: Vec<_> = self.tables.iter().flat_map(Table::findings).collect();
        let findings = if findings.is_empty() {
            "Every generated row is as it was made".to_owned()
        } else {
            findings.join("\n")
        };
        format!("{}\n\n{findings}\n\nDatabase {}", table(header, &rows), self.database)
    }
}
