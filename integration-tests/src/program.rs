//! Runs one of our programs as a script would: nobody sits there, and nothing is inherited.

use std::{ffi::OsStr, fmt, path::PathBuf, process::Stdio, time::Duration};

use dbkit::DatabaseUrl;
use tempfile::TempDir;
use tokio::{process::Command, time::timeout};

use crate::{keys, programs, server::variable};

/// No command of a test takes this long; one that does, hangs.
const LIMIT: Duration = Duration::from_mins(2);

/// A program that is about to run, in an empty folder and with no variables but `PATH`, `HOME`, the
/// keys of tests, and what the test gives it.
#[derive(Debug)]
pub struct Program {
    command: Command,
    folder: TempDir,
    known: Vec<(String, &'static str)>,
}

/// How a program ended, and what it said.
///
/// Its `Display` is for snapshots: what differs from run to run is replaced.
#[derive(Debug)]
pub struct Run {
    /// The exit code.
    pub code: i32,
    /// The answer, as it was printed.
    pub stdout: String,
    /// Everything else, as it was printed.
    pub stderr: String,
    known: Vec<(String, &'static str)>,
}

impl Program {
    /// One of the workspace's binaries.
    pub async fn new(name: &'static str) -> Self {
        let mut command = Command::new(Self::path(name).await);
        let folder = tempfile::tempdir().expect("a folder can be made");
        command
            .env_clear()
            .env("PATH", variable("PATH").unwrap_or_default())
            .env("HOME", folder.path())
            .envs(keys::variables())
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let known = vec![(folder.path().to_string_lossy().into_owned(), "[folder]")];
        Self { command, folder, known }
    }

    /// Where that binary is, for a command that is given another one to run.
    pub async fn path(name: &'static str) -> PathBuf {
        let find = tokio::task::spawn_blocking(move || programs::find(name));
        find.await.expect("the program is there")
    }

    /// The folder in which it will run.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Adds arguments, separated by blanks.
    #[must_use]
    pub fn args(mut self, arguments: &str) -> Self {
        self.command.args(arguments.split_whitespace());
        self
    }

    /// Adds one argument, whatever is in it.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it in another folder than its own.
    #[must_use]
    pub fn within(mut self, folder: &std::path::Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Takes a variable away again.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Points it to a database, whose whereabouts snapshots will not show.
    #[must_use]
    pub fn on(mut self, url: &DatabaseUrl) -> Self {
        let database = url.database();
        // Names that a person chose stand in a test for themselves, and may be part of a word.
        if database.starts_with("test_") {
            self.known.push((database, "[database]"));
        }
        self.known.push((format!("{}:{}", url.host(), url.port()), "[server]"));
        if let Some(user) = url.user() {
            self.known.push((format!("`{user}`"), "`[user]`"));
            self.known.push((format!(" of {user} ("), " of [user] ("));
        }
        self.env("DATABASE_URL", url.expose())
    }

    /// Runs it to its end.
    pub async fn run(mut self) -> Run {
        let output = timeout(LIMIT, self.command.output()).await;
        let output = output.expect("the program ends").expect("the program starts");
        Run {
            code: output.status.code().expect("no signal ended the program"),
            stdout: String::from_utf8(output.stdout).expect("stdout is text"),
            stderr: String::from_utf8(output.stderr).expect("stderr is text"),
            known: self.known,
        }
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = format!("exit code {}\n", self.code);
        for (title, stream) in [("--- stdout\n", &self.stdout), ("--- stderr\n", &self.stderr)] {
            if !stream.is_empty() {
                text = text + title + stream;
            }
        }
        for (value, name) in &self.known {
            text = text.replace(value, name);
        }
        f.write_str(text.trim_end())
    }
}
