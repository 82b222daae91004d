//! What a run and a plan can be asked for.

use chrono::NaiveDate;
use clap::Args;
use seeding_engine::{Ending, Options};
use terminal::{Context, LockFlags};

#[derive(Args, Clone, Debug, Default, PartialEq)]
pub(super) struct RunFlags {
    /// Which made-up world: the same number gives the same rows [default: that of the rows there,
    /// else 42]
    #[arg(long, value_name = "NUMBER")]
    seed: Option<i64>,

    /// The day that is today in made-up rows [default: that of the rows there, else today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<NaiveDate>,

    /// Only this seed and what it requires; may be repeated
    #[arg(long, value_name = "SEED")]
    only: Vec<String>,

    /// Write everything, let every constraint speak, and take it all back
    #[arg(long)]
    pub(super) dry_run: bool,

    #[command(flatten)]
    pub(super) lock: LockFlags,
}

impl RunFlags {
    /// The same as the engine wants it.
    pub(super) fn options(&self, context: &Context) -> Options {
        Options {
            environment: context.settings.environment(),
            seed: self.seed,
            as_of: self.as_of,
            only: self.only.clone(),
            ending: if self.dry_run { Ending::RollBack } else { Ending::Commit },
            actor: context.operation("seed").actor,
            tool_version: context.tool.version.to_owned(),
        }
    }
}
