//! `seeder export`: the rows as text.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, ErrorKind},
    path::{Path, PathBuf},
};

use chrono::NaiveDate;
use clap::Args;
use seeding_engine::{
    Selection, World,
    export::{
        CsvFiles, ExportError, ExportOptions, ExportedSeed, Files, Ndjson, Sink, SinkError,
        SqlScript, export,
    },
};
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure, Format, raw_output, table};

use super::{credentials::Credentials, explain::explain_plan};

#[derive(Args)]
pub(super) struct ExportFlags {
    /// The file, or for csv the folder [default: stdout]
    #[arg(long, value_name = "PATH")]
    output: Option<PathBuf>,

    /// Write over files that are there
    #[arg(long, requires = "output")]
    force: bool,

    /// How many schools and festivals
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    scale: u64,

    /// Which made-up world
    #[arg(long, value_name = "NUMBER", default_value_t = World::DEFAULT_SEED)]
    seed: i64,

    /// The day that is today in made-up rows [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<NaiveDate>,

    /// Only this seed and what it requires; may be repeated
    #[arg(long, value_name = "SEED")]
    only: Vec<String>,

    /// Not this seed, nor what needs its rows; may be repeated
    #[arg(long, value_name = "SEED")]
    skip: Vec<String>,
}

/// What the rows are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Form {
    /// One script in one transaction.
    Sql,
    /// A folder of files with the script that loads them.
    Csv,
    /// One object a row.
    Ndjson,
}

impl Form {
    fn of(context: &Context) -> Result<Self, Failure> {
        match context.format {
            Format::Text | Format::Sql => Ok(Self::Sql),
            Format::Csv => Ok(Self::Csv),
            Format::Ndjson => Ok(Self::Ndjson),
            Format::Json => Err(Failure::message(
                Exit::Usage,
                "usage.format",
                "rows are no single JSON document",
            )
            .hint("say `--format sql`, `--format csv` or `--format ndjson`")),
        }
    }
}

#[derive(Serialize)]
struct Exported {
    form: Form,
    path: PathBuf,
    seeds: Vec<ExportedSeed>,
}

pub(super) fn run(flags: &ExportFlags, context: &Context) -> Result<Exit, Failure> {
    let form = Form::of(context)?;
    let Some(path) = &flags.output else {
        return to_stdout(form, flags, context);
    };
    let seeds = match form {
        Form::Csv => to_folder(path, flags, context)?,
        Form::Sql | Form::Ndjson => to_file(path, form, flags, context)?,
    };
    context.answer(&Exported { form, path: path.clone(), seeds })
}

fn to_stdout(form: Form, flags: &ExportFlags, context: &Context) -> Result<Exit, Failure> {
    if form == Form::Csv {
        return Err(Failure::message(Exit::Usage, "usage.output", "csv is a folder of files")
            .hint("say where: `--output FOLDER`"));
    }
    context.console.clear();
    match write(&mut *sink(form, raw_output()), flags, context) {
        // A reader that went away (`| head`) has had enough; that is no failure of ours.
        Err(error) if error.io().is_some_and(|io| io.kind() == ErrorKind::BrokenPipe) => {
            Ok(Exit::Done)
        }
        written => written.map(|_| Exit::Done).map_err(explain),
    }
}

/// Writes next to the file, so that its name never leads to a part of it.
fn to_file(
    path: &Path,
    form: Form,
    flags: &ExportFlags,
    context: &Context,
) -> Result<Vec<ExportedSeed>, Failure> {
    if path.exists() && !flags.force {
        return Err(taken(path));
    }
    let mut partial = path.to_path_buf().into_os_string();
    partial.push(".part");
    let file = File::create(&partial).map_err(|error| unwritable(path, error))?;
    let written = write(&mut *sink(form, BufWriter::new(file)), flags, context);
    if written.is_err() {
        // Why there is no export is what matters, not what is left of it.
        let _ = fs::remove_file(&partial);
    }
    let seeds = written.map_err(explain)?;
    fs::rename(&partial, path).map_err(|error| unwritable(path, error))?;
    Ok(seeds)
}

fn to_folder(
    path: &Path,
    flags: &ExportFlags,
    context: &Context,
) -> Result<Vec<ExportedSeed>, Failure> {
    fs::create_dir_all(path).map_err(|error| unwritable(path, error))?;
    let mut entries = fs::read_dir(path).map_err(|error| unwritable(path, error))?;
    if entries.next().is_some() && !flags.force {
        return Err(taken(path));
    }
    let mut files = CsvFiles::new(Folder { path, force: flags.force });
    write(&mut files, flags, context).map_err(explain)
}

fn sink<'a>(form: Form, out: impl io::Write + 'a) -> Box<dyn Sink + 'a> {
    match form {
        Form::Ndjson => Box::new(Ndjson::new(out)),
        Form::Sql | Form::Csv => Box::new(SqlScript::new(out)),
    }
}

fn write(
    sink: &mut dyn Sink,
    flags: &ExportFlags,
    context: &Context,
) -> Result<Vec<ExportedSeed>, ExportError> {
    let as_of = flags.as_of.unwrap_or_else(|| context.clock.now().date_naive());
    let options = ExportOptions {
        environment: context.settings.environment(),
        world: World { seed: flags.seed, as_of },
        selection: Selection { only: flags.only.clone(), skip: flags.skip.clone() },
        scale: flags.scale,
    };
    export(&seeder::seeds(&Credentials::none(context).settings), &options, sink)
}

/// A folder in which files are made.
struct Folder<'a> {
    path: &'a Path,
    force: bool,
}

impl Files for Folder<'_> {
    type File = BufWriter<File>;

    fn create(&mut self, name: &str) -> io::Result<Self::File> {
        let mut options = OpenOptions::new();
        options.write(true).truncate(self.force).create(true).create_new(!self.force);
        options.open(self.path.join(name)).map(BufWriter::new)
    }
}

fn taken(path: &Path) -> Failure {
    let message = format!("{} is there already", path.display());
    Failure::message(Exit::Refused, "export.exists", message)
        .hint("choose another --output, or write over it with --force")
}

fn unwritable(path: &Path, error: io::Error) -> Failure {
    Failure::new(Exit::Failed, "export.write", error)
        .context(format!("cannot write {}", path.display()))
        .hint("see that the folder exists and that this user may write there")
}

fn explain(error: ExportError) -> Failure {
    match error {
        ExportError::Plan(error) => explain_plan(error),
        ExportError::Row { source: SinkError::Value { .. }, .. } => {
            Failure::new(Exit::Failed, "export.value", error)
                .hint("correct the seed, or export as another form: `--format sql`")
        }
        error => Failure::new(Exit::Failed, "export.write", error)
            .hint("see that the disk has room, then run the command again"),
    }
}

impl Answer for Exported {
    const SCHEMA: &'static str = "seaworthy/seeder.export/1";

    fn text(&self) -> String {
        let mut rows: Vec<_> =
            self.seeds.iter().map(|seed| [seed.seed.to_owned(), seed.rows.to_string()]).collect();
        let total: u64 = self.seeds.iter().map(|seed| seed.rows).sum();
        rows.push(["all".to_owned(), total.to_string()]);
        let path = self.path.display();
        let load = match self.form {
            Form::Sql => format!("\nLoad it with `psql -f {path}`\n"),
            Form::Csv => format!("\nLoad it with `cd {path} && psql -f load.sql`\n"),
            Form::Ndjson => String::new(),
        };
        format!("{}\n{load}", table(["seed", "rows"], &rows))
    }
}
