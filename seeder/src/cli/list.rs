//! `seeder list`

use seeding_engine::Seed;
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure, table};

use super::credentials::Credentials;

#[derive(Serialize)]
struct List {
    seeds: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    seed: &'static str,
    kind: &'static str,
    version: u32,
    environments: Vec<String>,
    requires: &'static [&'static str],
    description: &'static str,
}

pub(super) fn run(context: &Context) -> Result<Exit, Failure> {
    let seeds = seeder::seeds(&Credentials::none(context).settings);
    context.answer(&List { seeds: seeds.iter().map(Line::of).collect() })
}

impl Line {
    fn of(seed: &Seed) -> Self {
        Self {
            seed: seed.id,
            kind: seed.kind.name(),
            version: seed.version,
            environments: seed.environments.iter().map(ToString::to_string).collect(),
            requires: seed.requires,
            description: seed.description,
        }
    }
}

impl Answer for List {
    const SCHEMA: &'static str = "seaworthy/seeder.list/1";

    fn text(&self) -> String {
        let rows: Vec<_> = self
            .seeds
            .iter()
            .map(|seed| {
                [
                    seed.seed.to_owned(),
                    seed.kind.to_owned(),
                    seed.version.to_string(),
                    seed.description.to_owned(),
                ]
            })
            .collect();
        table(["seed", "kind", "version", "what"], &rows)
    }
}
