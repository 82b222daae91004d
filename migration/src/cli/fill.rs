//! A command that fills a shadow database with data, such as the seeder.

use std::{process::Stdio, time::Duration};

use dbkit::{DatabaseUrl, Environment};
use migration_engine::Fill;
use terminal::Console;
use tokio::{process::Command, time::timeout};

/// A command that takes longer has probably got stuck; a first build is quicker than this.
const LIMIT: Duration = Duration::from_mins(15);

/// A command and its arguments. No shell reads them, so nothing in them can be expanded.
#[derive(Clone, Debug)]
pub(super) struct FillCommand {
    program: String,
    arguments: Vec<String>,
}

impl FillCommand {
    /// Takes a command apart at its blanks.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace().map(str::to_owned);
        let program = words.next().ok_or("it has no words")?;
        Ok(Self { program, arguments: words.collect() })
    }
}

/// Runs the command, and shows what it said if it fails.
pub(super) struct Filler<'a> {
    pub(super) command: &'a FillCommand,
    pub(super) console: &'a Console,
}

#[async_trait::async_trait]
impl Fill for Filler<'_> {
    async fn fill(&self, url: &DatabaseUrl) -> Result<(), String> {
        let FillCommand { program, arguments } = self.command;
        let mut command = Command::new(program);
        command
            .args(arguments)
            // Both, so that no setting from elsewhere leads it to another database.
            .env("DATABASE_URL", url.expose())
            .env("DIRECT_URL", url.expose())
            .env("APP_ENV", Environment::Testing.name())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = timeout(LIMIT, command.output())
            .await
            .map_err(|_| format!("`{program}` has not ended after {} s", LIMIT.as_secs()))?
            .map_err(|error| format!("`{program}` cannot be started: {error}"))?;
        if output.status.success() {
            return Ok(());
        }
        for stream in [&output.stdout, &output.stderr] {
            let said = String::from_utf8_lossy(stream);
            if !said.trim().is_empty() {
                self.console.note(said.trim_end());
            }
        }
        Err(format!("`{program}` ended with {}", output.status))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_its_words() {
        let command = FillCommand::parse(" cargo run -q  -p seeder ").unwrap();
        assert_eq!(command.program, "cargo");
        assert_eq!(command.arguments, ["run", "-q", "-p", "seeder"]);
        assert!(FillCommand::parse("  ").is_err());
    }
}
