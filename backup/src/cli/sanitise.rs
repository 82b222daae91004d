//! `backup sanitise`

mod check;
mod first;

use std::path::PathBuf;

use backup::{
    Backup, CreateLimits, Kind, Profile, SanitiseRequest, SanitisingKey,
    command::{FolderFlags, Progress, Weight, explain, programs, recorded, request, size},
};
use clap::Args;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure, LockFlags};

/// A shorter key could be found by trying.
const SHORTEST_KEY: usize = 16;

#[derive(Args)]
pub(super) struct Flags {
    /// The file that says what every column holds [default: backup/sanitise.toml]
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,

    /// Only compare the file with the database; exit code 3 where it does not fit
    #[arg(long, conflicts_with_all = ["init", "name"])]
    check: bool,

    /// Only write a first file, by the names and types of the columns
    #[arg(long, conflicts_with = "name")]
    init: bool,

    /// What to call the backup, besides its time
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,

    #[command(flatten)]
    folder: FolderFlags,

    #[command(flatten)]
    lock: LockFlags,
}

#[derive(Serialize)]
struct Made {
    id: String,
    path: String,
    database: String,
    profile: PathBuf,
    profile_sha256: String,
    /// Whether the key was made for this run alone.
    random_key: bool,
    tables: usize,
    rows: u64,
    stored_bytes: u64,
}

pub(super) async fn run(flags: Flags, context: &Context) -> Result<Exit, Failure> {
    let file = flags.profile.clone().unwrap_or_else(|| PathBuf::from("backup/sanitise.toml"));
    let file = context.settings.workspace().join(file);
    if flags.init {
        return first::run(file, context).await;
    }
    let profile = Profile::read(&file).map_err(explain::profile)?;
    if flags.check {
        return check::run(&profile, file, context).await;
    }
    let (key, random_key) = key(context)?;
    let backup = make(flags, &profile, &key, context).await?;
    let manifest = &backup.manifest;
    context.answer(&Made {
        id: manifest.id.to_string(),
        path: backup.place.to_string(),
        database: manifest.source.database.clone(),
        profile: file,
        profile_sha256: profile.sha256,
        random_key,
        tables: manifest.content.tables.len(),
        rows: manifest.rows(),
        stored_bytes: manifest.artifact.stored.bytes,
    })
}

async fn make(
    flags: Flags,
    profile: &Profile,
    key: &SanitisingKey,
    context: &Context,
) -> Result<Backup, Failure> {
    // From here on, so that an interruption drops the copy.
    let stop = context.stop_requested();
    context.told_as("sanitise");
    let opened = context.open(context.locate().await?).await?;
    let backup = request(context, &flags.folder, Kind::Sanitised, flags.name)?;
    let request = SanitiseRequest { profile, key, backup };
    let limits = CreateLimits { folder_lock: flags.lock.wait(), ..CreateLimits::default() };
    let (programs, progress) = (programs(context).await, Progress::new(&context.console));
    let make = async || {
        let (url, clock) = (&opened.url, &*context.clock);
        let work = backup::sanitise(url, &request, &programs, &limits, clock, stop, &progress);
        let backup = Box::pin(work).await.map_err(explain::sanitise)?;
        context.fact("backup", backup.manifest.id.as_str());
        context.fact("bytes", backup.manifest.artifact.stored.bytes);
        Ok(backup)
    };
    let audited = async || context.audited_if_possible(&opened.db, "sanitise", make).await;
    let store = flags.folder.store(context)?;
    recorded(context, &store, "sanitise", Weight::Adds, audited).await
}

/// The key of the settings, else one that nobody will ever have again.
fn key(context: &Context) -> Result<(SanitisingKey, bool), Failure> {
    let Some(setting) = context.settings.get("BACKUP_SANITISE_KEY") else {
        let mut secret = [0; 32];
        SystemRandom::new().fill(&mut secret).map_err(|_| {
            Failure::message(Exit::Failed, "sanitise.key", "the system gives no random numbers")
                .hint("set BACKUP_SANITISE_KEY")
        })?;
        return Ok((SanitisingKey::new(&secret), true));
    };
    if setting.value.len() < SHORTEST_KEY {
        let said = format!(
            "BACKUP_SANITISE_KEY (from {}) is shorter than {SHORTEST_KEY} characters",
            setting.origin
        );
        return Err(Failure::message(Exit::Usage, "sanitise.key", said)
            .hint("make a good one: `openssl rand -hex 32`"));
    }
    Ok((SanitisingKey::new(setting.value.as_bytes()), false))
}

impl Answer for Made {
    const SCHEMA: &'static str = "seaworthy/backup.sanitise/1";

    fn text(&self) -> String {
        let key = if self.random_key {
            "by a key of this run alone: another run gives other pseudonyms (BACKUP_SANITISE_KEY)"
        } else {
            "by the key of BACKUP_SANITISE_KEY"
        };
        format!(
            "{}\n  a sanitised copy of `{}`: {} tables, {} rows, {} stored\n  by {}\n  {key}\n  in {}\n\n\
             Use it: `cargo run -p backup -- restore {} --to NEW_DATABASE --no-owner`",
            self.id,
            self.database,
            self.tables,
            self.rows,
            size(self.stored_bytes),
            self.profile.display(),
            self.path,
            self.id,
        )
    }
}
