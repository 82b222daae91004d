//! `backup restore`

use std::time::Duration;

use backup::{
    Backup, Ownership, RestoreOptions, Restored,
    command::{FolderFlags, Progress, Weight, explain, keys, programs, recorded},
};
use clap::Args;
use dbkit::{ConnectError, DatabaseUrl, connect};
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure};

#[derive(Args)]
pub(super) struct Flags {
    /// Which backup: a name, the beginning of one, or `latest`
    #[arg(default_value = "latest", value_name = "BACKUP")]
    backup: String,

    /// The database to restore into, which must not exist
    #[arg(long, value_name = "NEW_DATABASE")]
    to: String,

    /// Give everything to the role that restores, and grant nothing: for another server
    #[arg(long)]
    no_owner: bool,

    /// How many seconds pg_restore may take
    #[arg(long, value_name = "SECONDS", default_value_t = 24 * 60 * 60)]
    limit: u64,

    #[command(flatten)]
    folder: FolderFlags,
}

#[derive(Serialize)]
struct Done {
    backup: String,
    database: String,
    url: String,
    tables: usize,
    rows: u64,
    seconds: f64,
}

pub(super) async fn run(flags: Flags, context: &Context) -> Result<Exit, Failure> {
    let url = context.locate().await?;
    // `latest` means the latest of this database; a name may be that of another's backup.
    let database = url.database();
    let of = Some(database.as_str()).filter(|_| flags.backup == "latest");
    let store = flags.folder.store(context);
    let backup = backup::find(&store, of, &flags.backup).await.map_err(explain::find)?;
    let options = RestoreOptions {
        database: flags.to,
        run: context.run_id,
        ownership: if flags.no_owner { Ownership::Restorer } else { Ownership::AsRecorded },
        limit: Duration::from_secs(flags.limit),
    };
    let command = format!("restore {} --to {}", backup.manifest.id, options.database);
    context.about_database(&database);
    context.fact("backup", backup.manifest.id.as_str());
    context.fact("bytes", backup.manifest.artifact.stored.bytes);
    let trail = flags.folder.trail(context);
    let audited = async || audited(&backup, &url, &options, &command, context).await;
    let restored = recorded(context, &trail, &command, Weight::Destroys, audited).await?;
    let url = url.with_database(&restored.database).to_string();
    context.answer(&Done::of(&backup, &restored, url))
}

/// Where the database itself is what was lost, there is only the trail of the folder.
async fn audited(
    backup: &Backup,
    url: &DatabaseUrl,
    options: &RestoreOptions,
    command: &str,
    context: &Context,
) -> Result<Restored, Failure> {
    if !exists(url, context).await? {
        let lost = url.database();
        context.console.note(&format!("`{lost}` does not exist: the folder alone keeps a trail"));
        return restore(backup, &url.with_database("postgres"), options, context).await;
    }
    let opened = context.open_to_write(url.clone()).await?;
    let work = async || restore(backup, url, options, context).await;
    context.audited(&opened.db, command, work).await
}

async fn exists(url: &DatabaseUrl, context: &Context) -> Result<bool, Failure> {
    match connect(url, &context.connect_options(), &context.console).await {
        Ok(_) => Ok(true),
        Err(ConnectError::NoSuchDatabase { .. }) => Ok(false),
        Err(error) => Err(Failure::connect(error)),
    }
}

async fn restore(
    backup: &Backup,
    maintenance: &DatabaseUrl,
    options: &RestoreOptions,
    context: &Context,
) -> Result<Restored, Failure> {
    let (programs, progress) = (programs(context).await, Progress::new(&context.console));
    let stop = context.stop_requested();
    let opening = keys::opening(context)?;
    backup::restore(backup, maintenance, options, &opening, &programs, stop, &progress)
        .await
        .map_err(explain::restore)
}

impl Done {
    fn of(backup: &Backup, restored: &Restored, url: String) -> Self {
        Self {
            backup: backup.manifest.id.to_string(),
            database: restored.database.clone(),
            url,
            tables: restored.tables,
            rows: restored.rows,
            seconds: restored.elapsed.as_secs_f64(),
        }
    }
}

impl Answer for Done {
    const SCHEMA: &'static str = "seaworthy/backup.restore/1";

    fn text(&self) -> String {
        format!(
            "Restored {} into `{}` in {:.1} s: {} tables with {} rows, each equal to the manifest\n  {}",
            self.backup, self.database, self.seconds, self.tables, self.rows, self.url
        )
    }
}
