//! What a check found, in one form for every check.

use std::fmt;

use serde::Serialize;

/// One thing that a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The check or rule that found it, such as `drift.history` or `ban-drop-column`.
    pub check: &'static str,
    /// What it is about: a migration, `table public.users`, …
    pub subject: String,
    /// What is wrong, as one sentence without a full stop.
    pub message: String,
    /// What to do, where there is one thing to do.
    pub hint: Option<String>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Info,
    /// It deserves a look; it does not fail a check.
    Warning,
    /// It fails the check.
    Error,
}

impl Finding {
    /// A finding that fails its check.
    pub fn error(
        check: &'static str,
        subject: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self::new(Severity::Error, check, subject.into(), message.into())
    }

    /// A finding that deserves a look.
    pub fn warning(
        check: &'static str,
        subject: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self::new(Severity::Warning, check, subject.into(), message.into())
    }

    /// A finding that is good to know.
    pub fn info(
        check: &'static str,
        subject: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self::new(Severity::Info, check, subject.into(), message.into())
    }

    /// The same with something to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    const fn new(
        severity: Severity,
        check: &'static str,
        subject: String,
        message: String,
    ) -> Self {
        Self { severity, check, subject, message, hint: None }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}
