//! How the findings of a check are shown.

use std::fmt::Write as _;

use migration_engine::{Finding, Severity};
use serde::Serialize;

/// How many findings of each kind there are.
#[derive(Serialize)]
pub(super) struct Counts {
    pub(super) errors: usize,
    pub(super) warnings: usize,
    pub(super) infos: usize,
}

impl Counts {
    pub(super) fn of(findings: &[Finding]) -> Self {
        let count =
            |severity| findings.iter().filter(|finding| finding.severity == severity).count();
        Self {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            infos: count(Severity::Info),
        }
    }

    pub(super) fn text(&self) -> String {
        let Self { errors, warnings, infos } = self;
        format!("{errors} error(s), {warnings} warning(s), {infos} to know")
    }
}

/// The findings, each under the subject that it is about, which is named once.
pub(super) fn by_subject(findings: &[Finding]) -> String {
    let mut text = String::new();
    let mut last = None;
    for finding in findings {
        if last != Some(&finding.subject) {
            let _ = writeln!(text, "{}", finding.subject);
        }
        last = Some(&finding.subject);
        let _ = writeln!(text, "  {} [{}] {}", finding.severity, finding.check, finding.message);
        for line in finding.hint.iter().flat_map(|hint| hint.lines()) {
            let _ = writeln!(text, "      {line}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_of_one_subject_stand_together_with_what_to_do() {
        let findings = [
            Finding::error("unbatched-write", "m1", "it locks every row").hint("first\nsecond"),
            Finding::warning("set-without-local", "m1", "it stays in force"),
            Finding::info("table-rewritten", "m2", "it is empty"),
        ];
        assert_eq!(
            by_subject(&findings),
            "m1\n  error [unbatched-write] it locks every row\n      first\n      second\n  \
             warning [set-without-local] it stays in force\nm2\n  info [table-rewritten] it is empty\n"
        );
        assert_eq!(Counts::of(&findings).text(), "1 error(s), 1 warning(s), 1 to know");
    }
}
