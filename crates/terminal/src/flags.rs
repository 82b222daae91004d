//! The flags that every command of every binary understands.

#![expect(clippy::doc_markdown, reason = "these comments are the manual that --help prints")]

use clap::{ArgAction, Args, ValueEnum};

/// How the answer is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One versioned JSON document on stdout.
    Json,
    /// Rows as a script, from a command that [writes rows](crate::CommandLine::writes_rows).
    #[value(hide = true)]
    Sql,
    /// Rows as files of comma-separated values, from such a command.
    #[value(hide = true)]
    Csv,
    /// Rows as one JSON object a line, from such a command.
    #[value(hide = true)]
    Ndjson,
}

impl Format {
    /// Whether rows can be written in it, and an answer only as text.
    pub const fn is_of_rows(self) -> bool {
        matches!(self, Self::Sql | Self::Csv | Self::Ndjson)
    }
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The shared flags.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Everywhere")]
pub struct SharedFlags {
    /// development, testing, staging or production [default: APP_ENV, else development]
    #[arg(short, long, visible_alias = "environment", global = true, value_name = "NAME")]
    pub env: Option<String>,

    /// The database; better set as DATABASE_URL, since a command line is public on its machine
    #[arg(short = 'u', long, global = true, value_name = "URL", hide_default_value = true)]
    pub database_url: Option<String>,

    /// How the answer is printed
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: Format,

    /// When to colour
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Color,

    /// Say more, and where each setting came from; -vv for the library's own log
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,

    /// Say nothing but the answer and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Draw no progress bars
    #[arg(long, global = true)]
    pub no_progress: bool,
}

/// The flags of a command that can destroy data.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Consent")]
pub struct ConsentFlags {
    /// Do not ask; enough in development on this machine
    #[arg(short, long)]
    pub yes: bool,

    /// The name of the database that may be changed, as proof that it is the one you mean
    #[arg(long, value_name = "DATABASE")]
    pub confirm: Option<String>,

    /// Let the guard yield in an emergency, for the reason given, which is audited
    #[arg(long, value_name = "REASON", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub break_glass: Option<String>,
}

/// The flags of a command that takes a lock.
#[derive(Args, Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockFlags {
    /// How many seconds to wait while another run holds the lock
    #[arg(long, value_name = "SECONDS", default_value_t = Self::default().lock_wait)]
    pub lock_wait: u64,
}

impl Default for LockFlags {
    fn default() -> Self {
        Self { lock_wait: 10 }
    }
}

impl LockFlags {
    /// The wait as a duration.
    pub fn wait(self) -> std::time::Duration {
        std::time::Duration::from_secs(self.lock_wait)
    }
}
