//! Copying a database on its own server, by `pg_dump` and `pg_restore` back to back.
//!
//! What is clear goes from the one into the other through a pipe: no file, and not even this process,
//! ever has it. The copy comes in two parts, and rows change in between: without indexes, foreign
//! keys and triggers, which are only then made, and so checked, and materialised views filled.

use std::{io, process::ExitStatus, process::Stdio, time::Duration};

use dbkit::{DatabaseUrl, postgres::Installation};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::Command,
};

use super::{SanitiseError, judge::Plan};
use crate::{
    Complaint, CreateLimits, Programs,
    child::{Child, Ended},
    client,
    password_file::FreeStream,
};

/// From where to where, and with what.
pub(super) struct Copy<'a> {
    pub(super) from: &'a DatabaseUrl,
    pub(super) to: &'a DatabaseUrl,
    /// The role, which the URL need not name.
    pub(super) user: &'a str,
    /// The exported snapshot.
    pub(super) snapshot: &'a str,
    pub(super) programs: &'a Programs,
    pub(super) client: &'a Installation,
    pub(super) limits: &'a CreateLimits,
}

/// What is made only after the rows have changed: an archive without rows.
pub(super) struct Afterwards(Vec<u8>);

impl Copy<'_> {
    /// Copies types, tables and rows, but for those that stay behind.
    pub(super) async fn rows(&self, plan: &Plan) -> Result<(), SanitiseError> {
        let mut dump = self.dump(&["--section=pre-data", "--section=data"]);
        if !plan.with_large_objects {
            dump.arg("--no-blobs");
        }
        for table in &plan.left_out {
            dump.arg(format!("--exclude-table-data={}", table.quoted()));
        }
        let _password =
            self.programs.connect(&mut dump, self.from, self.user, FreeStream::Stdin)?;
        let mut dumping =
            Child::spawn(&mut dump).map_err(|source| self.not_run("pg_dump", source))?;
        let archive = dumping.stdout().and_then(tokio::process::ChildStdout::into_owned_fd);
        let archive = archive.map_err(|source| self.not_run("pg_dump", source))?;

        let mut restore = self.restore();
        restore.stdin(Stdio::from(archive));
        let _password =
            self.programs.connect(&mut restore, self.to, self.user, FreeStream::Stdout)?;
        let restoring =
            Child::spawn(&mut restore).map_err(|source| self.not_run("pg_restore", source))?;
        // The command still holds an end of the pipe, without which `pg_dump` notices when nobody reads.
        drop(restore);
        let limit = self.limits.total;
        let (dumped, restored) = tokio::join!(dumping.wait(limit), restoring.wait(limit));
        let dumped = dumped.map_err(|error| self.broken("pg_dump", limit, error))?;
        let restored = restored.map_err(|error| self.broken("pg_restore", limit, error))?;
        // Where one fails, the other complains of the pipe.
        if !dumped.status.success() && !dumped.stderr.contains("Broken pipe") {
            return Err(failed("pg_dump", &dumped));
        }
        check("pg_restore", &restored)?;
        check("pg_dump", &dumped)
    }

    /// Takes down what is to be made afterwards.
    pub(super) async fn afterwards(&self) -> Result<Afterwards, SanitiseError> {
        let limit = self.limits.total;
        let mut dump = self.dump(&["--section=post-data"]);
        let _password =
            self.programs.connect(&mut dump, self.from, self.user, FreeStream::Stdin)?;
        let mut dumping =
            Child::spawn(&mut dump).map_err(|source| self.not_run("pg_dump", source))?;
        let mut archive = Vec::new();
        let stdout = dumping.stdout().map_err(|source| self.not_run("pg_dump", source))?;
        let read = async { { stdout }.read_to_end(&mut archive).await };
        let (read, ended) = tokio::join!(read, dumping.wait(limit));
        check("pg_dump", &ended.map_err(|error| self.broken("pg_dump", limit, error))?)?;
        read.map_err(|source| self.not_run("pg_dump", source))?;
        Ok(Afterwards(archive))
    }

    fn dump(&self, sections: &[&str]) -> Command {
        let mut command = self.programs.command(self.client, "pg_dump");
        command
            .args(["--format=custom", "--compress=0", "--no-password"])
            // A copy must neither reach other servers nor be reached by them, and the connection of a
            // subscription has a password.
            .args(["--no-publications", "--no-subscriptions", "--no-security-labels"])
            .args(sections)
            .arg(format!("--snapshot={}", self.snapshot))
            .arg(format!("--lock-wait-timeout={}", self.limits.table_lock.as_millis()))
            .stdout(Stdio::piped());
        command
    }

    /// Everything belongs to the role that copies, so that it may change it: whoever restores the
    /// sanitised backup does so elsewhere, where there are other roles.
    fn restore(&self) -> Command {
        restore(self.programs, self.client, self.to)
    }

    fn not_run(&self, program: &str, source: io::Error) -> SanitiseError {
        SanitiseError::Run { program: self.client.program(program), source }
    }

    fn broken(&self, program: &str, limit: Duration, error: io::Error) -> SanitiseError {
        match error.kind() {
            io::ErrorKind::TimedOut => SanitiseError::TooLong { limit },
            _ => self.not_run(program, error),
        }
    }
}

impl Afterwards {
    /// Makes in the copy what was taken down: indexes, constraints, triggers, materialised views.
    pub(super) async fn make(self, copy: &Copy<'_>) -> Result<(), SanitiseError> {
        let limit = copy.limits.total;
        let mut restore = copy.restore();
        restore.stdin(Stdio::piped());
        let _password =
            copy.programs.connect(&mut restore, copy.to, copy.user, FreeStream::Stdout)?;
        let not_run = |source| copy.not_run("pg_restore", source);
        let mut restoring = Child::spawn(&mut restore).map_err(not_run)?;
        let mut stdin = restoring.stdin().map_err(not_run)?;
        let write = async {
            // Where this fails, `pg_restore` has ended, and has said why.
            let _ = stdin.write_all(&self.0).await;
            drop(stdin);
        };
        let ((), ended) = tokio::join!(write, restoring.wait(limit));
        let ended = ended.map_err(|error| copy.broken("pg_restore", limit, error))?;
        if ended.status.success() {
            return Ok(());
        }
        match Complaint::of(&ended.stderr) {
            Complaint::Other => Err(SanitiseError::Constraint { said: spoken(&ended.stderr) }),
            _ => Err(failed("pg_restore", &ended)),
        }
    }
}

fn restore(programs: &Programs, client: &Installation, to: &DatabaseUrl) -> Command {
    let mut command = programs.command(client, "pg_restore");
    command
        .args(["--exit-on-error", "--no-password", "--no-owner", "--no-acl", "--no-tablespaces"])
        .arg("--dbname")
        .arg(client::database_argument(&to.database()));
    command
}

fn check(program: &'static str, ended: &Ended) -> Result<(), SanitiseError> {
    if ended.status.success() { Ok(()) } else { Err(failed(program, ended)) }
}

fn failed(program: &'static str, ended: &Ended) -> SanitiseError {
    let complaint = Complaint::of(&ended.stderr);
    let (status, said): (ExitStatus, _) = (ended.status, spoken(&ended.stderr));
    SanitiseError::Client { program, complaint, status, said }
}

/// What a program itself said, without the details and contexts of the server: those quote rows.
fn spoken(stderr: &str) -> String {
    let own = |line: &&str| {
        ["pg_dump: error: ", "pg_restore: error: "].iter().any(|start| line.starts_with(start))
    };
    match stderr.lines().find(own) {
        Some(line) => line.to_owned(),
        None => "it gave no reason".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_the_server_quotes_is_not_repeated() {
        let stderr = "pg_restore: error: COPY failed for table \"users\": ERROR:  no\n\
                      DETAIL:  Failing row contains (1, Jane Doe).\nCONTEXT:  COPY users, line 1: \"1\tJane\"\n";
        assert_eq!(
            spoken(stderr),
            "pg_restore: error: COPY failed for table \"users\": ERROR:  no"
        );
        assert_eq!(spoken("DETAIL:  Jane"), "it gave no reason");
    }
}
