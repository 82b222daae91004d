//! `backup data import`

use std::path::PathBuf;

use backup::{
    Kind, Secured,
    command::{
        BackupDirFlags,
        data::{self as explain, DataProgress},
        secure,
    },
    data::{
        Applied, Checked, DataFile, FileError, ImportOptions, Imported, Mode, Triggers, check,
        import,
    },
};
use clap::{Args, ValueEnum};
use dbkit::guard::{Destruction, Permit};
use serde::Serialize;
use terminal::{Answer, ConsentFlags, Context, Exit, Failure, LockFlags, Opened};

#[derive(Args)]
pub(in crate::cli) struct Flags {
    /// A file of `backup data export`, or - for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// What becomes of the rows that are there
    #[arg(long, value_enum, default_value_t, value_name = "MODE")]
    mode: ModeFlag,

    /// Keep the team's own triggers silent; needs the tables' owner
    #[arg(long)]
    no_triggers: bool,

    /// Replace rows without a backup of the database before
    #[arg(long)]
    no_safety_backup: bool,

    #[command(flatten)]
    backups: BackupDirFlags,

    #[command(flatten)]
    lock: LockFlags,

    #[command(flatten)]
    consent: ConsentFlags,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ModeFlag {
    /// Add the file's rows; one that is there already is an error
    #[default]
    Insert,
    /// Make the tables equal to the file: rows that are not in it are deleted
    Replace,
}

#[derive(Serialize)]
struct Done {
    file: PathBuf,
    database: String,
    tables: Vec<Applied>,
    sequences: Vec<String>,
    #[serde(flatten)]
    secured: Option<Secured>,
}

pub(super) async fn run(flags: Flags, context: &Context) -> Result<Exit, Failure> {
    if flags.mode == ModeFlag::Replace {
        context.refuse_early(Destruction::RollBack, &flags.consent)?;
    }
    let named = |failure: Failure| failure.context(format!("`{}`", flags.file.display()));
    let checked = checked(&flags.file, context).map_err(|error| named(explain::file(error)))?;
    let opened = context.open_to_write(context.locate().await?).await?;
    match flags.mode {
        ModeFlag::Insert => add(&flags, &opened, &checked, context).await,
        ModeFlag::Replace => replace(&flags, &opened, &checked, context).await,
    }
}

/// What was read to its end, before anything is asked of the database.
fn checked(file: &std::path::Path, context: &Context) -> Result<Checked, FileError> {
    let file = if file.as_os_str() == "-" {
        DataFile::stage(&mut std::io::stdin().lock())
    } else {
        DataFile::open(file)
    };
    check(file.map_err(FileError::Read)?, &DataProgress(&context.console))
}

async fn add(
    flags: &Flags,
    opened: &Opened,
    checked: &Checked,
    context: &Context,
) -> Result<Exit, Failure> {
    let imported = context
        .audited(&opened.db, "data import", async || {
            take(flags, opened, checked, Mode::Insert, context).await
        })
        .await?;
    context.answer(&Done::of(flags, opened, imported, None))
}

async fn replace(
    flags: &Flags,
    opened: &Opened,
    checked: &Checked,
    context: &Context,
) -> Result<Exit, Failure> {
    let stakes = stakes(opened, checked);
    let permit = context.permit(&opened.target, Destruction::RollBack, &flags.consent, &stakes)?;
    let command = "data import --mode replace";
    let (secured, imported) = context
        .audited_with(&opened.db, command, permit.break_glass(), async || {
            let secured = secured(flags, opened, &permit, context).await?;
            let mode = Mode::Replace(&permit);
            Ok((secured, take(flags, opened, checked, mode, context).await?))
        })
        .await?;
    context.answer(&Done::of(flags, opened, imported, secured))
}

fn stakes(opened: &Opened, checked: &Checked) -> String {
    let tables = checked
        .tables
        .iter()
        .map(|table| format!("{}.{} ({} rows)", table.schema, table.name, table.rows));
    format!(
        "the import would make these tables of {} equal to the file, and delete all other rows of them: {}",
        opened.place(),
        tables.collect::<Vec<_>>().join(", "),
    )
}

/// The permit is what says that there is something to secure.
async fn secured(
    flags: &Flags,
    opened: &Opened,
    _permit: &Permit,
    context: &Context,
) -> Result<Option<Secured>, Failure> {
    if flags.no_safety_backup {
        context.console.warn("no backup was made before");
        return Ok(None);
    }
    let folder = flags.backups.clone().into();
    secure(context, &opened.url, &folder, Kind::BeforeImport).await.map(Some)
}

async fn take(
    flags: &Flags,
    opened: &Opened,
    checked: &Checked,
    mode: Mode<'_>,
    context: &Context,
) -> Result<Imported, Failure> {
    let triggers = if flags.no_triggers { Triggers::Silence } else { Triggers::Fire };
    let options = ImportOptions { mode, triggers, expect: None, lock_wait: flags.lock.wait() };
    import(&opened.url, checked, &options, &DataProgress(&context.console))
        .await
        .map_err(explain::import)
}

impl Done {
    fn of(flags: &Flags, opened: &Opened, imported: Imported, secured: Option<Secured>) -> Self {
        Self {
            file: flags.file.clone(),
            database: opened.url.database(),
            tables: imported.tables,
            sequences: imported.sequences,
            secured,
        }
    }
}

impl Answer for Done {
    const SCHEMA: &'static str = "seaworthy/backup.data-import/1";

    fn text(&self) -> String {
        let mut lines = vec![format!("Imported {} into `{}`", self.file.display(), self.database)];
        lines.extend(self.tables.iter().map(|table| {
            let Applied { schema, name, deleted, updated, inserted } = table;
            format!(
                "  {schema}.{name}: {inserted} rows inserted, {updated} updated, {deleted} deleted"
            )
        }));
        if let Some(Secured::Backup { id, .. }) = &self.secured {
            lines.push(format!("The database as it was before: {id}"));
        }
        lines.join("\n")
    }
}
