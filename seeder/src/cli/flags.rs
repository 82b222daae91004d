//! What a run and a plan can be asked for.

use std::num::NonZeroUsize;

use chrono::NaiveDate;
use clap::Args;
use seeding_engine::{Ending, Existing, Options, Selection, Shard};
use terminal::{Context, Exit, Failure, LockFlags};

#[derive(Args, Clone, Debug, Default, PartialEq)]
pub(super) struct RunFlags {
    #[command(flatten)]
    pub(super) world: WorldFlags,

    #[command(flatten)]
    pub(super) volume: VolumeFlags,

    /// Only this seed and what it requires; may be repeated
    #[arg(long, value_name = "SEED")]
    pub(super) only: Vec<String>,

    /// Not this seed, nor what needs its rows; may be repeated
    #[arg(long, value_name = "SEED")]
    pub(super) skip: Vec<String>,

    /// Show what would be done, without doing it; the same as `plan`
    #[arg(long)]
    pub(super) dry_run: bool,

    /// With --dry-run: write everything, let every constraint speak, and take it all back
    #[arg(long, requires = "dry_run")]
    pub(super) execute: bool,

    #[command(flatten)]
    pub(super) lock: LockFlags,
}

#[derive(Args, Clone, Debug, Default, PartialEq)]
pub(super) struct WorldFlags {
    /// Which made-up world: the same number gives the same rows [default: that of the rows there,
    /// else 42]
    #[arg(long, value_name = "NUMBER")]
    pub(super) seed: Option<i64>,

    /// The day that is today in made-up rows [default: that of the rows there, else today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(super) as_of: Option<NaiveDate>,
}

#[derive(Args, Clone, Debug, Default, PartialEq)]
pub(super) struct VolumeFlags {
    /// How many schools and festivals; scale 10 contains scale 1 [default: as many as are there,
    /// else 1]
    #[arg(long, value_name = "NUMBER")]
    pub(super) scale: Option<u64>,

    /// Load generated tables on so many connections side by side [default: 2]
    #[arg(long, value_name = "NUMBER")]
    pub(super) jobs: Option<NonZeroUsize>,

    /// Load only the I-th of N parts of the generated tables, as one of several machines
    #[arg(long, value_name = "I/N")]
    pub(super) shard: Option<Shard>,
}

/// One connection sends while the server works for another.
const JOBS: NonZeroUsize = NonZeroUsize::new(2).expect("two is not zero");

impl RunFlags {
    /// The same as the engine wants it.
    pub(super) fn options(&self, context: &Context) -> Result<Options, Failure> {
        Ok(Options {
            environment: context.settings.environment(),
            seed: self.world.seed,
            as_of: self.world.as_of,
            selection: Selection { only: self.only.clone(), skip: self.skip.clone() },
            scale: self.volume.scale,
            shard: self.volume.shard,
            jobs: self.volume.jobs.unwrap_or(JOBS),
            existing: existing(context)?,
            ending: if self.dry_run { Ending::RollBack } else { Ending::Commit },
            actor: context.operation("seed").actor,
            tool_version: context.tool.version.to_owned(),
            git_revision: migration::project::facts().git_revision,
        })
    }
}

/// `SKIP_EXISTING=true` leaves rows that are there as they are, those of reference data included.
fn existing(context: &Context) -> Result<Existing, Failure> {
    match context.settings.text("SKIP_EXISTING") {
        None | Some("false" | "0" | "") => Ok(Existing::Follow),
        Some("true" | "1") => Ok(Existing::Keep),
        Some(other) => Err(Failure::message(
            Exit::Usage,
            "settings.skip_existing",
            format!("SKIP_EXISTING is `{other}`"),
        )
        .hint("set it to `true` or `false`, or leave it unset")),
    }
}
