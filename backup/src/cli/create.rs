//! `backup create`

use std::time::Duration;

use backup::{
    Backup, Compression, CreateLimits, CreateRequest, Kind, Place,
    command::{FolderFlags, Progress, Weight, explain, programs, recorded, request, size},
};
use clap::{Args, ValueEnum};
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure, LockFlags};

#[derive(Args)]
pub(super) struct Flags {
    /// What to call it, besides its time
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,

    /// Why it is made; `prune` keeps each kind apart
    #[arg(long, value_name = "KIND", value_enum, default_value = "manual")]
    kind: KindFlag,

    /// Only these tables, each as `table` (in `public`) or `schema.table`
    #[arg(long, value_name = "TABLE", value_delimiter = ',')]
    tables: Vec<String>,

    /// Only copy the database on its own server, in a moment: for development and testing, and while
    /// nobody is connected. `cargo run -p seeder -- snapshot` lists such copies and brings them back
    #[arg(long, conflicts_with_all = ["kind", "tables", "compress"])]
    fast: bool,

    /// How to compress: a level of zstd from 1 to 19, or `none` for a store that does so itself
    #[arg(long, value_name = "LEVEL", default_value_t = Compression::default())]
    compress: Compression,

    /// For how many seconds pg_dump may write nothing
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    stall_timeout: u64,

    /// How many seconds to wait for a table that somebody has locked
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    table_lock_wait: u64,

    #[command(flatten)]
    folder: FolderFlags,

    #[command(flatten)]
    lock: LockFlags,
}

/// The kinds that people and timers make; the others are made by the commands that need them.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum KindFlag {
    /// Somebody asked for it
    Manual,
    /// A timer asked for it
    Scheduled,
    /// Migrations are about to be applied
    BeforeMigration,
}

impl From<KindFlag> for Kind {
    fn from(flag: KindFlag) -> Self {
        match flag {
            KindFlag::Manual => Self::Manual,
            KindFlag::Scheduled => Self::Scheduled,
            KindFlag::BeforeMigration => Self::BeforeMigration,
        }
    }
}

#[derive(Serialize)]
struct Created {
    id: String,
    path: Place,
    sealed_for: Vec<String>,
    database: String,
    tables: usize,
    rows: u64,
    stored_bytes: u64,
    raw_bytes: u64,
    sha256: String,
    seconds: f64,
}

#[derive(Serialize)]
struct Copied {
    database: String,
    snapshot: String,
}

/// A copy on the same server, which is lost together with it: no backup, and not listed as one.
async fn copy(name: Option<String>, context: &Context) -> Result<Exit, Failure> {
    context.require_invented_rows()?;
    let snapshot = name.unwrap_or_else(|| context.clock.now().format("%Y%m%dT%H%M%SZ").to_string());
    let opened = context.open_to_write(context.locate().await?).await?;
    context.take_snapshot(&opened, &snapshot).await?;
    context.answer(&Copied { database: opened.place(), snapshot })
}

pub(super) async fn run(flags: Flags, context: &Context) -> Result<Exit, Failure> {
    context.told_as("create");
    if flags.fast {
        return copy(flags.name, context).await;
    }
    let opened = context.open(context.locate().await?).await?;
    let request = request(context, &flags.folder, flags.kind.into(), flags.name)?;
    let request = CreateRequest { tables: flags.tables, compression: flags.compress, ..request };
    let limits = CreateLimits {
        folder_lock: flags.lock.wait(),
        table_lock: Duration::from_secs(flags.table_lock_wait),
        stall: Duration::from_secs(flags.stall_timeout),
        ..CreateLimits::default()
    };
    let programs = programs(context).await;
    let progress = Progress::new(&context.console);
    let create = async || {
        let (clock, url) = (&*context.clock, &opened.url);
        let work = backup::create(url, &request, &programs, &limits, clock, &progress);
        let work = Box::pin(async { work.await.map_err(explain::create) });
        let backup = context.until_stopped(work).await?;
        context.fact("backup", backup.manifest.id.as_str());
        context.fact("bytes", backup.manifest.artifact.stored.bytes);
        Ok(backup)
    };
    let audited = async || context.audited_if_possible(&opened.db, "create", create).await;
    let store = flags.folder.store(context)?;
    let backup = recorded(context, &store, "create", Weight::Adds, audited).await?;
    context.answer(&Created::of(&backup))
}

impl Created {
    fn of(backup: &Backup) -> Self {
        let manifest = &backup.manifest;
        let took = (manifest.finished_at - manifest.started_at).to_std().unwrap_or(Duration::ZERO);
        Self {
            id: manifest.id.to_string(),
            path: backup.place.clone(),
            sealed_for: manifest.artifact.recipients.clone(),
            database: manifest.source.database.clone(),
            tables: manifest.content.tables.len(),
            rows: manifest.rows(),
            stored_bytes: manifest.artifact.stored.bytes,
            raw_bytes: manifest.artifact.raw.bytes,
            sha256: manifest.artifact.stored.sha256.clone(),
            seconds: took.as_secs_f64(),
        }
    }
}

impl Answer for Created {
    const SCHEMA: &'static str = "seaworthy/backup.create/1";

    fn text(&self) -> String {
        format!(
            "{}\n  of `{}`: {} tables, {} rows, {} stored ({} dumped) in {:.1} s\n  in {}\n\n\
             Prove it: `cargo run -p backup -- restore latest --to NEW_DATABASE`",
            self.id,
            self.database,
            self.tables,
            self.rows,
            size(self.stored_bytes),
            size(self.raw_bytes),
            self.seconds,
            self.path,
        )
    }
}

impl Answer for Copied {
    const SCHEMA: &'static str = "seaworthy/backup.copy/1";

    fn text(&self) -> String {
        let Self { database, snapshot } = self;
        format!(
            "Snapshot `{snapshot}` of {database} taken, on the same server: no backup\n\n\
             Bring it back: `cargo run -p seeder -- snapshot restore {snapshot}`"
        )
    }
}
