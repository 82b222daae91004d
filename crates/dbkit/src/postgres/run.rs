//! Runs a PostgreSQL program in a plain environment and with a limit on the wait.

use std::{io, path::Path, path::PathBuf, process::ExitStatus, process::Stdio, time::Duration};

use tokio::{process::Command, time::timeout};

/// Where the programs' own helpers (`sh`, `locale`) are; the caller's `PATH` may hold anything.
const HELPERS: &str = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";

/// How much of a program's complaint is kept, in lines.
const KEPT_LINES: usize = 12;

/// Why a program did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It could not be started, or not be waited for.
    #[error("cannot run `{}`", program.display())]
    Unrunnable {
        /// The program.
        program: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// It ended with a failure.
    #[error("`{}` failed ({status}): {complaint}", program.display())]
    Failed {
        /// The program.
        program: PathBuf,
        /// How it ended.
        status: ExitStatus,
        /// The last lines that it wrote to its standard error.
        complaint: String,
    },
    /// It did not end in time, and was killed.
    #[error("`{}` did not end within {} s", program.display(), limit.as_secs())]
    TooSlow {
        /// The program.
        program: PathBuf,
        /// How long it had.
        limit: Duration,
    },
}

/// A command for one program that hears nothing of the caller's environment.
///
/// `PGDATA`, `PGPORT` and the like would silently change what a program does, a missing `LC_ALL`
/// keeps the server on macOS from starting, and a current folder that the account may not enter
/// makes every program complain.
pub(crate) fn program(path: &Path) -> Command {
    let mut command = Command::new(path);
    command
        .env_clear()
        .env("PATH", HELPERS)
        .env("LC_ALL", "C")
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Runs a command to its end and returns what it wrote to its standard output.
pub(crate) async fn run(mut command: Command, limit: Duration) -> Result<String, RunError> {
    let program = PathBuf::from(command.as_std().get_program());
    let unrunnable = |source| RunError::Unrunnable { program: program.clone(), source };
    let child = command.spawn().map_err(unrunnable)?;
    let Ok(output) = timeout(limit, child.wait_with_output()).await else {
        return Err(RunError::TooSlow { program, limit });
    };
    let output = output.map_err(unrunnable)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let complaint = last_lines(&String::from_utf8_lossy(&output.stderr));
    Err(RunError::Failed { program, status: output.status, complaint })
}

/// The end of a long text, where programs say what went wrong.
pub(crate) fn last_lines(text: &str) -> String {
    let lines: Vec<_> = text.trim().lines().collect();
    lines[lines.len().saturating_sub(KEPT_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    fn shell(script: &str) -> Command {
        let mut command = program(Path::new("/bin/sh"));
        command.args(["-c", script]);
        command
    }

    #[tokio::test]
    async fn a_complaint_is_kept() {
        let error = run(shell("echo no such cluster >&2; exit 3"), LONG).await.unwrap_err();
        assert!(error.to_string().contains("no such cluster"), "{error}");
    }

    #[tokio::test]
    async fn a_program_that_hangs_is_given_up() {
        let error = run(shell("tail -f /dev/null"), Duration::from_millis(20)).await.unwrap_err();
        assert!(matches!(error, RunError::TooSlow { .. }), "{error}");
    }

    #[tokio::test]
    async fn the_callers_environment_is_not_heard() {
        let environment = run(shell("env | grep -c ^CARGO || true; pwd"), LONG).await.unwrap();
        assert_eq!(environment, "0\n/\n");
    }

    #[test]
    fn only_the_end_of_a_long_text_is_kept() {
        let text: Vec<_> = (0..100).map(|line| line.to_string()).collect();
        let kept = last_lines(&text.join("\n"));
        assert_eq!(kept.lines().count(), KEPT_LINES);
        assert!(kept.ends_with("99"));
    }
}
