//! `backup verify`

use std::time::Duration;

use backup::{
    Level, Verification,
    command::{FolderFlags, Progress, explain, keys, programs},
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
}

#[derive(Serialize)]
struct Verified(Verification);

pub(super) async fn run(flags: &Flags, context: &Context) -> Result<Exit, Failure> {
    let store = flags.folder.store(context);
    let backup = backup::find(&store, None, &flags.backup).await.map_err(explain::find)?;
    let opening = keys::opening(context)?;
    let level = match flags.level {
        Closeness::Hash => Level::Hash,
        Closeness::Structure => Level::Structure,
    };
    let (programs, progress) = (programs(context).await, Progress::new(&context.console));
    let verification =
        backup::verify(&backup, level, &opening, &programs, STALL, context.clock.now(), &progress)
            .await
            .map_err(explain::verify)?;
    if let Err(error) = backup::record(&backup, &verification).await {
        context.console.warn(&format!("the result is not kept beside the backup: {error}"));
    }
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
            };
            return format!("{id} is sound: {looked}");
        }
        let list: Vec<_> = findings.iter().map(|finding| format!("  {finding}")).collect();
        format!("{id} is damaged:\n{}", list.join("\n"))
    }
}
