//! `backup status`

use std::collections::BTreeMap;

use backup::{
    Backup, Dossier, Entry, FolderError, Freshness, Staleness, Standing,
    command::{FolderFlags, duration, explain, keys},
};
use chrono::TimeDelta;
use clap::Args;
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure, table};

#[derive(Args)]
pub(super) struct Flags {
    /// How old the newest good backup may be, such as `26h`
    #[arg(long, value_name = "AGE", value_parser = duration::parse)]
    max_age: Option<TimeDelta>,

    /// How old the newest backup may be that was verified by more than its digests, such as `8d`
    #[arg(long, value_name = "AGE", value_parser = duration::parse)]
    max_unverified: Option<TimeDelta>,

    /// Only the backups of this database, which then must have some
    #[arg(long, value_name = "DATABASE")]
    database: Option<String>,

    #[command(flatten)]
    folder: FolderFlags,
}

#[derive(Serialize)]
struct Status {
    databases: Vec<Standing>,
    damaged: Vec<String>,
}

pub(super) async fn run(flags: &Flags, context: &Context) -> Result<Exit, Failure> {
    context.told_as("status");
    let store = flags.folder.store(context)?;
    let entries = match backup::list(&store, flags.database.as_deref()).await {
        Err(FolderError::Missing(_)) => Vec::new(),
        listed => listed.map_err(explain::folder)?,
    };
    let opening = keys::opening(context)?;
    let limits = Freshness { max_age: flags.max_age, max_unverified: flags.max_unverified };
    let (mut good, mut damaged): (BTreeMap<String, Vec<(Backup, Dossier)>>, _) = Default::default();
    // A database that was named, and any where ages matter, is stale without a single backup.
    good.extend(flags.database.clone().map(|database| (database, Vec::new())));
    for entry in entries {
        match known_good(entry, &opening).await? {
            Ok((backup, dossier)) => {
                let database = backup.manifest.source.database.clone();
                good.entry(database).or_default().push((backup, dossier));
            }
            Err(id) => Vec::push(&mut damaged, id),
        }
    }
    if good.is_empty() && (limits.max_age.is_some() || limits.max_unverified.is_some()) {
        let database =
            context.named_url()?.map_or_else(|| "(any)".to_owned(), |url| url.database());
        good.insert(database, Vec::new());
    }
    let now = context.clock.now();
    let stand = |(database, good): (&String, &Vec<(Backup, Dossier)>)| {
        let good: Vec<_> = good.iter().map(|(backup, dossier)| (backup, dossier)).collect();
        backup::stand(database, &good, &limits, now)
    };
    let status = Status { databases: good.iter().map(stand).collect(), damaged };
    if status.is_fresh() {
        return context.answer(&status);
    }
    context.fact("class", "backup.stale");
    context.finding(&status)
}

/// A backup that is complete, and sound as far as can be seen at a glance; else its name.
async fn known_good(
    entry: Entry,
    opening: &backup::Opening,
) -> Result<Result<(Backup, Dossier), String>, Failure> {
    let Entry::Complete(backup) = entry else { return Ok(Err(entry.id().to_string())) };
    let unreadable = |error| explain::read(&backup, error);
    let findings = backup::glance(&backup, opening).await.map_err(unreadable)?;
    let dossier = backup::dossier(&backup).await.map_err(unreadable)?;
    let refuted = dossier.verifications.last().is_some_and(|last| !last.is_sound());
    if findings.is_empty() && !refuted {
        Ok(Ok((backup, dossier)))
    } else {
        Ok(Err(backup.manifest.id.to_string()))
    }
}

impl Status {
    fn is_fresh(&self) -> bool {
        self.damaged.is_empty() && self.databases.iter().all(|standing| standing.stale.is_empty())
    }
}

fn row(standing: &Standing) -> [String; 4] {
    let age = |seconds: Option<i64>| seconds.map_or_else(|| "never".to_owned(), duration::text);
    let stale = |what| if standing.stale.contains(&what) { " (too old)" } else { "" };
    [
        standing.database.clone(),
        age(standing.age_seconds) + stale(Staleness::Backup),
        age(standing.verified_age_seconds) + stale(Staleness::Proof),
        standing.newest.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string),
    ]
}

impl Answer for Status {
    const SCHEMA: &'static str = "seaworthy/backup.status/1";

    fn text(&self) -> String {
        if self.databases.is_empty() && self.damaged.is_empty() {
            return "No backups".to_owned();
        }
        let rows: Vec<_> = self.databases.iter().map(row).collect();
        let mut text = table(["database", "backup", "verified", "newest"], &rows);
        for id in &self.damaged {
            text = format!("{text}\ndamaged: {id}");
        }
        text
    }
}
