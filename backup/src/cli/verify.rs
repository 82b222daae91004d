//! `backup verify`

use std::time::Duration;

use backup::{
    Level, Means, Verification,
    command::{FolderFlags, Progress, Weight, explain, keys, programs, recorded, replacing},
};
use clap::{Args, ValueEnum};
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure};

/// For how long `pg_restore` may stand still.
pub(super) const STALL: Duration = Duration::from_mins(10);

#[derive(Args)]
pub(super) struct Flags {
    /// Which backup: a name, the beginning of one, or `latest`
    #[arg(default_value = "latest", value_name = "BACKUP")]
    backup: String,

    /// How closely to look
    #[arg(long, value_enum, default_value = "structure")]
    level: Closeness,

    #[command(flatten)]
    folder: FolderFlags,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Closeness {
    /// Compare lengths and digests of the stored file, and of what is in it if it can be opened
    Hash,
    /// Also let pg_restore read the archive from the first byte to the last
    Structure,
    /// Also restore it into a database of its own on this server, and compare every row
    Restore,
}

#[derive(Serialize)]
struct Verified(Verification);

pub(super) async fn run(flags: &Flags, context: &Context) -> Result<Exit, Failure> {
    context.told_as("verify");
    let store = flags.folder.store(context)?;
    let backup = backup::find(&store, None, &flags.backup).await.map_err(explain::find)?;
    let opening = keys::opening(context)?;
    let level = match flags.level {
        Closeness::Hash => Level::Hash,
        Closeness::Structure => Level::Structure,
        Closeness::Restore => Level::Restore,
    };
    let (programs, progress) = (programs(context).await, Progress::new(&context.console));
    context.about_database(&backup.manifest.source.database);
    context.fact("backup", backup.manifest.id.as_str());
    context.fact("bytes", backup.manifest.artifact.stored.bytes);
    let command = format!("verify {}", backup.manifest.id);
    let look = async || {
        let now = context.clock.now();
        if level == Level::Restore {
            let url = context.locate().await?;
            let options = replacing(context, &url, Duration::ZERO);
            let means = Means { opening: &opening, programs: &programs, report: &progress };
            let stop = context.stop_requested();
            let drilled = backup::drill(&backup, &url, &options, means, now, stop).await;
            return drilled.map_err(explain::restore);
        }
        let work = backup::verify(&backup, level, &opening, &programs, STALL, now, &progress);
        context.until_stopped(Box::pin(async { work.await.map_err(explain::verify) })).await
    };
    let verify = async || {
        let verification = look().await?;
        if let Err(error) = backup::record(&backup, &verification).await {
            context.console.warn(&format!("the result is not kept beside the backup: {error}"));
        }
        context.fact("findings", verification.findings.len());
        if !verification.is_sound() {
            context.fact("class", "backup.damaged");
        }
        Ok(verification)
    };
    let store = flags.folder.store(context)?;
    let verification = recorded(context, &store, &command, Weight::Adds, verify).await?;
    let answer = Verified(verification);
    if answer.0.is_sound() { context.answer(&answer) } else { context.finding(&answer) }
}

impl Answer for Verified {
    const SCHEMA: &'static str = "seaworthy/backup.verify/1";

    fn text(&self) -> String {
        let Verification { id, level, findings, .. } = &self.0;
        if findings.is_empty() {
            let looked = match level {
                Level::Hash if !self.0.unpacked => {
                    "the stored file's digest matches; without an identity it was not opened"
                }
                Level::Hash => "its digests match",
                Level::Structure => "its digests match, and pg_restore reads it to the end",
                Level::Restore => "it was restored, and every row is what was recorded",
            };
            return format!("{id} is sound: {looked}");
        }
        let list: Vec<_> = findings.iter().map(|finding| format!("  {finding}")).collect();
        format!("{id} is damaged:\n{}", list.join("\n"))
    }
}
