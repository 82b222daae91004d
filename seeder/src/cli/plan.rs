//! `seeder plan`

use seeding_engine::{Action, Proposal, SeedProposal, plan::Reason, propose};
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure, table};

use super::{credentials::Credentials, explain::explain, flags::RunFlags};

#[derive(Serialize)]
struct Planned {
    environment: String,
    database: String,
    #[serde(flatten)]
    proposal: Proposal,
}

pub(super) async fn run(flags: RunFlags, context: &Context) -> Result<Exit, Failure> {
    let opened = context.open_to_write(context.locate().await?).await?;
    let seeds = seeder::seeds(&Credentials::none(context).settings);
    let options = flags.options(context);
    let proposal = propose(&opened.db, &seeds, &options, &*context.clock).await.map_err(explain)?;
    let environment = opened.target.environment.to_string();
    context.answer(&Planned { environment, database: opened.place(), proposal })
}

impl Answer for Planned {
    const SCHEMA: &'static str = "seaworthy/seeder.plan/1";

    fn text(&self) -> String {
        let rows: Vec<_> = self.proposal.seeds.iter().map(row).collect();
        let offered: u64 = self.proposal.seeds.iter().map(SeedProposal::rows).sum();
        let Self { environment, database, .. } = self;
        let world = self.proposal.world;
        format!(
            "{}\n\n{offered} rows for {database} ({environment}, seed {}, as of {}).\n\
             `--dry-run` counts which of them are there already.",
            table(["seed", "action", "rows", "what"], &rows),
            world.seed,
            world.as_of,
        )
    }
}

fn row(seed: &SeedProposal) -> [String; 4] {
    let action = match seed.action {
        Action::Apply(Reason::First) => "apply",
        Action::Apply(Reason::Again) => "apply again",
        Action::Apply(Reason::NewVersion) => "apply new version",
        Action::Skip(seeding_engine::Skip::NotForEnvironment) => "not for here",
        Action::Skip(seeding_engine::Skip::NotSelected) => "not selected",
    };
    let rows = match seed.rows() {
        0 => "-".to_owned(),
        rows => rows.to_string(),
    };
    [seed.seed.to_owned(), action.to_owned(), rows, seed.description.to_owned()]
}
