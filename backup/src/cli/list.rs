//! `backup list`

use backup::{
    FolderError, Listed,
    command::{FolderFlags, explain, size},
};
use clap::Args;
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure, table};

#[derive(Args)]
pub(super) struct Flags {
    /// Only those of this database
    #[arg(long, value_name = "DATABASE")]
    database: Option<String>,

    #[command(flatten)]
    folder: FolderFlags,
}

#[derive(Serialize)]
struct Answered {
    folder: String,
    backups: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    id: String,
    damage: Option<String>,
    database: Option<String>,
    environment: Option<String>,
    migration: Option<String>,
    rows: Option<u64>,
    stored_bytes: Option<u64>,
}

pub(super) async fn run(flags: &Flags, context: &Context) -> Result<Exit, Failure> {
    let store = flags.folder.store(context)?;
    let listed = match backup::briefs(&store, flags.database.as_deref()).await {
        // Nothing was backed up yet: an empty list, as anywhere.
        Err(FolderError::Missing(_)) => Vec::new(),
        listed => listed.map_err(explain::folder)?,
    };
    let backups: Vec<_> = listed.into_iter().map(Line::of).collect();
    let damaged = backups.iter().any(|line| line.damage.is_some());
    let answer = Answered { folder: store.to_string(), backups };
    if damaged { context.finding(&answer) } else { context.answer(&answer) }
}

impl Line {
    fn of(listed: Listed) -> Self {
        let id = listed.id.to_string();
        match listed.brief {
            Ok(brief) => Self {
                id,
                damage: None,
                database: Some(brief.database),
                environment: Some(brief.environment),
                migration: brief.migration,
                rows: Some(brief.rows),
                stored_bytes: Some(brief.stored_bytes),
            },
            Err(damage) => Self {
                id,
                damage: Some(damage.to_string()),
                database: None,
                environment: None,
                migration: None,
                rows: None,
                stored_bytes: None,
            },
        }
    }

    fn row(&self) -> [String; 4] {
        let state = self.damage.clone().or_else(|| self.database.clone()).unwrap_or_default();
        let number = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        let rows = number(self.rows.map(|rows| rows.to_string()));
        [self.id.clone(), state, rows, number(self.stored_bytes.map(size))]
    }
}

impl Answer for Answered {
    const SCHEMA: &'static str = "seaworthy/backup.list/1";

    fn text(&self) -> String {
        if self.backups.is_empty() {
            return format!("No backups in {}", self.folder);
        }
        let rows: Vec<_> = self.backups.iter().map(Line::row).collect();
        let list = table(["backup", "database", "rows", "size"], &rows);
        format!("{list}\n\nIn {}", self.folder)
    }
}
