//! `lint-ignore`: rules that a migration breaks on purpose.

use migration_header::LintIgnore;

use crate::{Finding, near};

use super::{Subject, rule_names};

/// Whether the migration says that it breaks this rule on purpose.
pub(super) fn silences(subject: &Subject, rule: &str) -> bool {
    ignored(subject).iter().any(|ignore| ignore.rule == rule)
}

/// The rules that it ignores and that nobody knows.
pub(super) fn unknown(subject: &Subject) -> Vec<Finding> {
    let known = rule_names();
    let unknown = ignored(subject).iter().filter(|ignore| !known.contains(&ignore.rule.as_str()));
    unknown
        .map(|ignore| {
            let message = format!("`lint-ignore` names `{}`, which is no rule", ignore.rule);
            let finding = Finding::warning("lint.unknown-rule", subject.name, message);
            match near::nearest(&ignore.rule, known.iter().copied()) {
                Some(near) => finding.hint(format!("did you mean `{near}`?")),
                None => finding,
            }
        })
        .collect()
}

fn ignored<'a>(subject: &Subject<'a>) -> &'a [LintIgnore] {
    subject.metadata.map_or(&[], |metadata| &metadata.lint_ignore)
}

#[cfg(test)]
mod tests {
    use migration_header::Metadata;

    use crate::lint::{Subject, example, lint};

    fn checks(rule: &str) -> Vec<String> {
        let ignore = super::LintIgnore { rule: rule.to_owned(), why: "of this test".to_owned() };
        let metadata = Metadata { lint_ignore: vec![ignore], ..Metadata::default() };
        let up = ["UPDATE users SET a = 1".to_owned()];
        let subject = Subject { metadata: Some(&metadata), statements: &up, ..example::nothing() };
        let said = lint(&subject).into_iter();
        said.map(|finding| format!("{} {:?}", finding.check, finding.hint)).collect()
    }

    #[test]
    fn a_rule_that_is_ignored_says_nothing() {
        assert_eq!(checks("unbatched-write"), Vec::<String>::new());
    }

    #[test]
    fn a_rule_that_nobody_knows_is_a_finding_itself() {
        let said = checks("unbatched-writes");
        assert_eq!(said.len(), 2, "{said:?}");
        assert_eq!(said[1], "lint.unknown-rule Some(\"did you mean `unbatched-write`?\")");
    }
}
