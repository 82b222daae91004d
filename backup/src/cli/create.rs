//! `backup create`

use std::{path::PathBuf, time::Duration};

use backup::{
    Backup, CreateLimits, Kind,
    command::{FolderFlags, Progress, explain, programs, request, size},
};
use clap::Args;
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure, LockFlags};

#[derive(Args)]
pub(super) struct Flags {
    /// What to call it, besides its time
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,

    #[command(flatten)]
    folder: FolderFlags,

    #[command(flatten)]
    lock: LockFlags,
}

#[derive(Serialize)]
struct Created {
    id: String,
    path: PathBuf,
    database: String,
    tables: usize,
    rows: u64,
    stored_bytes: u64,
    raw_bytes: u64,
    sha256: String,
    seconds: f64,
}

pub(super) async fn run(flags: Flags, context: &Context) -> Result<Exit, Failure> {
    let opened = context.open(context.locate().await?).await?;
    let request = request(context, &flags.folder, Kind::Manual, flags.name);
    let limits = CreateLimits { folder_lock: flags.lock.wait(), ..CreateLimits::default() };
    let programs = programs(context).await;
    let progress = Progress::new(&context.console);
    let backup = context
        .audited_if_possible(&opened.db, "create", async || {
            backup::create(&opened.url, &request, &programs, &limits, &*context.clock, &progress)
                .await
                .map_err(explain::create)
        })
        .await?;
    context.answer(&Created::of(&backup))
}

impl Created {
    fn of(backup: &Backup) -> Self {
        let manifest = &backup.manifest;
        let took = (manifest.finished_at - manifest.started_at).to_std().unwrap_or(Duration::ZERO);
        Self {
            id: manifest.id.to_string(),
            path: backup.path.clone(),
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
            self.path.display(),
        )
    }
}
