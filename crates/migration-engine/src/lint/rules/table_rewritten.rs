//! A table was seen to be written anew, and nobody can read it while it is.

use crate::lint::{Breach, File, Harm, Rule, Subject};

pub(super) const RULE: Rule = Rule {
    name: "table-rewritten",
    harm: Harm::Blocks,
    instead: "\
-- a new column beside the old one, filled in batches, and swapped when both agree:
ALTER TABLE t ADD COLUMN c_new bigint;
UPDATE t SET c_new = c WHERE id IN (SELECT id FROM t WHERE c_new IS NULL ORDER BY id LIMIT 5000);
ALTER TABLE t RENAME COLUMN c TO c_old;
ALTER TABLE t RENAME COLUMN c_new TO c;",
    check,
};

fn check(file: &File, subject: &Subject) -> Vec<Breach> {
    let rewritten = subject.observation.map_or(&[][..], |observation| &observation.rewritten);
    let old = rewritten.iter().filter(|table| file.is_old(table));
    old.map(|table| {
        let message =
            format!("every row of {table} is written anew, and nobody can read it meanwhile");
        Breach::of(table, message)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Observation, lint::example};

    fn seen(up: &str) -> Vec<String> {
        let rewritten = vec!["public.users".to_owned()];
        example::observed(&RULE, &[up], &Observation { rewritten, ..Observation::default() })
    }

    #[test]
    fn bad_where_a_table_in_use_was_rewritten() {
        assert_eq!(
            seen("ALTER TABLE users ALTER COLUMN id TYPE bigint"),
            ["every row of public.users is written anew, and nobody can read it meanwhile"]
        );
    }

    #[test]
    fn good_where_the_table_is_new() {
        assert!(seen("CREATE TABLE users (id int)").is_empty());
    }
}
