//! `seeder plan`

use dbkit::Environment;
use seeding_engine::{Action, Counts, Proposal, SeedProposal, Skip, plan::Reason, propose};
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure, table};

use super::{credentials::Credentials, database, explain::explain, flags::RunFlags, space::size};

#[derive(Serialize)]
struct Planned {
    environment: Environment,
    database: String,
    pending_migrations: usize,
    #[serde(flatten)]
    proposal: Proposal,
}

pub(super) async fn run(flags: RunFlags, context: &Context) -> Result<Exit, Failure> {
    let opened = database::open_agreed(context).await?;
    let seeds = seeder::seeds(&Credentials::none(context).settings);
    let options = flags.options(context)?;
    let proposal = propose(&opened.db, &seeds, &options, &*context.clock).await.map_err(explain)?;
    let (environment, database) = (opened.target.environment, opened.place());
    let pending_migrations = database::pending(&opened).await?;
    let is_possible = pending_migrations == 0 || database::applies_migrations(environment);
    let answer = Planned { environment, database, pending_migrations, proposal };
    if is_possible { context.answer(&answer) } else { context.finding(&answer) }
}

impl Planned {
    fn pending(&self) -> String {
        let (count, environment) = (self.pending_migrations, self.environment);
        let what = match (count, database::applies_migrations(environment)) {
            (0, _) => return String::new(),
            (_, true) => "`run` applies them first".to_owned(),
            (_, false) => format!("apply them: `cargo run -p migration -- up --env {environment}`"),
        };
        format!("\n{count} migration(s) are pending; {what}.\n")
    }
}

impl Answer for Planned {
    const SCHEMA: &'static str = "seaworthy/seeder.plan/2";

    fn text(&self) -> String {
        let rows: Vec<_> = self.proposal.seeds.iter().flat_map(rows).collect();
        let Self { environment, database, .. } = self;
        let Proposal { world, scale, seeds, .. } = &self.proposal;
        let generated: Vec<_> = seeds.iter().filter_map(|seed| seed.generated.as_ref()).collect();
        let bytes = generated.iter().map(|seed| seed.bytes).sum();
        let seconds: u64 = generated.iter().map(|seed| seed.seconds).sum();
        let load = if bytes > 0 {
            format!("\nAbout {} of generated rows, in about {seconds} s.", size(bytes))
        } else {
            String::new()
        };
        let scale = scale.map(|scale| format!(", scale {scale}")).unwrap_or_default();
        format!(
            "{}\n{load}{}\nFor {database} ({environment}, seed {}, as of {}{scale}).\n\
             `--dry-run --execute` writes all of it, lets every constraint speak, and takes it back.",
            table(["seed", "action", "table", "insert", "update", "unchanged"], &rows),
            self.pending(),
            world.seed,
            world.as_of,
        )
    }
}

/// A line for the seed, and one for each of its tables.
fn rows(seed: &SeedProposal) -> Vec<[String; 6]> {
    let action = match seed.action {
        Action::Apply(Reason::First) => "apply",
        Action::Apply(Reason::Again) => "apply again",
        Action::Apply(Reason::NewVersion) => "apply new version",
        Action::Skip(Skip::NotForEnvironment) => "not for here",
        Action::Skip(Skip::NotSelected) => "not selected",
        Action::Skip(Skip::LeftOut) => "left out",
        Action::Skip(Skip::RequiresLeftOut) => "needs one left out",
        Action::Skip(Skip::OnlyByName) => "only by name",
    };
    let first = [seed.seed.to_owned(), action.to_owned(), String::new()];
    let head = numbered(first, seed.counts(), !seed.tables.is_empty());
    let tables = seed.tables.iter().map(|table| {
        let line = [String::new(), String::new(), table.table.to_owned()];
        numbered(line, table.counts, true)
    });
    std::iter::once(head).chain(tables).collect()
}

fn numbered(line: [String; 3], counts: Counts, has_rows: bool) -> [String; 6] {
    let number = |number: u64| if has_rows { number.to_string() } else { "-".to_owned() };
    let [seed, action, table] = line;
    let Counts { created, updated, unchanged } = counts;
    [seed, action, table, number(created), number(updated), number(unchanged)]
}
