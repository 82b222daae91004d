//! `seeder top-up`: more of the generated tables, and nothing else.

use clap::Args;
use seeding_engine::Content;
use terminal::{Context, Exit, Failure, LockFlags};

use super::{
    credentials::Credentials,
    flags::{RunFlags, VolumeFlags},
    run as seed,
};

#[derive(Args)]
pub(super) struct TopUpFlags {
    /// How many schools and festivals there shall be afterwards
    #[arg(long, value_name = "NUMBER")]
    scale: u64,

    /// Load on so many connections side by side [default: 2]
    #[arg(long, value_name = "NUMBER")]
    jobs: Option<std::num::NonZeroUsize>,

    #[command(flatten)]
    lock: LockFlags,
}

pub(super) async fn run(flags: TopUpFlags, context: &Context) -> Result<Exit, Failure> {
    let seeds = seeder::seeds(&Credentials::none(context).settings).into_iter();
    let generated = seeds.filter(|seed| matches!(seed.content, Content::Tables(_)));
    let volume = VolumeFlags { scale: Some(flags.scale), jobs: flags.jobs, shard: None };
    let only = generated.map(|seed| seed.id.to_owned()).collect();
    let run = RunFlags { volume, only, lock: flags.lock, ..RunFlags::default() };
    seed::run(run, context).await
}
