//! The commands that every binary has.

use clap::{CommandFactory, Subcommand};
use clap_complete::Shell;
use serde::Serialize;

use crate::{
    answer::{Answer, print_raw},
    context::Context,
    exit::Exit,
    failure::Failure,
    notice,
    redact::redact,
    settings::{KNOWN, Settings},
    table::table,
};

/// The commands that every binary has.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum CommonCommand {
    /// Show every setting and where it came from
    Config,
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
}

/// Runs `command` of the binary whose command line is `C`.
pub fn run<C: CommandFactory>(command: CommonCommand, context: &Context) -> Result<Exit, Failure> {
    match command {
        CommonCommand::Config => context.answer(&Config::of(&context.settings)),
        CommonCommand::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut C::command(), context.tool.name, &mut script);
            print_raw(&String::from_utf8_lossy(&script));
            Ok(Exit::Done)
        }
    }
}

/// Every setting, its value and its origin.
#[derive(Serialize)]
pub(crate) struct Config {
    settings: Vec<Shown>,
}

#[derive(Serialize)]
struct Shown {
    name: &'static str,
    value: Option<String>,
    origin: String,
    meaning: &'static str,
}

impl Config {
    pub(crate) fn of(settings: &Settings) -> Self {
        let environment = Shown {
            name: "APP_ENV",
            value: Some(settings.environment().to_string()),
            origin: settings.environment_origin().to_string(),
            meaning: "what kind of database this is about",
        };
        let others = KNOWN.map(|(name, meaning)| Shown {
            name,
            value: settings.text(name).map(|value| shown(name, value)),
            origin: settings.get(name).map_or("default".to_owned(), |s| s.origin.to_string()),
            meaning,
        });
        Self { settings: std::iter::once(environment).chain(others).collect() }
    }
}

fn shown(name: &str, value: &str) -> String {
    if ["PASSWORD", "PASSPHRASE", "SECRET", "SANITISE_KEY"].iter().any(|word| name.contains(word)) {
        return "***".to_owned();
    }
    if name == "NOTIFY_URL" {
        return notice::shown(value);
    }
    match value.parse::<dbkit::DatabaseUrl>() {
        Ok(url) => url.to_string(),
        // What is no URL may still hold the password of the one that was meant.
        Err(_) if name.ends_with("DATABASE_URL") || name == "DIRECT_URL" => "unreadable".to_owned(),
        Err(_) => redact(value),
    }
}

impl Answer for Config {
    const SCHEMA: &'static str = "seaworthy/config/1";

    fn text(&self) -> String {
        let rows: Vec<_> = self
            .settings
            .iter()
            .map(|setting| {
                let value = setting.value.clone().unwrap_or_else(|| "-".to_owned());
                [setting.name.to_owned(), value, setting.origin.clone()]
            })
            .collect();
        table(["setting", "value", "from"], &rows)
    }
}
