//! `seeder run`, which is also what `seeder` alone does

use std::collections::BTreeMap;

use dbkit::lock::Sharing;
use seeding_engine::{
    Ending, Options, SeedSummary, Skip, Summary, Way, plan as decide, propose, run as seed,
};
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure, Opened, table};

use super::{
    credentials::{Credentials, LogIn},
    database::{self, Seeding},
    explain::explain,
    flags::RunFlags,
    plan,
    progress::Progress,
    space,
};

#[derive(Serialize)]
struct Seeded {
    environment: String,
    url: String,
    #[serde(flatten)]
    summary: Summary,
    system_users: Vec<LogIn>,
    personas: Vec<LogIn>,
}

pub(super) async fn run(flags: RunFlags, context: &Context) -> Result<Exit, Failure> {
    if flags.dry_run && !flags.execute {
        return plan::run(flags, context).await;
    }
    let options = flags.options(context)?;
    possible(&options, context)?;
    let opened = database::open(context).await?;
    database::migrate(&opened, context, flags.dry_run, flags.lock).await?;
    let seeding = Seeding::of(opened, context);
    let sharing = if options.shard.is_some() { Sharing::Shared } else { Sharing::Exclusive };
    let held = seeding.lock(flags.lock, sharing).await?;
    let credentials = Credentials::settle(context, &seeding.opened).await?;
    let summary = apply(&seeding, &options, &credentials, context).await?;
    held.release().await.map_err(Failure::lock)?;
    context.answer(&Seeded::of(&seeding.opened, summary, &credentials))
}

async fn apply(
    seeding: &Seeding,
    options: &Options,
    credentials: &Credentials,
    context: &Context,
) -> Result<Summary, Failure> {
    let seeds = seeder::seeds(&credentials.settings);
    let pool = &seeding.opened.db;
    // What is refused is refused before anything is written, the audit trail included.
    let proposal = propose(pool, &seeds, options, &*context.clock).await.map_err(explain)?;
    space::suffices(&seeding.opened, &proposal).await?;
    let apply = async || {
        let progress = Progress::new(&context.console);
        seed(seeding.database(), &seeds, options, context.run_id, &*context.clock, &progress)
            .await
            .map_err(explain)
    };
    match options.ending {
        Ending::RollBack => apply().await,
        Ending::Commit => context.audited(pool, "run", apply).await,
    }
}

/// Refuses what no database could make possible, before one is started or migrated.
fn possible(options: &Options, context: &Context) -> Result<(), Failure> {
    let seeds = seeder::seeds(&Credentials::none(context).settings);
    let nothing_applied = BTreeMap::new();
    decide(&seeds, options.environment, &options.selection, &nothing_applied)
        .map(drop)
        .map_err(|error| explain(error.into()))
}

impl Seeded {
    fn of(opened: &Opened, summary: Summary, credentials: &Credentials) -> Self {
        let lasting = summary.ending == Ending::Commit;
        let of = |id: &str| summary.seeds.iter().find(|seed| seed.seed == id);
        let personas = of("demo.personas").filter(|_| lasting);
        let system_users = match of("system.users").filter(|_| lasting) {
            Some(_) => credentials.system_users(),
            None => Vec::new(),
        };
        let personas =
            personas.map(|seed| credentials.personas(seed.counts.created > 0)).unwrap_or_default();
        Self {
            environment: opened.target.environment.to_string(),
            url: opened.url.to_string(),
            summary,
            system_users,
            personas,
        }
    }

    fn skipped(&self) -> String {
        let of = |reason: Skip| {
            let skipped = self.summary.skipped.iter().filter(|seed| seed.reason == reason);
            skipped.map(|seed| seed.seed).collect::<Vec<_>>().join(", ")
        };
        let not_here = of(Skip::NotForEnvironment);
        if not_here.is_empty() {
            return String::new();
        }
        format!("\nNot for {}: {not_here}\n", self.environment)
    }

    /// What there is of generated tables, with the fingerprint that another machine must get too.
    fn generated(&self) -> String {
        let generated: Vec<_> = self
            .summary
            .seeds
            .iter()
            .filter_map(|seed| Some((seed.seed, seed.generated.as_ref()?)))
            .map(|(seed, there)| {
                let way = match there.way {
                    Some(Way::BulkMode) => "indexed after",
                    Some(Way::Live) => "loaded",
                    Some(Way::Merged) => "merged",
                    None => "as it was",
                };
                let (cells, rows) = (there.cells.to_string(), there.rows.to_string());
                [seed.to_owned(), cells, rows, there.fingerprint.to_string(), way.to_owned()]
            })
            .collect();
        if generated.is_empty() {
            return String::new();
        }
        format!("\n{}\n", table(["generated", "cells", "rows", "fingerprint", "how"], &generated))
    }

    fn log_ins(&self) -> String {
        let mut text = String::new();
        if !self.system_users.is_empty() {
            text.push_str("\nSystem users, created now; their passwords are shown this once:\n");
            text.push_str(&log_in_table(&self.system_users));
        }
        if !self.personas.is_empty() {
            text.push_str("\nLog in as a persona (`cargo run -p api` serves POST /sessions):\n");
            text.push_str(&log_in_table(&self.personas));
        }
        text
    }
}

fn log_in_table(log_ins: &[LogIn]) -> String {
    let rows: Vec<_> = log_ins
        .iter()
        .map(|log_in| {
            let password = log_in.password.clone().unwrap_or_else(|| "(as set before)".to_owned());
            [format!("  {}", log_in.email), log_in.role.clone(), password]
        })
        .collect();
    format!("{}\n", table(["  e-mail", "role", "password"], &rows))
}

impl Answer for Seeded {
    const SCHEMA: &'static str = "seaworthy/seeder.run/1";

    fn text(&self) -> String {
        let Summary { world, total, duration_ms, ending, .. } = &self.summary;
        let mut rows: Vec<_> = self.summary.seeds.iter().map(row).collect();
        rows.push([
            "all".to_owned(),
            total.created.to_string(),
            total.updated.to_string(),
            total.unchanged.to_string(),
            format!("{duration_ms} ms"),
        ]);
        let list = table(["seed", "created", "updated", "unchanged", "duration"], &rows);
        let dry = match ending {
            Ending::Commit => "",
            Ending::RollBack => "\nDry run: all of this was taken back.\n",
        };
        format!(
            "{list}\n{dry}{}{}\nDatabase  {}\n          {}, seed {}, as of {}\n{}",
            self.generated(),
            self.skipped(),
            self.url,
            self.environment,
            world.seed,
            world.as_of,
            self.log_ins(),
        )
    }
}

fn row(seed: &SeedSummary) -> [String; 5] {
    [
        seed.seed.to_owned(),
        seed.counts.created.to_string(),
        seed.counts.updated.to_string(),
        seed.counts.unchanged.to_string(),
        format!("{} ms", seed.duration_ms),
    ]
}
