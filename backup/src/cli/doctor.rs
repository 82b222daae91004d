//! `backup doctor`

use backup::{
    DatabaseFinding, DatabaseRepair, Kept, StoreFinding,
    command::{FolderFlags, explain, keys},
};
use clap::Args;
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure};

#[derive(Args)]
pub(super) struct Flags {
    /// Put right what can be put right
    #[arg(long)]
    repair: bool,

    #[command(flatten)]
    folder: FolderFlags,
}

#[derive(Serialize)]
struct Diagnosis {
    databases: Vec<DatabaseRepair>,
    /// How many databases belong to runs that are under way.
    under_way: usize,
    kept: Vec<Kept>,
    backups: Vec<StoreFinding>,
}

pub(super) async fn run(flags: &Flags, context: &Context) -> Result<Exit, Failure> {
    let url = context.locate().await?;
    let (databases, under_way) = if flags.repair {
        backup::repair_databases(&url).await.map_err(explain::server)?
    } else {
        let not_yet = |finding| DatabaseRepair { finding, repaired: false };
        let examined = backup::examine_databases(&url).await.map_err(explain::server)?;
        (examined.findings.into_iter().map(not_yet).collect(), examined.under_way)
    };
    let kept = backup::kept(&url, None).await.map_err(explain::restore)?;
    let (store, opening) = (flags.folder.store(context)?, keys::opening(context)?);
    let now = context.clock.now();
    if flags.repair {
        backup::repair_store(&store, now).await.map_err(explain::folder)?;
    }
    let examined = backup::examine_store(&store, &opening, now).await;
    let backups = examined.map_err(explain::examine)?;
    let answer = Diagnosis { databases, under_way, kept, backups };
    if answer.is_well() { context.answer(&answer) } else { context.finding(&answer) }
}

impl Diagnosis {
    fn is_well(&self) -> bool {
        self.backups.iter().all(StoreFinding::may_pass)
            && self.databases.iter().all(|repair| repair.repaired)
    }
}

impl Answer for Diagnosis {
    const SCHEMA: &'static str = "seaworthy/backup.doctor/1";

    fn text(&self) -> String {
        let mut lines: Vec<_> = self.databases.iter().map(line).collect();
        if lines.is_empty() {
            lines.push("No dead run has left anything on the server".to_owned());
        }
        lines.extend(self.backups.iter().map(|finding| match finding {
            StoreFinding::Leftover { name } => format!("{name} was left by a run that is dead"),
            StoreFinding::Unfinished { name } => {
                format!(
                    "{name} has no manifest: its run is at work, or has died less than a day ago"
                )
            }
            StoreFinding::Damaged { id, reason } => format!("{id} is damaged: {reason}"),
        }));
        if self.under_way > 0 {
            lines.push(format!("{} runs are under way and are left alone", self.under_way));
        }
        lines.extend(self.kept.iter().map(|kept| {
            format!("`{}` is kept since {}: it was `{}`", kept.database, kept.at, kept.of)
        }));
        if !self.is_well() {
            lines.push("\nPut it right: `backup doctor --repair`".to_owned());
        }
        lines.join("\n")
    }
}

fn line(DatabaseRepair { finding, repaired }: &DatabaseRepair) -> String {
    let (wrong, right) = match finding {
        DatabaseFinding::Closed { .. } | DatabaseFinding::AsideClosed { .. } => {
            ("lets nobody in, and whoever closed it is dead", "lets everybody in again")
        }
        DatabaseFinding::Abandoned { .. } => {
            ("was being restored by a run that is dead", "was dropped, as its run is dead")
        }
        DatabaseFinding::Missing { kept, .. } => {
            return format!(
                "`{}` does not exist, but `{kept}` is kept: `backup undo {kept}`",
                finding.database()
            );
        }
    };
    format!("`{}` {}", finding.database(), if *repaired { right } else { wrong })
}
