//! `seeder fill`

use chrono::NaiveDate;
use clap::Args;
use dbkit::{Environment, Report, lock::Sharing};
use seeding_engine::{
    Ending, World,
    fill::{
        self, FillError, FillOptions, FillPlan, FillRun, FillSummary, FilledTable, LeftOut,
        TableProposal,
    },
};
use serde::Serialize;
use terminal::{Answer, Console, Context, Exit, Failure, LockFlags, Opened, table};

use super::{
    credentials::Credentials,
    database::{self, Seeding},
};

#[derive(Args, Clone, Debug)]
pub(super) struct FillFlags {
    /// The tables, with the schema unless that is `public` [default: those that no seed fills];
    /// empty tables that they need are filled, too
    #[arg(value_name = "TABLE")]
    tables: Vec<String>,

    /// How many rows each table has in the end; those that are there count
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000,
          value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    rows: u64,

    /// Which made-up world: the same number gives the same rows
    #[arg(long, value_name = "NUMBER", default_value_t = World::DEFAULT_SEED)]
    seed: i64,

    /// The day that is today in made-up rows [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<NaiveDate>,

    /// Write everything, let every constraint speak, and take it all back; shows what each column
    /// is filled with
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    lock: LockFlags,
}

#[derive(Serialize)]
struct Filled {
    environment: String,
    database: String,
    #[serde(flatten)]
    summary: FillSummary,
    proposals: Vec<TableProposal>,
    left_out: Vec<LeftOut>,
    /// What `rollback` cannot take back.
    unrecorded: Vec<String>,
}

pub(super) async fn run(flags: FillFlags, context: &Context) -> Result<Exit, Failure> {
    permitted(context.settings.environment())?;
    let opened = database::open(context).await?;
    permitted(opened.target.environment)?;
    database::migrate(&opened, context, flags.dry_run, flags.lock).await?;
    let seeding = Seeding::of(opened, context);
    let held = seeding.lock(flags.lock, Sharing::Exclusive).await?;
    let opened = &seeding.opened;
    let options = flags.options(context);
    let plan = fill::plan(&opened.db, &options).await.map_err(explain)?;
    let summary = if flags.dry_run {
        apply(opened, &plan, Ending::RollBack, context).await?
    } else {
        let apply = async || apply(opened, &plan, Ending::Commit, context).await;
        context.audited(&opened.db, "fill", apply).await?
    };
    held.release().await.map_err(Failure::lock)?;
    let is_complete = summary.is_complete();
    let answer = Filled {
        environment: opened.target.environment.to_string(),
        database: opened.place(),
        unrecorded: summary.unrecorded().into_iter().map(str::to_owned).collect(),
        summary,
        proposals: plan.tables,
        left_out: plan.left_out,
    };
    if is_complete { context.answer(&answer) } else { context.finding(&answer) }
}

/// Refuses an environment in which made-up rows have no place.
fn permitted(environment: Environment) -> Result<(), Failure> {
    if matches!(environment, Environment::Development | Environment::Testing) {
        return Ok(());
    }
    let message = format!("tables are not filled with made-up rows in {environment}");
    Err(Failure::message(Exit::Refused, "refused.fill", message)
        .hint("`fill` is for development and testing"))
}

async fn apply(
    opened: &Opened,
    plan: &FillPlan,
    ending: Ending,
    context: &Context,
) -> Result<FillSummary, Failure> {
    let progress = Progress(&context.console);
    let run = FillRun {
        id: context.run_id,
        environment: opened.target.environment,
        ending,
        actor: context.operation("fill").actor,
        tool_version: context.tool.version.to_owned(),
        git_revision: migration::project::facts().git_revision,
    };
    fill::run(&opened.db, plan, &run, &*context.clock, &progress).await.map_err(explain)
}

impl FillFlags {
    fn options(&self, context: &Context) -> FillOptions {
        let as_of = self.as_of.unwrap_or_else(|| context.clock.now().date_naive());
        let world = World { seed: self.seed, as_of };
        let seeds = seeder::seeds(&Credentials::none(context).settings);
        let seeded = fill::seeded(&seeds, &world);
        FillOptions { rows: self.rows, tables: self.tables.clone(), seeded, world }
    }
}

fn explain(error: FillError) -> Failure {
    match error {
        FillError::UnknownTable { ref known, .. } => {
            let hint = format!("the tables are {}", known.join(", "));
            Failure::new(Exit::Usage, "fill.unknown_table", error).hint(hint)
        }
        FillError::Read(source)
        | FillError::Stamp(source)
        | FillError::History(source)
        | FillError::Transaction(source) => Failure::database(source),
    }
}

/// Names each table that is done.
struct Progress<'a>(&'a Console);

impl Report<FilledTable> for Progress<'_> {
    fn report(&self, filled: &FilledTable) {
        self.0.step(&format!("{} rows for {}", filled.written, filled.table));
    }
}

impl Answer for Filled {
    const SCHEMA: &'static str = "seaworthy/seeder.fill/1";

    fn text(&self) -> String {
        let Self { summary, environment, database, .. } = self;
        let FillSummary { world, tables, ending, .. } = summary;
        let rows: Vec<_> = tables.iter().map(row).collect();
        let list = table(["table", "before", "added", "what is in the way"], &rows);
        let dry = match ending {
            Ending::Commit => String::new(),
            Ending::RollBack => {
                format!("\n{}\nDry run: all of this was taken back.", self.columns())
            }
        };
        format!(
            "{list}\n{dry}{}{}\n{} rows for {database} ({environment}, seed {}, as of {}).",
            self.unrecorded(),
            self.left_out(),
            summary.written(),
            world.seed,
            world.as_of,
        )
    }
}

impl Filled {
    fn unrecorded(&self) -> String {
        if self.unrecorded.is_empty() {
            return String::new();
        }
        let tables = self.unrecorded.join(", ");
        format!("\nWithout a primary key, so that `rollback` will not find the rows: {tables}\n")
    }

    fn left_out(&self) -> String {
        if self.left_out.is_empty() {
            return String::new();
        }
        let tables: Vec<&str> = self.left_out.iter().map(|left| &*left.table).collect();
        let tables = tables.join(", ");
        format!("\nLeft to their seeds, unless they are named: {tables}\n")
    }

    /// What each column was filled with.
    fn columns(&self) -> String {
        let of_table = |proposal: &TableProposal| {
            let table = proposal.table.clone();
            let row = move |column: &fill::ColumnProposal| {
                [format!("{table}.{}", column.column), column.with.clone()]
            };
            proposal.columns.iter().map(row).collect::<Vec<_>>()
        };
        let rows: Vec<_> = self.proposals.iter().flat_map(of_table).collect();
        table(["column", "filled with"], &rows)
    }
}

fn row(filled: &FilledTable) -> [String; 4] {
    let problems: Vec<String> = filled.problems.iter().map(ToString::to_string).collect();
    [
        filled.table.clone(),
        filled.existing.to_string(),
        filled.written.to_string(),
        problems.join("; "),
    ]
}
