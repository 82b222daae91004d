//! `backup prune`

use backup::{
    Entry, Judged, Retention, Verdict,
    command::{FolderFlags, Weight, duration, explain, keys, recorded, size},
};
use clap::Args;
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure, LockFlags, table};

#[derive(Args)]
pub(super) struct Flags {
    /// Keep the newest N of each kind; the same as --keep-last
    #[arg(long, value_name = "N", conflicts_with = "keep_last")]
    keep: Option<usize>,

    /// Keep the newest N of each kind
    #[arg(long, value_name = "N")]
    keep_last: Option<usize>,

    /// Keep the newest of each of the last N days that have one
    #[arg(long, value_name = "N", default_value_t = 0)]
    keep_daily: usize,

    /// Keep the newest of each of the last N weeks that have one
    #[arg(long, value_name = "N", default_value_t = 0)]
    keep_weekly: usize,

    /// Keep the newest of each of the last N months that have one
    #[arg(long, value_name = "N", default_value_t = 0)]
    keep_monthly: usize,

    /// Keep all that are not older than this, such as `36h` or `14d`
    #[arg(long, value_name = "AGE", value_parser = duration::parse)]
    keep_within: Option<chrono::TimeDelta>,

    /// Only the backups of this database
    #[arg(long, value_name = "DATABASE")]
    database: Option<String>,

    /// Really remove them; without it, what would be removed is only shown
    #[arg(long)]
    yes: bool,

    #[command(flatten)]
    folder: FolderFlags,

    #[command(flatten)]
    lock: LockFlags,
}

#[derive(Serialize)]
struct Pruned {
    removed: bool,
    policy: Retention,
    backups: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    id: String,
    database: Option<String>,
    stored_bytes: Option<u64>,
    verdict: Verdict,
}

pub(super) async fn run(flags: Flags, context: &Context) -> Result<Exit, Failure> {
    let policy = flags.policy();
    if policy.is_empty() {
        return Err(Failure::message(Exit::Usage, "backup.no_policy", "nothing says what to keep")
            .hint(
                "say it: `backup prune --keep 7`, or --keep-daily, --keep-weekly, --keep-within, …",
            ));
    }
    let (store, opening) = (flags.folder.store(context)?, keys::opening(context)?);
    let (database, now) = (flags.database.as_deref(), context.clock.now());
    let judged = if flags.yes {
        let note = format!("pid {}, prune", std::process::id());
        let wait = (note.as_str(), flags.lock.wait());
        let prune = async || {
            let pruned = backup::prune(&store, database, &policy, &opening, wait, now, &()).await;
            let pruned = pruned.map_err(explain::prune)?;
            let gone = pruned.iter().filter(|judged| judged.verdict == Verdict::Goes);
            let gone: Vec<_> = gone.map(|judged| judged.entry.id().to_string()).collect();
            context.fact("removed", gone);
            Ok(pruned)
        };
        recorded(context, &store, "prune", Weight::Destroys, prune).await?
    } else {
        let judged = backup::survey(&store, database, &policy, &opening, now).await;
        judged.map_err(explain::prune)?
    };
    let backups = judged.iter().map(Line::of).collect();
    let answer = Pruned { removed: flags.yes, policy, backups };
    // Policy and store disagree: somebody must know.
    if answer.retained() > 0 { context.finding(&answer) } else { context.answer(&answer) }
}

impl Flags {
    fn policy(&self) -> Retention {
        Retention {
            last: self.keep.or(self.keep_last).unwrap_or_default(),
            daily: self.keep_daily,
            weekly: self.keep_weekly,
            monthly: self.keep_monthly,
            within_seconds: self.keep_within.map(|within| within.num_seconds()),
        }
    }
}

impl Line {
    fn of(judged: &Judged) -> Self {
        let (id, verdict) = (judged.entry.id().to_string(), judged.verdict);
        match &judged.entry {
            Entry::Complete(backup) => Self {
                id,
                database: Some(backup.manifest.source.database.clone()),
                stored_bytes: Some(backup.manifest.artifact.stored.bytes),
                verdict,
            },
            Entry::Damaged { .. } => Self { id, database: None, stored_bytes: None, verdict },
        }
    }

    fn row(&self) -> [String; 3] {
        let why = match self.verdict {
            Verdict::Pinned => "kept: pinned",
            Verdict::Damaged => "left: damaged, have a look",
            Verdict::LastGood => "kept: the newest good one",
            Verdict::NewestVerified => "kept: the newest verified one",
            Verdict::Last => "kept: one of the newest",
            Verdict::Within => "kept: not old enough",
            Verdict::Daily => "kept: for its day",
            Verdict::Weekly => "kept: for its week",
            Verdict::Monthly => "kept: for its month",
            Verdict::InUse => "left: somebody reads it",
            Verdict::Retained => "retained: the store keeps it",
            Verdict::Goes => "goes",
        };
        let stored = self.stored_bytes.map_or_else(|| "-".to_owned(), size);
        [self.id.clone(), stored, why.to_owned()]
    }
}

impl Pruned {
    fn retained(&self) -> usize {
        self.backups.iter().filter(|line| line.verdict == Verdict::Retained).count()
    }
}

impl Answer for Pruned {
    const SCHEMA: &'static str = "seaworthy/backup.prune/1";

    fn text(&self) -> String {
        let goes = || self.backups.iter().filter(|line| line.verdict == Verdict::Goes);
        let rows: Vec<_> = self.backups.iter().map(Line::row).collect();
        let bytes = goes().filter_map(|line| line.stored_bytes).sum();
        let (count, freed) = (goes().count(), size(bytes));
        let end = match (count, self.removed) {
            (0, _) => "Nothing goes".to_owned(),
            (_, true) => format!("Removed {count}, {freed}"),
            (_, false) => format!("Would remove {count}, {freed}; nothing was removed: add --yes"),
        };
        let end = match self.retained() {
            0 => end,
            retained => format!(
                "{end}\n{retained} retained: locked, or removing is not allowed with these credentials"
            ),
        };
        format!("{}\n\n{end}", table(["backup", "size", "verdict"], &rows))
    }
}
