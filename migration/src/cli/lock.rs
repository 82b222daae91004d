//! `migration lock`: writes down what every migration is now.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::Args;
use migration::project::project;
use migration_engine::{
    Finding, Severity,
    lock_file::{self, LockEntry, LockFile, LockFileError, RelockError},
};
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure};

use super::finding::{Counts, by_subject};

#[derive(Args)]
pub(super) struct Flags {
    /// Write nothing; exit code 3 if something differs from what is locked
    #[arg(long, conflicts_with = "accept")]
    check: bool,
    /// Lock this migration even though its SQL was another when it was locked
    #[arg(long, value_name = "NAME")]
    accept: Vec<String>,
}

#[derive(Serialize)]
struct Checked {
    file: PathBuf,
    #[serde(flatten)]
    counts: Counts,
    findings: Vec<Finding>,
}

#[derive(Serialize)]
struct Locked {
    file: PathBuf,
    migrations: usize,
    changed: bool,
}

pub(super) async fn run(flags: Flags, context: &Context) -> Result<Exit, Failure> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations.lock");
    let text = read(&file)?;
    let locked = LockFile::parse(&text).map_err(unreadable)?;
    let entries = lock_file::entries(&project()).await;
    if flags.check {
        check(file, &entries, &locked, context)
    } else {
        write(file, &text, entries, &locked, &flags, context)
    }
}

fn read(file: &Path) -> Result<String, Failure> {
    match fs::read_to_string(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        text => text.map_err(|error| {
            Failure::new(Exit::Failed, "lock.read", error)
                .context(format!("cannot read {}", file.display()))
        }),
    }
}

fn check(
    file: PathBuf,
    entries: &[LockEntry],
    locked: &LockFile,
    context: &Context,
) -> Result<Exit, Failure> {
    let findings = lock_file::compare(entries, locked);
    let is_fine = findings.iter().all(|finding| finding.severity == Severity::Info);
    let checked = Checked { file, counts: Counts::of(&findings), findings };
    if is_fine { context.answer(&checked) } else { context.finding(&checked) }
}

fn write(
    file: PathBuf,
    text: &str,
    entries: Vec<LockEntry>,
    locked: &LockFile,
    flags: &Flags,
    context: &Context,
) -> Result<Exit, Failure> {
    let new = lock_file::relock(entries, locked, &flags.accept).map_err(refused)?;
    let rendered = new.render();
    let changed = rendered != text;
    if changed {
        fs::write(&file, rendered).map_err(|error| {
            Failure::new(Exit::Failed, "lock.write", error)
                .context(format!("cannot write {}", file.display()))
        })?;
    }
    context.answer(&Locked { file, migrations: new.entries.len(), changed })
}

fn unreadable(error: LockFileError) -> Failure {
    let hint = match error {
        LockFileError::Conflict(_) => {
            "keep the lines of both branches, remove the marks, then run `migration lock`"
        }
        LockFileError::Line { .. } | LockFileError::NoTotal(_) => {
            "take the last good version from git, then run `migration lock`"
        }
    };
    Failure::new(Exit::Failed, "lock.unreadable", error).hint(hint)
}

fn refused(error: RelockError) -> Failure {
    match &error {
        RelockError::Changed(names) => {
            let accept: Vec<_> = names.iter().map(|name| format!("--accept {name}")).collect();
            let hint = format!(
                "a released migration never changes: undo it and write a new one; if nobody has applied it yet: `migration lock {}`",
                accept.join(" ")
            );
            Failure::new(Exit::Refused, "lock.changed", error).hint(hint)
        }
        RelockError::Unknown(_) => Failure::new(Exit::Usage, "lock.unknown_name", error)
            .hint("`migration status` lists them"),
    }
}

impl Answer for Checked {
    const SCHEMA: &'static str = "seaworthy/migration.lock-check/1";

    fn text(&self) -> String {
        if self.findings.is_empty() {
            return "Every migration is what it was when it was locked".to_owned();
        }
        format!("{}\n{}", by_subject(&self.findings), self.counts.text())
    }
}

impl Answer for Locked {
    const SCHEMA: &'static str = "seaworthy/migration.lock/1";

    fn text(&self) -> String {
        let Self { file, migrations, changed } = self;
        if *changed {
            format!(
                "Locked {migrations} migration(s) in {}\nCommit it with the migrations.",
                file.display()
            )
        } else {
            format!("Nothing to do: {migrations} migration(s) are locked")
        }
    }
}
