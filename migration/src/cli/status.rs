//! `migration status`

use chrono::{DateTime, Utc};
use dbkit::{
    connect,
    lock::{self, Holder},
};
use migration::{explain::end_of_dirt, project::project};
use migration_engine::{
    Entry, LOCK, State,
    event::Direction,
    standing::{Standing, standing},
};
use sea_orm_migration::sea_orm::DatabaseConnection;
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure, table};

#[derive(Serialize)]
struct Status {
    applied: usize,
    pending: usize,
    missing: usize,
    dirty: usize,
    changed: usize,
    locked_by: Option<Holder>,
    notes: Vec<String>,
    migrations: Vec<Entry>,
}

pub(super) async fn run(context: &Context) -> Result<Exit, Failure> {
    let url = context.locate().await?;
    // What the database says of itself is not asked for: a reader may not be allowed to look there.
    let db = connect(&url, &context.connect_options(), &context.console).await;
    let db = db.map_err(Failure::connect)?;
    let status = Status::of(standing(&db, &project()).await?, holder(&db).await?);
    if status.pending + status.missing + status.dirty + status.changed == 0 {
        context.answer(&status)
    } else {
        context.finding(&status)
    }
}

/// Who is changing the schema right now.
pub(super) async fn holder(db: &DatabaseConnection) -> Result<Option<Holder>, Failure> {
    let mut connection = db.get_postgres_connection_pool().acquire().await?;
    Ok(lock::holder(&mut connection, LOCK).await?)
}

impl Status {
    fn of(standing: Standing, locked_by: Option<Holder>) -> Self {
        let migrations = standing.entries;
        let count = |wanted: fn(&State) -> bool| {
            migrations.iter().filter(|entry| wanted(&entry.state)).count()
        };
        Self {
            applied: count(|state| matches!(state, State::Applied { .. })),
            pending: count(|state| matches!(state, State::Pending)),
            missing: count(|state| matches!(state, State::Missing { .. })),
            dirty: count(|state| matches!(state, State::Dirty { .. })),
            changed: migrations.iter().filter(|entry| entry.changed).count(),
            locked_by,
            notes: notes(&migrations, standing.stock_only),
            migrations,
        }
    }
}

impl Answer for Status {
    const SCHEMA: &'static str = "seaworthy/migration.status/1";

    fn text(&self) -> String {
        let rows: Vec<_> = self.migrations.iter().map(row).collect();
        let counts = [
            (self.applied, "applied"),
            (self.pending, "pending"),
            (self.missing, "unknown to this binary"),
            (self.dirty, "dirty"),
            (self.changed, "changed since"),
        ];
        let told = counts.iter().enumerate().filter(|(place, (n, _))| *place < 2 || *n > 0);
        let told: Vec<_> = told.map(|(_, (n, what))| format!("{n} {what}")).collect();
        let list = table(["migration", "state", "since"], &rows);
        let lock = self.locked_by.as_ref();
        let lock = lock.map(|holder| format!("\nA run is under way: {holder}")).unwrap_or_default();
        let notes: String = self.notes.iter().flat_map(|note| ["\n", note]).collect();
        format!("{list}\n\n{}{lock}{notes}", told.join(", "))
    }
}

/// What to know and what to do about it.
fn notes(migrations: &[Entry], stock_only: bool) -> Vec<String> {
    const STOCK_ONLY: &str = "This role may not look into the schema seaworthy: what was cut off or \
                              has changed is not shown";
    let dirty = migrations.iter().filter(|entry| matches!(entry.state, State::Dirty { .. }));
    let dirty = dirty.map(|entry| format!("{} is dirty: {}", entry.name, end_of_dirt(&entry.name)));
    stock_only.then(|| STOCK_ONLY.to_owned()).into_iter().chain(dirty).collect()
}

fn row(entry: &Entry) -> [String; 3] {
    let since = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M:%S").to_string();
    let (state, since) = match entry.state {
        State::Applied { at } if entry.changed => ("changed", since(at)),
        State::Applied { at } if entry.adopted => ("applied, not by us", since(at)),
        State::Applied { at } => ("applied", since(at)),
        State::Pending => ("pending", String::new()),
        State::Missing { at } => ("unknown", since(at)),
        State::Dirty { direction: Direction::Up } => ("dirty, up", String::new()),
        State::Dirty { direction: Direction::Down } => ("dirty, down", String::new()),
    };
    [entry.name.clone(), state.to_owned(), since]
}
