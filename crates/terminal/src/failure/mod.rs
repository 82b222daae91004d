//! An error on its way to the operator: what failed, why, and the one next command.

mod connect;
pub(crate) mod database;
mod guard;
mod local_server;
mod lock;
mod snapshot;

use std::fmt;

use serde::Serialize;

use crate::exit::Exit;

/// An error with the exit code it deserves, a stable class for scripts, and hints for people.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    class: &'static str,
    error: anyhow::Error,
    hints: Vec<String>,
}

impl Failure {
    /// An error that ends the command with `exit`; `class` never changes once released.
    pub fn new(exit: Exit, class: &'static str, error: impl Into<anyhow::Error>) -> Self {
        Self { exit, class, error: error.into(), hints: Vec::new() }
    }

    /// The same for an error that is only a sentence.
    pub fn message(exit: Exit, class: &'static str, message: impl Into<String>) -> Self {
        Self::new(exit, class, anyhow::Error::msg(message.into()))
    }

    /// Adds what the operator can do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Says what was being done when it failed.
    #[must_use]
    pub fn context(mut self, context: impl fmt::Display + Send + Sync + 'static) -> Self {
        self.error = self.error.context(context);
        self
    }

    /// The process's exit code.
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// The stable class, for scripts and the audit trail.
    pub fn class(&self) -> &'static str {
        self.class
    }

    /// What `--format json` prints.
    pub(crate) fn document(&self) -> impl Serialize {
        #[derive(Serialize)]
        struct Document {
            schema: &'static str,
            ok: bool,
            exit: u8,
            class: &'static str,
            error: String,
            causes: Vec<String>,
            hints: Vec<String>,
        }
        Document {
            schema: "seaworthy/failure/1",
            ok: false,
            exit: self.exit as u8,
            class: self.class,
            error: self.error.to_string(),
            causes: self.error.chain().skip(1).map(ToString::to_string).collect(),
            hints: self.hints.clone(),
        }
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::new(Exit::Failed, "failed", error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.error)?;
        let mut said = self.error.to_string();
        for cause in self.error.chain().skip(1).map(ToString::to_string) {
            // Drivers repeat their source in their own message; people need it once.
            if !said.contains(&cause) {
                write!(f, "\n  caused by: {cause}")?;
            }
            said.push_str(&cause);
        }
        for hint in &self.hints {
            write!(f, "\n\nhint: {hint}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_reads_from_what_to_why_to_next() {
        let cause = std::io::Error::other("disk on fire");
        let failure = Failure::new(Exit::Failed, "io", cause).context("cannot write").hint("try");
        assert_eq!(
            failure.to_string(),
            "error: cannot write\n  caused by: disk on fire\n\nhint: try"
        );
    }

    #[test]
    fn a_cause_that_was_said_already_is_not_repeated() {
        let cause = std::io::Error::other("refused");
        let failure = Failure::new(Exit::Failed, "io", cause).context("cannot connect: refused");
        assert_eq!(failure.to_string(), "error: cannot connect: refused");
    }
}
