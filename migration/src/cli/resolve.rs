//! `migration resolve`

use clap::{Args, builder::NonEmptyStringValueParser};
use dbkit::{
    DatabaseUrl, Environment,
    guard::{Refused, Target},
};
use migration::{
    explain::explain_resolve,
    project::{facts, project},
};
use migration_engine::{
    Limits, Orders, Severity, ShadowOptions,
    event::Direction,
    resolve::{self, Differences, Request, Resolution, Resolved},
};
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure, LockFlags};

use super::{named::full_name, session::open};

#[derive(Args)]
pub(super) struct Flags {
    /// The migration
    name: String,
    #[command(flatten)]
    word: Word,
    /// Why; kept in the history and in the audit trail
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    reason: String,
    /// A database to replay migrations on, for a role that may not create one; what is in it goes
    #[arg(long, value_name = "URL")]
    shadow_url: Option<String>,
    /// Write it down although the schema says otherwise
    #[arg(long)]
    despite_differences: bool,
    /// The name of the database, which staging and production ask for
    #[arg(long, value_name = "DATABASE")]
    confirm: Option<String>,
    #[command(flatten)]
    lock: LockFlags,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag, and exactly one is given")]
struct Word {
    /// All of it is there: the schema must be as if it were applied
    #[arg(long)]
    applied: bool,
    /// Nothing of it is there: the schema must be as if it had never been applied
    #[arg(long)]
    rolled_back: bool,
    /// Let a migration that was cut off begin anew; invalid indexes that it left are removed
    #[arg(long)]
    retry: bool,
    /// Its file was changed on purpose after it was applied, and makes the same schema
    #[arg(long)]
    accept_checksum: bool,
}

impl Word {
    const fn resolution(&self) -> Resolution {
        match self {
            Self { applied: true, .. } => Resolution::Applied,
            Self { rolled_back: true, .. } => Resolution::RolledBack,
            Self { retry: true, .. } => Resolution::Retry,
            Self { .. } => Resolution::AcceptChecksum,
        }
    }

    const fn flag(&self) -> &'static str {
        match self.resolution() {
            Resolution::Applied => "--applied",
            Resolution::RolledBack => "--rolled-back",
            Resolution::Retry => "--retry",
            Resolution::AcceptChecksum => "--accept-checksum",
        }
    }
}

impl Flags {
    fn request(&self, name: String, context: &Context) -> Result<Request, Failure> {
        let url = self.shadow_url.as_deref().map(str::parse::<DatabaseUrl>).transpose();
        let url = url.map_err(|error| {
            Failure::new(Exit::Usage, "settings.shadow_url", error).context("--shadow-url")
        })?;
        let differences =
            if self.despite_differences { Differences::Overrule } else { Differences::Refuse };
        Ok(Request {
            name,
            resolution: self.word.resolution(),
            reason: self.reason.clone(),
            differences,
            shadow: ShadowOptions { url, run: context.run_id, now: context.clock.now() },
        })
    }

    /// Only ledgers change here, so no emergency has to be declared; but a slip must not reach production.
    fn consent(&self, target: &Target) -> Result<(), Failure> {
        let (database, environment) = (target.database.clone(), target.environment);
        let matters = matches!(environment, Environment::Staging | Environment::Production);
        if !matters || self.confirm.as_ref() == Some(&database) {
            return Ok(());
        }
        let yes_is_enough = false;
        Err(Failure::refused(Refused::NotConfirmed { database, environment, yes_is_enough }))
    }
}

pub(super) async fn run(flags: &Flags, context: &Context) -> Result<Exit, Failure> {
    let opened = context.open_to_write(context.locate().await?).await?;
    flags.consent(&opened.target)?;
    let project = project();
    let name = full_name(&opened.db, &project, &flags.name).await?;
    let request = flags.request(name, context)?;
    let session = open(context, &opened, flags.lock).await?;
    let command = format!("resolve {} {}", request.name, flags.word.flag());
    let (operation, steps) = (context.operation(&command), context.console.steps());
    let limits = Limits::default();
    let (clock, facts) = (&*context.clock, facts());
    let orders = Orders { operation: &operation, facts, limits, clock, report: &steps };
    let resolved = context
        .audited(&opened.db, &command, async || {
            resolve::resolve(&session, &project, &request, &orders).await.map_err(explain_resolve)
        })
        .await?;
    session.close().await?;
    context.answer(&Settled { database: opened.place(), reason: &flags.reason, resolved })
}

#[derive(Serialize)]
struct Settled<'a> {
    database: String,
    reason: &'a str,
    #[serde(flatten)]
    resolved: Resolved,
}

impl Answer for Settled<'_> {
    const SCHEMA: &'static str = "seaworthy/migration.resolve/1";

    fn text(&self) -> String {
        let Resolved { name, resolution, next, removed, differences } = &self.resolved;
        let mut lines = vec![match resolution {
            Resolution::Applied => format!("{name} is applied, in {}", self.database),
            Resolution::RolledBack => format!("{name} is not applied, in {}", self.database),
            Resolution::Retry => format!("{name} may begin anew, in {}", self.database),
            Resolution::AcceptChecksum => {
                format!("The source of {name} is accepted as it is, in {}", self.database)
            }
        }];
        lines.extend(removed.iter().map(|index| format!("Removed the invalid index {index}")));
        if !differences.is_empty() {
            lines.push("The schema is not as the ledger now says:".to_owned());
        }
        lines.extend(differences.iter().map(|finding| {
            let mark = if finding.severity == Severity::Error { "" } else { " (a warning)" };
            format!("  {}{mark}", finding.message)
        }));
        lines.extend(next.map(Direction::way).map(|way| format!("Next: `migration {way}`")));
        lines.join("\n")
    }
}
