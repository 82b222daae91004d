//! `seeder status`

use seeding_engine::{SeedState, SeedStatus, status};
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure, table};

use super::credentials::Credentials;

#[derive(Serialize)]
struct Status {
    environment: Option<String>,
    database: String,
    seeds: Vec<SeedStatus>,
}

pub(super) async fn run(context: &Context) -> Result<Exit, Failure> {
    let opened = context.open(context.locate().await?).await?;
    let seeds = seeder::seeds(&Credentials::none(context).settings);
    let seeds = status(&opened.db, &seeds).await.map_err(Failure::database)?;
    let outdated = seeds.iter().any(|seed| seed.state == SeedState::Outdated);
    let environment = opened.target.stamp.map(|stamp| stamp.to_string());
    let answer = Status { environment, database: opened.place(), seeds };
    if outdated { context.finding(&answer) } else { context.answer(&answer) }
}

impl Answer for Status {
    const SCHEMA: &'static str = "seaworthy/seeder.status/1";

    fn text(&self) -> String {
        let rows: Vec<_> = self.seeds.iter().map(row).collect();
        let stamp = self.environment.as_deref().unwrap_or("not stamped");
        let list = table(["seed", "state", "since", "by"], &rows);
        format!("{list}\n\nDatabase {} ({stamp})", self.database)
    }
}

fn row(seed: &SeedStatus) -> [String; 4] {
    let state = match seed.state {
        SeedState::Applied => "applied",
        SeedState::Outdated => "outdated",
        SeedState::Never => "never",
    };
    let (since, by) = seed.applied.as_ref().map_or_else(Default::default, |applied| {
        (applied.at.format("%Y-%m-%d %H:%M:%S").to_string(), applied.actor.clone())
    });
    [seed.seed.to_owned(), state.to_owned(), since, by]
}
