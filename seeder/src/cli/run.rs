//! `seeder run`, which is also what `seeder` alone does

use std::collections::BTreeMap;

use dbkit::{
    guard::{self, Target},
    lock::{self, LockName},
    stamp,
};
use seeding_engine::{Ending, Options, SeedSummary, Skip, Summary, plan, propose, run as seed};
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure, Opened, table};

use super::{
    credentials::{Credentials, LogIn},
    database,
    explain::explain,
    flags::RunFlags,
    progress::Progress,
};

/// Held by every run that writes seeds.
const LOCK: LockName = LockName("seeding");

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
    let options = flags.options(context);
    possible(&options, context)?;
    let opened = database::open(context).await?;
    database::migrate(&opened, context, flags.dry_run, flags.lock).await?;
    let held = lock::acquire(&opened.url, &context.connect_options(), LOCK, flags.lock.wait())
        .await
        .map_err(Failure::lock)?;
    agree_again(&opened).await?;
    let credentials = Credentials::settle(context, &opened).await?;
    let seeds = seeder::seeds(&credentials.settings);
    // What is refused is refused before anything is written, the audit trail included.
    propose(&opened.db, &seeds, &options, &*context.clock).await.map_err(explain)?;
    let apply = async || {
        let progress = Progress::new(&context.console);
        seed(&opened.db, &seeds, &options, context.run_id, &*context.clock, &progress)
            .await
            .map_err(explain)
    };
    let summary = if flags.dry_run {
        apply().await?
    } else {
        context.audited(&opened.db, "run", apply).await?
    };
    held.release().await.map_err(Failure::lock)?;
    context.answer(&Seeded::of(&opened, summary, &credentials))
}

/// Refuses what no database could make possible, before one is started or migrated.
fn possible(options: &Options, context: &Context) -> Result<(), Failure> {
    let seeds = seeder::seeds(&Credentials::none(context).settings);
    let nothing_applied = BTreeMap::new();
    plan(&seeds, options.environment, &options.only, &nothing_applied)
        .map(drop)
        .map_err(|error| explain(error.into()))
}

/// The run that we have waited for may have stamped the database.
async fn agree_again(opened: &Opened) -> Result<(), Failure> {
    let stamp = stamp::read(&opened.db).await.map_err(Failure::database)?;
    guard::agree(&Target { stamp, ..opened.target.clone() }).map_err(Failure::refused)
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
            "{list}\n{dry}{}\nDatabase  {}\n          {}, seed {}, as of {}\n{}",
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
