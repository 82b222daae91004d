//! `backup pin` and `backup unpin`

use backup::{
    BackupId, Pin,
    command::{FolderFlags, Weight, explain, recorded},
};
use clap::Args;
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure};

#[derive(Args)]
pub(super) struct PinFlags {
    /// Which backup: a name, the beginning of one, or `latest`
    #[arg(value_name = "BACKUP")]
    backup: String,

    /// Why it is to be kept
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,

    #[command(flatten)]
    folder: FolderFlags,
}

#[derive(Args)]
pub(super) struct UnpinFlags {
    /// Which backup: a name, or the beginning of one
    #[arg(value_name = "BACKUP")]
    backup: String,

    #[command(flatten)]
    folder: FolderFlags,
}

#[derive(Serialize)]
struct Done {
    id: BackupId,
    pinned: bool,
}

pub(super) async fn pin(flags: PinFlags, context: &Context) -> Result<Exit, Failure> {
    let store = flags.folder.store(context)?;
    let backup = backup::find(&store, None, &flags.backup).await.map_err(explain::find)?;
    let actor = context.operation("pin").actor;
    let pin = Pin { reason: flags.reason, at: context.clock.now(), actor };
    let work =
        async || backup::pin(&backup, &pin).await.map_err(|error| explain::mark(&backup, error));
    let command = format!("pin {}", backup.manifest.id);
    recorded(context, &store, &command, Weight::Adds, work).await?;
    context.answer(&Done { id: backup.manifest.id, pinned: true })
}

pub(super) async fn unpin(flags: &UnpinFlags, context: &Context) -> Result<Exit, Failure> {
    let store = flags.folder.store(context)?;
    let backup = backup::find(&store, None, &flags.backup).await.map_err(explain::find)?;
    let work = async || backup::unpin(&backup).await.map_err(|error| explain::mark(&backup, error));
    let command = format!("unpin {}", backup.manifest.id);
    // What protects a backup is taken away.
    recorded(context, &store, &command, Weight::Destroys, work).await?;
    context.answer(&Done { id: backup.manifest.id, pinned: false })
}

impl Answer for Done {
    const SCHEMA: &'static str = "seaworthy/backup.pin/1";

    fn text(&self) -> String {
        let Self { id, pinned } = self;
        if *pinned {
            format!("{id} is pinned: `backup prune` leaves it alone")
        } else {
            format!("{id} is not pinned any more")
        }
    }
}
