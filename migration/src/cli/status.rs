//! `migration status`

use migration::{Migrator, explain::explain};
use migration_engine::{Entry, State, run};
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure, table};

#[derive(Serialize)]
struct Status {
    applied: usize,
    pending: usize,
    missing: usize,
    migrations: Vec<Entry>,
}

pub(super) async fn run(context: &Context) -> Result<Exit, Failure> {
    let opened = context.open(context.locate().await?).await?;
    let status = Status::of(run::status(&opened.db, &Migrator).await.map_err(explain)?);
    if status.pending + status.missing == 0 {
        context.answer(&status)
    } else {
        context.finding(&status)
    }
}

impl Status {
    fn of(migrations: Vec<Entry>) -> Self {
        let count = |wanted: fn(&State) -> bool| {
            migrations.iter().filter(|entry| wanted(&entry.state)).count()
        };
        Self {
            applied: count(|state| matches!(state, State::Applied { .. })),
            pending: count(|state| matches!(state, State::Pending)),
            missing: count(|state| matches!(state, State::Missing { .. })),
            migrations,
        }
    }
}

impl Answer for Status {
    const SCHEMA: &'static str = "seaworthy/migration.status/1";

    fn text(&self) -> String {
        let rows: Vec<_> = self.migrations.iter().map(row).collect();
        let Self { applied, pending, missing, .. } = self;
        let unknown = match missing {
            0 => String::new(),
            n => format!(", {n} unknown to this binary"),
        };
        let list = table(["migration", "state", "since"], &rows);
        format!("{list}\n\n{applied} applied, {pending} pending{unknown}")
    }
}

fn row(entry: &Entry) -> [String; 3] {
    let (state, since) = match entry.state {
        State::Applied { at } => ("applied", at.format("%Y-%m-%d %H:%M:%S").to_string()),
        State::Pending => ("pending", String::new()),
        State::Missing { at } => ("unknown", at.format("%Y-%m-%d %H:%M:%S").to_string()),
    };
    [entry.name.clone(), state.to_owned(), since]
}
