//! `migration lint`: what is unsafe in migrations that are about to run.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use dbkit::DatabaseUrl;
use migration::{
    explain::{explain, explain_shadow},
    project::project,
};
use migration_engine::{
    Finding, Observation, Project, Shadow, ShadowError, State, TableSize, capture,
    entities::Definitions,
    event::Direction,
    ledger::Ledger,
    lint::{self, Subject},
    plan,
    project::is_transactional,
    run,
    shadow::with_shadow,
};
use sea_orm_migration::MigrationTrait;
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure};

use super::{
    finding::{Counts, by_subject},
    registry,
    shadow::ShadowFlags,
};

/// What squawk assumes, and the oldest version that is still in wide use.
const POSTGRES: u16 = 15;

#[derive(Args)]
pub(super) struct Flags {
    /// These migrations; without any, those that are pending
    names: Vec<String>,
    /// All migrations, also without a database
    #[arg(long, conflicts_with = "names")]
    all: bool,
    /// Also run them on a throw-away database beside the target, to see their locks and rewrites
    #[arg(long)]
    shadow: bool,
    #[command(flatten)]
    shadow_place: ShadowFlags,
}

#[derive(Serialize)]
struct Linted {
    migrations: Vec<String>,
    #[serde(flatten)]
    counts: Counts,
    findings: Vec<Finding>,
}

/// What is known of the database that the migrations are meant for.
struct Target {
    pending: Vec<String>,
    sizes: Option<BTreeMap<String, TableSize>>,
    postgres: u16,
    observed: BTreeMap<String, Observation>,
}

impl Target {
    /// Any database of which nothing is known.
    fn unknown() -> Self {
        Self { pending: Vec::new(), sizes: None, postgres: POSTGRES, observed: BTreeMap::new() }
    }
}

pub(super) async fn run(flags: Flags, context: &Context) -> Result<Exit, Failure> {
    let project = project();
    let names = full_names(&project, &flags.names)?;
    let of_pending = !flags.all && flags.names.is_empty();
    let on_shadow = flags.shadow || flags.shadow_place.is_named();
    let mut target = match context.named_url()? {
        None if !of_pending && !on_shadow => Target::unknown(),
        url => {
            let url = match url {
                Some(url) => url,
                None => context.locate().await?,
            };
            let observed = if on_shadow {
                observe(&project, &url, &flags.shadow_place, context).await?
            } else {
                BTreeMap::new()
            };
            Target { observed, ..look_at(url, context).await? }
        }
    };
    let migrations = match (flags.all, of_pending) {
        (true, _) => project.names(),
        (_, true) => std::mem::take(&mut target.pending),
        _ => names,
    };
    let mapped = mapped(&registry::definitions().await?);
    let linted = lint_all(&project, migrations, &target, &mapped).await;
    if linted.counts.errors == 0 { context.answer(&linted) } else { context.finding(&linted) }
}

/// The whole names of the migrations that were meant. Those that only a database has have no file to look into.
fn full_names(project: &Project, names: &[String]) -> Result<Vec<String>, Failure> {
    let full = |name: &String| plan::resolve_name(project, &Ledger::default(), name);
    names.iter().map(full).collect::<Result<_, _>>().map_err(|error| explain(error.into()))
}

async fn look_at(url: DatabaseUrl, context: &Context) -> Result<Target, Failure> {
    let opened = context.open(url).await?;
    let entries = run::status(&opened.db, &project()).await.map_err(explain)?;
    let pending = entries.into_iter().filter(|entry| entry.state == State::Pending);
    Ok(Target {
        pending: pending.map(|entry| entry.name).collect(),
        sizes: Some(TableSize::of_all(&opened.db).await.map_err(Failure::database)?),
        postgres: lint::postgres_major(&opened.db).await.map_err(Failure::database)?,
        observed: BTreeMap::new(),
    })
}

/// What each migration does on a database that has nothing but those before it.
async fn observe(
    project: &Project,
    target: &DatabaseUrl,
    place: &ShadowFlags,
    context: &Context,
) -> Result<BTreeMap<String, Observation>, Failure> {
    let options = place.options(context)?;
    let work = async |shadow: &Shadow| {
        let mut observed = BTreeMap::new();
        for migration in project.migrations() {
            observed.insert(migration.name().to_owned(), shadow.up(migration).await?);
        }
        Ok::<_, ShadowError>(observed)
    };
    with_shadow(target, &options, &[], work).await.map_err(explain_shadow)
}

async fn lint_all(
    project: &Project,
    migrations: Vec<String>,
    target: &Target,
    mapped: &BTreeSet<String>,
) -> Linted {
    let mut findings = Vec::new();
    for migration in migrations.iter().filter_map(|name| project.find(name)) {
        findings.extend(lint_one(project, migration, target, mapped).await);
    }
    Linted { migrations, counts: Counts::of(&findings), findings }
}

async fn lint_one(
    project: &Project,
    migration: &dyn MigrationTrait,
    target: &Target,
    mapped: &BTreeSet<String>,
) -> Vec<Finding> {
    let name = migration.name();
    let observation = target.observed.get(name);
    let captured = match observation {
        Some(observation) => Ok(observation.statements.clone()),
        None => {
            capture::offline(migration, Direction::Up).await.map(|captured| captured.statements)
        }
    };
    let statements = match captured {
        Ok(statements) => statements,
        Err(error) => {
            let message = format!("what it sends cannot be read without a database: {error}");
            return vec![
                Finding::warning("lint.capture", name, message).hint("migration lint --shadow"),
            ];
        }
    };
    lint::lint(&Subject {
        name,
        transactional: is_transactional(migration),
        metadata: project.metadata(name),
        statements: &statements,
        observation,
        table_sizes: target.sizes.as_ref(),
        mapped,
        postgres: target.postgres,
    })
}

/// What the entities map, as `schema.table` and `schema.table.column`.
fn mapped(definitions: &Definitions) -> BTreeSet<String> {
    let mut mapped = BTreeSet::new();
    for table in &definitions.tables {
        let schema = table.name.schema.as_deref().unwrap_or("public");
        let name = format!("{schema}.{}", table.name.name);
        mapped.extend(table.columns.iter().map(|column| format!("{name}.{}", column.name)));
        mapped.insert(name);
    }
    mapped
}

impl Answer for Linted {
    const SCHEMA: &'static str = "seaworthy/migration.lint/1";

    fn text(&self) -> String {
        let checked =
            format!("{} migration(s) checked: {}", self.migrations.len(), self.counts.text());
        if self.findings.is_empty() {
            checked
        } else {
            format!("{}\n{checked}", by_subject(&self.findings))
        }
    }
}
