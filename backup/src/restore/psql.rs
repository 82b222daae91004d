//! A `psql` that is told one thing after the other, and whose answers are read.
//!
//! What is restored in one transaction can be looked at by nobody else before it is committed, so the
//! session that reads the script is asked for its rows too.

use std::{process::Stdio, time::Duration};

use dbkit::{DatabaseUrl, postgres::Installation};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::{ChildStdin, ChildStdout},
};

use super::{RestoreError, tool::Tool};
use crate::{
    Programs,
    archive::{Lines, Tally},
    client,
    handover::Handover,
    password_file::FreeStream,
    server::Server,
};

/// What stands after an answer. `COPY` doubles every backslash, so no row looks like it.
const END: &[u8] = b"\\.\n";

/// How long the server may take to end a session.
const GOODBYE: Duration = Duration::from_secs(10);

/// A running `psql`; dropping it ends its transaction.
pub(super) struct Psql {
    tool: Tool,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    _password: Handover,
    /// The server's process, once it is known.
    backend: Option<String>,
}

impl Psql {
    /// Starts one that ends with its first error.
    pub(super) fn start(
        programs: &Programs,
        client: &Installation,
        url: &DatabaseUrl,
        user: &str,
    ) -> Result<Self, RestoreError> {
        let mut command = programs.command(client, "psql");
        command
            .args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--no-password"])
            .args(["--set=ON_ERROR_STOP=1", "--file=-", "--dbname"])
            .arg(client::database_argument(&url.database()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let password = programs.connect(&mut command, url, user, FreeStream::None)?;
        let mut tool = Tool::start("psql", &mut command)?;
        let stdin = Some(tool.stdin()?);
        let stdout = BufReader::new(tool.stdout()?);
        Ok(Self { tool, stdin, stdout, _password: password, backend: None })
    }

    /// Tells it something. That it has ended is seen by who waits for it.
    pub(super) async fn write(&mut self, text: &[u8]) -> Result<(), RestoreError> {
        if let Some(stdin) = &mut self.stdin
            && stdin.write_all(text).await.is_err()
        {
            self.stdin = None;
        }
        Ok(())
    }

    /// Whether it is known not to listen any more.
    pub(super) fn has_ended(&self) -> bool {
        self.stdin.is_none()
    }

    /// Tells it a statement, or several.
    pub(super) async fn say(&mut self, sql: &str) -> Result<(), RestoreError> {
        self.write(format!("{sql};\n").as_bytes()).await
    }

    /// Carries out a script whose own answers are of no interest.
    pub(super) async fn silently(&mut self) -> Result<(), RestoreError> {
        self.write(b"\\o /dev/null\n").await
    }

    /// Lets answers be read again.
    pub(super) async fn aloud(&mut self) -> Result<(), RestoreError> {
        self.write(b"\\o\n").await
    }

    /// The one column of every row that a query answers with; nothing if it has ended with an error.
    pub(super) async fn ask(&mut self, query: &str) -> Result<Option<Vec<String>>, RestoreError> {
        let mut rows = Vec::new();
        let copy = format!("COPY ({query}) TO STDOUT");
        let answered = self.answer(&copy, |line| rows.push(text(line))).await?;
        Ok(answered.then_some(rows))
    }

    /// Counts and hashes what is copied; nothing if it has ended with an error.
    pub(super) async fn tally(&mut self, copy: &str) -> Result<Option<Tally>, RestoreError> {
        let mut lines = Lines::default();
        let answered = self.answer(copy, |line| lines.feed(line)).await?;
        Ok(answered.then(|| lines.tally()))
    }

    async fn answer(
        &mut self,
        statement: &str,
        mut take: impl FnMut(&[u8]),
    ) -> Result<bool, RestoreError> {
        self.write(format!("{statement};\n\\echo '\\\\.'\n").as_bytes()).await?;
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = self.stdout.read_until(b'\n', &mut line).await;
            let read = read.map_err(|source| RestoreError::Start { program: "psql", source })?;
            match read {
                0 => return Ok(false),
                _ if line == END => return Ok(true),
                _ => take(&line),
            }
        }
    }

    /// Asks which process of the server carries out what is said.
    pub(super) async fn get_to_know(&mut self) -> Result<(), RestoreError> {
        self.backend = self.ask("SELECT pg_backend_pid()").await?.and_then(|mut pids| pids.pop());
        Ok(())
    }

    /// Ends it in the middle of whatever it does.
    ///
    /// The server would notice only when it has something to say, and keep its locks until then.
    pub(super) async fn abort(self, server: &mut Server) -> Result<(), RestoreError> {
        let Some(pid) = self.backend.clone() else { return Ok(()) };
        drop(self);
        let end = format!("SELECT pg_terminate_backend({pid}, {})", GOODBYE.as_millis());
        Ok(server.execute("end the transaction", &end).await?)
    }

    /// Tells it that this was all, and waits for its end.
    pub(super) async fn finish(mut self, limit: Duration) -> Result<(), RestoreError> {
        self.stdin = None;
        self.tool.finish(limit).await
    }
}

/// A line of `COPY` with one column, without line break and with what it has escaped.
fn text(line: &[u8]) -> String {
    let line = String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(line)).into_owned();
    let mut text = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let character = match character {
            '\\' => match characters.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some(other) => other,
                None => break,
            },
            other => other,
        };
        text.push(character);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_as_it_was_before_copy() {
        assert_eq!(text(b"plain\n"), "plain");
        assert_eq!(text(br#"["a\\"b","c\\nd"]"#), r#"["a\"b","c\nd"]"#);
        assert_eq!(text(b"a\\tb\\\\c\\n\n"), "a\tb\\c\n");
    }
}
