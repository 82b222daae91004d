//! `seeder snapshot`: the database as it was, in a moment.

use clap::{Args, Subcommand};
use dbkit::{
    guard::Destruction,
    snapshot::{Snapshot, Snapshots},
};
use serde::Serialize;
use terminal::{Answer, ConsentFlags, Context, Exit, Failure, Opened, table};

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub(super) struct SnapshotFlags {
    /// Keep the database as it is now under this name; nobody may be connected to it
    name: Option<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Show the snapshots
    List,
    /// Put a copy of a snapshot in the place of the database; nobody may be connected to it
    Restore {
        #[command(flatten)]
        name: Name,
        #[command(flatten)]
        consent: ConsentFlags,
    },
    /// Delete a snapshot
    Drop(Name),
}

#[derive(Args)]
struct Name {
    /// What it is called: letters, digits, `-` and `_`
    name: String,
}

#[derive(Serialize)]
struct Listed {
    database: String,
    snapshots: Vec<Snapshot>,
}

#[derive(Serialize)]
struct Settled {
    database: String,
    snapshot: String,
    now: &'static str,
}

pub(super) async fn run(flags: SnapshotFlags, context: &Context) -> Result<Exit, Failure> {
    context.require_invented_rows()?;
    let Some(command) = flags.command else {
        return take(&flags.name.unwrap_or_default(), context).await;
    };
    match command {
        Command::List => {
            let opened = context.open(context.locate().await?).await?;
            let snapshots = Snapshots::of(&opened.url).list().await.map_err(Failure::snapshot)?;
            context.answer(&Listed { database: opened.place(), snapshots })
        }
        Command::Restore { name, consent } => restore(&name.name, &consent, context).await,
        Command::Drop(Name { name }) => {
            let opened = context.open_to_write(context.locate().await?).await?;
            let snapshots = Snapshots::of(&opened.url);
            let drop = async || snapshots.drop(&name).await.map_err(Failure::snapshot);
            context.audited(&opened.db, "snapshot drop", drop).await?;
            context.answer(&Settled::new(&opened, &name, "deleted"))
        }
    }
}

async fn take(name: &str, context: &Context) -> Result<Exit, Failure> {
    let opened = context.open_to_write(context.locate().await?).await?;
    context.take_snapshot(&opened, name).await?;
    context.answer(&Settled::new(&opened, name, "taken"))
}

async fn restore(name: &str, consent: &ConsentFlags, context: &Context) -> Result<Exit, Failure> {
    context.refuse_early(Destruction::Wipe, consent)?;
    let opened = context.open_to_write(context.locate().await?).await?;
    let stakes = format!("everything in `{}` would be replaced by `{name}`", opened.url.database());
    let permit = context.permit(&opened.target, Destruction::Wipe, consent, &stakes)?;
    opened.db.clone().close().await?;
    let snapshots = Snapshots::of(&opened.url);
    let replaced =
        snapshots.restore(name, context.run_id, &permit).await.map_err(Failure::snapshot)?;
    let old = replaced.name().to_owned();
    // The database that was replaced goes only when its successor says so.
    let restored = context.open(opened.url.clone()).await?;
    let discard = async || replaced.discard().await.map_err(Failure::snapshot);
    context
        .audited_with(&restored.db, "snapshot restore", permit.break_glass(), discard)
        .await
        .map_err(|failure| failure.context(format!("the database that was replaced is `{old}`")))?;
    context.answer(&Settled::new(&restored, name, "restored"))
}

impl Settled {
    fn new(opened: &Opened, name: &str, now: &'static str) -> Self {
        Self { database: opened.place(), snapshot: name.to_owned(), now }
    }
}

impl Answer for Settled {
    const SCHEMA: &'static str = "seaworthy/seeder.snapshot/1";

    fn text(&self) -> String {
        format!("Snapshot `{}` of {} {}", self.snapshot, self.database, self.now)
    }
}

impl Answer for Listed {
    const SCHEMA: &'static str = "seaworthy/seeder.snapshots/1";

    fn text(&self) -> String {
        let row = |snapshot: &Snapshot| {
            [snapshot.name.clone(), snapshot.database.clone(), snapshot.bytes.to_string()]
        };
        let rows: Vec<_> = self.snapshots.iter().map(row).collect();
        table(["snapshot", "database", "bytes"], &rows)
    }
}
