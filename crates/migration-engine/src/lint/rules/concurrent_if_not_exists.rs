//! `CREATE INDEX CONCURRENTLY IF NOT EXISTS` takes the invalid index of a failed build for the real one.

use crate::lint::{Breach, File, Harm, Rule, Subject, statement::Kind};

pub(super) const RULE: Rule = Rule {
    name: "concurrent-if-not-exists",
    harm: Harm::Careless,
    instead: "\
//! post-check: SELECT indisvalid FROM pg_index WHERE indexrelid = 'INDEX'::regclass",
    check,
};

fn check(file: &File, subject: &Subject) -> Vec<Breach> {
    if subject.metadata.is_some_and(|metadata| !metadata.post_checks.is_empty()) {
        return Vec::new();
    }
    let built = file.statements.iter().filter_map(|statement| match &statement.kind {
        Kind::CreateIndex { table, if_not_exists: true, .. } if statement.concurrently => {
            Some(table)
        }
        _ => None,
    });
    let message = |table: &String| {
        format!(
            "IF NOT EXISTS accepts the invalid index that a failed build left on {table}, and no \
             post-check would notice"
        )
    };
    built.map(|table| Breach::of(table, message(table))).collect()
}

#[cfg(test)]
mod tests {
    use migration_header::Metadata;

    use super::*;
    use crate::lint::example;

    const BUILD: &str = "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON users (email)";

    #[test]
    fn bad_without_a_check() {
        let said = example::without_transaction(&RULE, &[BUILD]);
        assert_eq!(
            said,
            ["IF NOT EXISTS accepts the invalid index that a failed build left on public.users, \
              and no post-check would notice"]
        );
    }

    #[test]
    fn good_with_a_check_or_without_if_not_exists() {
        let metadata =
            Metadata { post_checks: vec!["SELECT true".to_owned()], ..Metadata::default() };
        assert!(example::with_header(&RULE, &[BUILD], &metadata).is_empty());
        let plain = BUILD.replace("IF NOT EXISTS ", "");
        assert!(example::without_transaction(&RULE, &[&plain]).is_empty());
    }
}
