//! `backup restore --plan`

use backup::{
    Backup, Plan, RestoreOptions, Way,
    command::{explain, programs, size},
};
use dbkit::DatabaseUrl;
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure, table};

#[derive(Serialize)]
struct Planned(Plan);

pub(super) async fn run(
    backup: &Backup,
    url: &DatabaseUrl,
    way: Way,
    options: &RestoreOptions,
    context: &Context,
) -> Result<Exit, Failure> {
    let mut plan = backup::plan(backup, url, way, options, &programs(context).await)
        .await
        .map_err(explain::restore)?;
    if way.replaces()
        && let Err(refused) = backup::admit(backup, url, options).await
    {
        plan.obstacles.push(refused.to_string());
    }
    let answer = Planned(plan);
    if answer.0.obstacles.is_empty() { context.answer(&answer) } else { context.finding(&answer) }
}

impl Answer for Planned {
    const SCHEMA: &'static str = "seaworthy/backup.restore-plan/1";

    fn text(&self) -> String {
        let plan = &self.0;
        let mut text = format!("{} into `{}` ({})\n\n", plan.backup, plan.database, way(plan.mode));
        text += &rows(plan);
        let mut lines = Vec::new();
        lines.extend(listed("migrations that must be applied again", &plan.migrations_lost));
        lines.extend(listed("migrations that come back", &plan.migrations_back));
        lines.extend(sessions(plan));
        lines.extend(listed("roles that are missing", &plan.roles_missing));
        lines.extend(listed("extensions that are missing", &plan.extensions_missing));
        lines.push(room("on the server", plan.space.server_needs, plan.space.server_free));
        lines.push(room("here", plan.space.here_needs, plan.space.here_free));
        lines.push(format!(
            "pg_restore {} into PostgreSQL {}",
            plan.client_version, plan.server_version
        ));
        lines.extend(plan.obstacles.iter().map(|obstacle| format!("in the way: {obstacle}")));
        text += &lines.join("\n");
        text + "\n\nNothing was changed."
    }
}

fn way(way: Way) -> &'static str {
    match way {
        Way::NewDb => "a new database",
        Way::Swap => "beside it, then exchanged",
        Way::InPlace => "in place, in one transaction",
        Way::Tables => "these tables alone, in one transaction",
    }
}

/// The tables whose rows differ; that the others do not, is said in one line.
fn rows(plan: &Plan) -> String {
    let number = |rows: Option<u64>| rows.map_or("-".to_owned(), |rows| rows.to_string());
    let differ: Vec<_> = plan.tables.iter().filter(|table| table.live != table.backup).collect();
    let row = |table: &&backup::TablePlan| {
        let name = format!("{}.{}", table.schema, table.name);
        [name, number(table.live), number(table.backup)]
    };
    let shown: Vec<_> = differ.iter().map(row).collect();
    let same = plan.tables.len() - differ.len();
    let mut parts = Vec::new();
    if !shown.is_empty() {
        parts.push(table(["table", "rows now", "rows then"], &shown));
    }
    if same > 0 {
        parts.push(format!("{same} tables have as many rows as then"));
    }
    parts.join("\n") + "\n\n"
}

fn listed(what: &str, names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| format!("{what}: {}", names.join(", ")))
}

fn sessions(plan: &Plan) -> Vec<String> {
    let verb = match plan.mode {
        Way::Swap => "cut off",
        Way::NewDb | Way::InPlace | Way::Tables => "kept waiting",
    };
    let line = |session: &backup::SessionPlan| {
        format!("{verb}: {} of {} ({:?})", session.sessions, session.user, session.application)
    };
    plan.sessions.iter().map(line).collect()
}

fn room(place: &str, needs: u64, free: Option<u64>) -> String {
    let free = free.map_or("unknown".to_owned(), size);
    format!("room {place}: about {} needed, {free} free", size(needs))
}
