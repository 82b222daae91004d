//! `backup sanitise --check`

use std::path::PathBuf;

use backup::{CreateLimits, Problem, Profile, command::explain};
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure};

#[derive(Serialize)]
struct Checked {
    profile: PathBuf,
    database: String,
    tables: usize,
    columns: usize,
    problems: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    kind: &'static str,
    problem: String,
    /// Whether no copy can be made.
    blocks: bool,
}

pub(super) async fn run(
    profile: &Profile,
    file: PathBuf,
    context: &Context,
) -> Result<Exit, Failure> {
    let url = context.locate().await?;
    let lock_wait = CreateLimits::default().table_lock;
    let checked =
        backup::check_profile(&url, profile, lock_wait).await.map_err(explain::snapshot)?;
    let answer = Checked {
        profile: file,
        database: url.database(),
        tables: checked.tables,
        columns: checked.columns,
        problems: checked.problems.iter().map(Line::of).collect(),
    };
    if answer.problems.is_empty() { context.answer(&answer) } else { context.finding(&answer) }
}

impl Line {
    fn of(problem: &Problem) -> Self {
        Self { kind: problem.kind(), problem: problem.to_string(), blocks: problem.blocks() }
    }
}

impl Answer for Checked {
    const SCHEMA: &'static str = "seaworthy/backup.sanitise.check/1";

    fn text(&self) -> String {
        let file = self.profile.display();
        if self.problems.is_empty() {
            return format!(
                "{file} fits `{}`: {} columns of {} tables",
                self.database, self.columns, self.tables
            );
        }
        let lines: Vec<_> =
            self.problems.iter().map(|line| format!("  {}", line.problem)).collect();
        format!("{file} does not fit `{}`:\n{}", self.database, lines.join("\n"))
    }
}
