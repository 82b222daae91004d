//! `migration validate`: is everything as it should be?
//!
//! A level is one kind of question; each is answered by the engine and shown with how much it looked
//! at, so that a check that looked at nothing cannot pass for a good one.

mod levels;
mod round_trip;

use std::collections::BTreeMap;

use clap::{Args, ValueEnum};
use migration_engine::{Finding, Severity};
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure};

use super::{fill::FillCommand, shadow::ShadowFlags};

#[derive(Args)]
pub(super) struct Flags {
    /// Check these levels only
    #[arg(long, value_enum, value_delimiter = ',', value_name = "LEVEL", conflicts_with = "skip")]
    only: Vec<Level>,
    /// Leave these levels out
    #[arg(long, value_enum, value_delimiter = ',', value_name = "LEVEL")]
    skip: Vec<Level>,
    /// Look through large tables too, and add the level `advice`
    #[arg(long)]
    detailed: bool,
    /// Add the level `round-trip`: every migration up, down and up again on a throw-away database
    #[arg(long)]
    round_trip: bool,
    /// For the round trip, fill that database by this command, which is given its `DATABASE_URL`
    #[arg(long, value_name = "COMMAND", value_parser = FillCommand::parse)]
    fill_with: Option<FillCommand>,
    #[command(flatten)]
    shadow: ShadowFlags,
}

/// A kind of question, in the order in which they are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Level {
    /// Are the migrations well-formed, and as they were locked?
    Static,
    /// Is what was applied what the code has?
    Ledger,
    /// Is the schema what its history makes, what it was, and what the entities need?
    Schema,
    /// Does the data keep the rules of the schema?
    Data,
    /// What works today and will hurt?
    Advice,
    /// Can every migration be taken back, and applied again?
    RoundTrip,
}

/// What one level looked at, and what it found.
#[derive(Serialize)]
struct Checked {
    level: Level,
    counts: BTreeMap<&'static str, usize>,
    findings: Vec<Finding>,
}

#[derive(Serialize)]
struct Validated {
    levels: Vec<Checked>,
    errors: usize,
    warnings: usize,
}

pub(super) async fn run(flags: &Flags, context: &Context) -> Result<Exit, Failure> {
    let validated = Validated::of(levels::check(&flags.levels(), flags, context).await?);
    if validated.errors == 0 { context.answer(&validated) } else { context.finding(&validated) }
}

impl Flags {
    fn levels(&self) -> Vec<Level> {
        let all = Level::value_variants().iter().copied();
        let is_wanted = |level: &Level| match level {
            _ if !self.only.is_empty() => self.only.contains(level),
            Level::Advice if !self.detailed => false,
            Level::RoundTrip if !self.round_trip => false,
            _ => !self.skip.contains(level),
        };
        all.filter(is_wanted).collect()
    }
}

impl Level {
    const fn name(self) -> &'static str {
        match self {
            Self::Static => "static",
            Self::Ledger => "ledger",
            Self::Schema => "schema",
            Self::Data => "data",
            Self::Advice => "advice",
            Self::RoundTrip => "round-trip",
        }
    }
}

impl Validated {
    fn of(levels: Vec<Checked>) -> Self {
        let count = |severity| {
            let findings = levels.iter().flat_map(|level| &level.findings);
            findings.filter(|finding| finding.severity == severity).count()
        };
        Self { errors: count(Severity::Error), warnings: count(Severity::Warning), levels }
    }
}

impl Answer for Validated {
    const SCHEMA: &'static str = "seaworthy/migration.validate/1";

    fn text(&self) -> String {
        let levels: String = self.levels.iter().map(Checked::text).collect();
        let counts = self.levels.iter().flat_map(|level| &level.counts);
        let counts: Vec<_> = counts.map(|(what, count)| format!("{count} {what}")).collect();
        let checked =
            if counts.is_empty() { "nothing to count".to_owned() } else { counts.join(", ") };
        format!("{levels}{checked} checked: {} error(s), {} warning(s)", self.errors, self.warnings)
    }
}

impl Checked {
    /// The findings under the level's name, worst first.
    fn text(&self) -> String {
        let mut findings: Vec<_> = self.findings.iter().collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        let name = self.level.name();
        if findings.is_empty() {
            return format!("{name}: nothing found\n\n");
        }
        let findings: String = findings.into_iter().map(line).collect();
        format!("{name}:\n{findings}\n")
    }
}

fn line(finding: &Finding) -> String {
    let Finding { severity, check, subject, message, hint } = finding;
    let hint = hint.as_ref().map_or_else(String::new, |hint| format!("    {hint}\n"));
    format!("  {severity} {check}: {subject}\n    {message}\n{hint}")
}
