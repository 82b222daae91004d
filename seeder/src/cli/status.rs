//! `seeder status`

use seeding_engine::{RunRecord, RunStatus, SeedState, SeedStatus, fill, runs, status};
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure, table};

use super::{
    credentials::Credentials,
    database::{Seeding, look},
    explain::explain_look,
};

/// So many runs are shown.
const SHOWN: usize = 5;

#[derive(Serialize)]
struct Status {
    environment: Option<String>,
    database: String,
    seeds: Vec<SeedStatus>,
    runs: Vec<RunRecord>,
}

pub(super) async fn run(context: &Context) -> Result<Exit, Failure> {
    let opened = look(context).await?;
    let seeding = Seeding::of(opened, context);
    let seeds = seeder::seeds(&Credentials::none(context).settings);
    let seeds = status(seeding.database(), &seeds).await.map_err(explain_look)?;
    let mut runs = runs(&seeding.opened.db).await.map_err(Failure::database)?;
    runs.truncate(SHOWN);
    let environment = seeding.opened.target.stamp.map(|stamp| stamp.to_string());
    let answer = Status { environment, database: seeding.opened.place(), seeds, runs };
    if answer.needs_work() { context.finding(&answer) } else { context.answer(&answer) }
}

impl Status {
    /// Rows that somebody has edited are somebody's, and filled ones anybody's; all else a run would
    /// mend.
    fn needs_work(&self) -> bool {
        let needs = |seed: &SeedStatus| {
            let is_made_again = seed.seed != fill::SEED;
            is_made_again
                && matches!(
                    seed.state,
                    SeedState::Outdated | SeedState::PartlyDeleted | SeedState::Gone
                )
        };
        self.seeds.iter().any(needs) || self.unfinished().is_some()
    }

    /// The newest run, if it did not come to its end.
    fn unfinished(&self) -> Option<&RunRecord> {
        let ended = |run: &&RunRecord| {
            matches!(run.status, RunStatus::Running | RunStatus::Failed | RunStatus::Interrupted)
        };
        self.runs.first().filter(ended)
    }
}

impl Answer for Status {
    const SCHEMA: &'static str = "seaworthy/seeder.status/2";

    fn text(&self) -> String {
        let rows: Vec<_> = self.seeds.iter().map(row).collect();
        let stamp = self.environment.as_deref().unwrap_or("not stamped");
        let list = table(["seed", "state", "rows", "since", "by"], &rows);
        let unfinished = self.unfinished().map(|run| {
            let what = if run.status == RunStatus::Running {
                "is under way or was killed"
            } else {
                run.status.name()
            };
            format!(
                "\nThe newest run ({}) {what}; what it committed stays, and the next run goes on from there.\n",
                run.id
            )
        });
        let unfinished = unfinished.unwrap_or_default();
        format!("{list}\n{unfinished}\nDatabase {} ({stamp})", self.database)
    }
}

fn row(seed: &SeedStatus) -> [String; 5] {
    let state = match seed.state {
        SeedState::Applied => "applied",
        SeedState::PartlyDeleted => "partly deleted",
        SeedState::Gone => "deleted",
        SeedState::Edited => "edited by hand",
        SeedState::Outdated => "outdated",
        SeedState::TakenBack => "taken back",
        SeedState::Never => "never",
    };
    let (since, by) = seed.applied.as_ref().map_or_else(Default::default, |applied| {
        (applied.at.format("%Y-%m-%d %H:%M:%S").to_string(), applied.actor.clone())
    });
    let rows = match (seed.written, seed.found) {
        (0, _) => String::new(),
        (written, found) if written == found => found.to_string(),
        (written, found) => format!("{found} of {written}"),
    };
    [seed.seed.to_owned(), state.to_owned(), rows, since, by]
}
