//! `backup data export`

use std::{io::Write, path::PathBuf};

use backup::{
    command::data::{self as explain, DataProgress},
    data::{ExportRequest, Exported, NewFile, TableTally, export},
};
use clap::Args;
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure, LockFlags, Opened};

#[derive(Args)]
pub(in crate::cli) struct Flags {
    /// The tables, with the schema before it where the name alone is not unique
    #[arg(required = true, value_name = "TABLE")]
    tables: Vec<String>,

    /// The new file, or - for stdout
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,

    #[command(flatten)]
    lock: LockFlags,
}

#[derive(Serialize)]
struct Done {
    file: PathBuf,
    database: String,
    tables: Vec<TableTally>,
    rows: u64,
    sha256: String,
}

pub(super) async fn run(flags: Flags, context: &Context) -> Result<Exit, Failure> {
    let opened = context.open(context.locate().await?).await?;
    let request = ExportRequest {
        tables: flags.tables,
        created_at: context.clock.now(),
        lock_wait: flags.lock.wait(),
    };
    if flags.output.as_os_str() == "-" {
        // The rows are the answer.
        let mut out = terminal::raw_output();
        let exported = write(&opened, &request, &mut out, context).await?;
        let Exported { trailer, .. } = exported;
        context.console.note(&format!("{} rows of {} tables", trailer.rows, trailer.tables));
        return Ok(Exit::Done);
    }
    let named = |failure: Failure| failure.context(format!("`{}`", flags.output.display()));
    let mut file = NewFile::create(&flags.output).map_err(|error| named(explain::write(error)))?;
    let exported = write(&opened, &request, &mut file, context).await?;
    file.publish().map_err(|error| named(explain::write(error)))?;
    context.answer(&Done {
        file: flags.output,
        database: exported.header.source.database,
        tables: exported.tables,
        rows: exported.trailer.rows,
        sha256: exported.trailer.sha256,
    })
}

async fn write(
    opened: &Opened,
    request: &ExportRequest,
    out: &mut (dyn Write + Send),
    context: &Context,
) -> Result<Exported, Failure> {
    let progress = DataProgress(&context.console);
    context
        .audited_if_possible(&opened.db, "data export", async || {
            export(&opened.url, request, out, &progress).await.map_err(explain::export)
        })
        .await
}

impl Answer for Done {
    const SCHEMA: &'static str = "seaworthy/backup.data-export/1";

    fn text(&self) -> String {
        let tables: Vec<_> = self
            .tables
            .iter()
            .map(|table| format!("  {}.{}: {} rows", table.schema, table.name, table.rows))
            .collect();
        format!(
            "Exported {} rows of `{}` to {}\n{}",
            self.rows,
            self.database,
            self.file.display(),
            tables.join("\n")
        )
    }
}
