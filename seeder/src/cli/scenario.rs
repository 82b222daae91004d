//! `seeder scenario`: situations made by hand, each alone or all.

use clap::Args;
use seeding_engine::Kind;
use terminal::{Context, Exit, Failure, LockFlags};

use super::{
    credentials::Credentials,
    flags::{RunFlags, WorldFlags},
    run as seed,
};

#[derive(Args)]
pub(super) struct ScenarioFlags {
    /// The scenarios, such as `power-user`; `seeder list` shows them
    #[arg(required_unless_present = "all", value_name = "NAME")]
    names: Vec<String>,

    /// All of them
    #[arg(long, conflicts_with = "names")]
    all: bool,

    #[command(flatten)]
    world: WorldFlags,

    #[command(flatten)]
    lock: LockFlags,
}

pub(super) async fn run(flags: ScenarioFlags, context: &Context) -> Result<Exit, Failure> {
    let only = if flags.all { all(context) } else { flags.names.into_iter().map(full).collect() };
    let run = RunFlags { world: flags.world, only, lock: flags.lock, ..RunFlags::default() };
    seed::run(run, context).await
}

fn all(context: &Context) -> Vec<String> {
    let seeds = seeder::seeds(&Credentials::none(context).settings).into_iter();
    seeds.filter(|seed| seed.kind == Kind::Scenario).map(|seed| seed.id.to_owned()).collect()
}

/// The seed's name; people leave out what all of them begin with.
fn full(name: String) -> String {
    if name.starts_with("scenario.") { name } else { format!("scenario.{name}") }
}
