//! squawk's rules: which of them are on, what breaking them costs, and what to write instead.
//!
//! squawk promises no stable interface; this file and `statement.rs` are all that knows it.

use squawk_linter::{Linter, Rule as Squawk, Violation};
use squawk_syntax::SourceFile;

use crate::Finding;

use super::{Breach, File, Harm, Subject, finding};

struct Entry {
    rule: Squawk,
    name: &'static str,
    harm: Harm,
    instead: &'static str,
}

const fn entry(rule: Squawk, name: &'static str, harm: Harm, instead: &'static str) -> Entry {
    Entry { rule, name, harm, instead }
}

const INDEX: &str = "\
-- with use_transaction() == Some(false):
CREATE INDEX CONCURRENTLY t_c_idx ON t (c);
//! post-check: SELECT indisvalid FROM pg_index WHERE indexrelid = 't_c_idx'::regclass";
const NOT_VALID: &str = "\
ALTER TABLE t ADD CONSTRAINT t_c_check CHECK (c > 0) NOT VALID;
-- in the next migration, while others read and write:
ALTER TABLE t VALIDATE CONSTRAINT t_c_check;";
const NEW_COLUMN: &str = "\
-- a new column beside the old one, filled in batches, and read by the next release:
ALTER TABLE t ADD COLUMN c_new bigint;";
const RELEASE_FIRST: &str = "\
-- first a release that does not use it any more; then, in a later migration:
//! lint-ignore: RULE no version that runs uses it";
const ON_ITS_OWN: &str = "\
// leave BEGIN, COMMIT and ROLLBACK to the runner; a migration that needs no transaction says so:
fn use_transaction(&self) -> Option<bool> {
    Some(false)
}";

/// The rules that are on. Off are those of style (types of columns, `IF NOT EXISTS`, schema names),
/// those that our runner makes true (time limits), those that only matter to somebody who shares the
/// database without sharing the code, and one that our own `concurrently-in-transaction` replaces.
const ON: [Entry; 29] = [
    entry(Squawk::RequireConcurrentIndexCreation, "require-concurrent-index-creation", Harm::Blocks, INDEX),
    entry(
        Squawk::RequireConcurrentIndexDeletion,
        "require-concurrent-index-deletion",
        Harm::Blocks,
        "-- with use_transaction() == Some(false):\nDROP INDEX CONCURRENTLY t_c_idx;",
    ),
    entry(
        Squawk::RequireConcurrentPartitionDetach,
        "require-concurrent-partition-detach",
        Harm::Blocks,
        "-- with use_transaction() == Some(false):\nALTER TABLE t DETACH PARTITION p CONCURRENTLY;",
    ),
    entry(
        Squawk::RequireConcurrentReindex,
        "require-concurrent-reindex",
        Harm::Blocks,
        "-- with use_transaction() == Some(false):\nREINDEX INDEX CONCURRENTLY t_c_idx;",
    ),
    entry(Squawk::ConstraintMissingNotValid, "constraint-missing-not-valid", Harm::Blocks, NOT_VALID),
    entry(
        Squawk::AddingForeignKeyConstraint,
        "adding-foreign-key-constraint",
        Harm::Blocks,
        "\
ALTER TABLE t ADD CONSTRAINT t_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES parents (id) NOT VALID;
-- in the next migration, while others read and write:
ALTER TABLE t VALIDATE CONSTRAINT t_parent_id_fkey;",
    ),
    entry(
        Squawk::AddingFieldWithDefault,
        "adding-field-with-default",
        Harm::Blocks,
        "\
ALTER TABLE t ADD COLUMN c uuid;
ALTER TABLE t ALTER COLUMN c SET DEFAULT gen_random_uuid();
-- in the next migration, in batches:
UPDATE t SET c = gen_random_uuid() WHERE id IN (SELECT id FROM t WHERE c IS NULL ORDER BY id LIMIT 5000);",
    ),
    entry(
        Squawk::AddingNotNullableField,
        "adding-not-nullable-field",
        Harm::Blocks,
        "\
-- with use_transaction() == Some(false):
ALTER TABLE t ADD CONSTRAINT t_c_present CHECK (c IS NOT NULL) NOT VALID;
ALTER TABLE t VALIDATE CONSTRAINT t_c_present;
ALTER TABLE t ALTER COLUMN c SET NOT NULL;
ALTER TABLE t DROP CONSTRAINT t_c_present;",
    ),
    entry(
        Squawk::AddingSerialPrimaryKeyField,
        "adding-serial-primary-key-field",
        Harm::Blocks,
        "\
-- with use_transaction() == Some(false):
CREATE UNIQUE INDEX CONCURRENTLY t_pkey ON t (id);
ALTER TABLE t ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX t_pkey;",
    ),
    entry(
        Squawk::DisallowedUniqueConstraint,
        "disallowed-unique-constraint",
        Harm::Blocks,
        "\
-- with use_transaction() == Some(false):
CREATE UNIQUE INDEX CONCURRENTLY t_c_key ON t (c);
ALTER TABLE t ADD CONSTRAINT t_c_key UNIQUE USING INDEX t_c_key;",
    ),
    entry(Squawk::ChangingColumnType, "changing-column-type", Harm::Blocks, NEW_COLUMN),
    entry(Squawk::PreferRepack, "prefer-repack", Harm::Blocks, "VACUUM (ANALYZE) t;"),
    entry(
        Squawk::BanCreateDomainWithConstraint,
        "ban-create-domain-with-constraint",
        Harm::Careless,
        "-- a check of the column can be added NOT VALID later, one of a domain cannot:\n\
         ALTER TABLE t ADD CONSTRAINT t_c_check CHECK (c > 0) NOT VALID;",
    ),
    entry(
        Squawk::BanAlterDomainWithAddConstraint,
        "ban-alter-domain-with-add-constraint",
        Harm::Blocks,
        "ALTER DOMAIN d ADD CONSTRAINT d_check CHECK (VALUE > 0) NOT VALID;",
    ),
    entry(
        Squawk::AddingRequiredField,
        "adding-required-field",
        Harm::Breaks,
        "ALTER TABLE t ADD COLUMN c text NOT NULL DEFAULT '';\n-- or, to be filled and required later:\n\
         ALTER TABLE t ADD COLUMN c text;",
    ),
    entry(Squawk::RenamingColumn, "renaming-column", Harm::Breaks, NEW_COLUMN),
    entry(
        Squawk::RenamingTable,
        "renaming-table",
        Harm::Breaks,
        "ALTER TABLE old RENAME TO new;\nCREATE VIEW old AS SELECT * FROM new;\n\
         //! lint-ignore: renaming-table a view keeps the old name alive",
    ),
    entry(Squawk::BanDropColumn, "ban-drop-column", Harm::Breaks, RELEASE_FIRST),
    entry(Squawk::BanDropTable, "ban-drop-table", Harm::Breaks, RELEASE_FIRST),
    entry(Squawk::BanDropView, "ban-drop-view", Harm::Breaks, RELEASE_FIRST),
    entry(Squawk::BanDropFunction, "ban-drop-function", Harm::Breaks, RELEASE_FIRST),
    entry(Squawk::BanDropSchema, "ban-drop-schema", Harm::Breaks, RELEASE_FIRST),
    entry(Squawk::BanDropDatabase, "ban-drop-database", Harm::Fails, RELEASE_FIRST),
    entry(
        Squawk::BanDropNotNull,
        "ban-drop-not-null",
        Harm::Breaks,
        "-- first a release whose entity has an Option there; then:\n\
         //! lint-ignore: ban-drop-not-null every version that runs can read NULL",
    ),
    entry(
        Squawk::BanTruncateCascade,
        "ban-truncate-cascade",
        Harm::Breaks,
        "-- name every table that is to be emptied:\nTRUNCATE t, t_children;",
    ),
    entry(Squawk::BanSetSchema, "ban-set-schema", Harm::Breaks, RELEASE_FIRST),
    entry(Squawk::TransactionNesting, "transaction-nesting", Harm::Fails, ON_ITS_OWN),
    entry(Squawk::BanUncommittedTransaction, "ban-uncommitted-transaction", Harm::Fails, ON_ITS_OWN),
    entry(
        Squawk::IdentifierTooLong,
        "identifier-too-long",
        Harm::Careless,
        "-- PostgreSQL keeps 63 bytes of a name and drops the rest without an error:\n\
         CREATE INDEX a_name_of_63_bytes_at_most ON t (c);",
    ),
];

/// The names of the rules that are on.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ON.iter().map(|entry| entry.name)
}

/// What squawk finds.
pub(super) fn check(file: &File, subject: &Subject) -> Vec<Finding> {
    let mut linter = Linter::from(ON.iter().map(|entry| entry.rule));
    linter.settings.assume_in_transaction = subject.transactional;
    if let Ok(version) = subject.postgres.to_string().parse() {
        linter.settings.pg_version = version;
    }
    let violations = linter.lint(&SourceFile::parse(&file.text), &file.text);
    violations.iter().filter_map(|violation| found(violation, file, subject)).collect()
}

fn found(violation: &Violation, file: &File, subject: &Subject) -> Option<Finding> {
    let entry = ON.iter().find(|entry| entry.rule == violation.code)?;
    let table = file.at(usize::from(violation.text_range.start()))?.table().map(str::to_owned);
    let message = match &table {
        Some(table) => format!("{table}: {}", sentence(&violation.message)),
        None => sentence(&violation.message),
    };
    let instead = entry.instead.replace("RULE", entry.name);
    Some(finding(entry.name, entry.harm, &instead, &Breach { table, message }, file, subject))
}

/// squawk's message on one line, without the full stop and the code marks.
fn sentence(message: &str) -> String {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.trim_end_matches('.').replace('`', "");
    let mut letters = line.chars();
    // A sentence that follows a colon starts small, except with a keyword of SQL.
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::{Subject, example};

    fn checks(transactional: bool, up: &[&str]) -> Vec<String> {
        let statements: Vec<_> = up.iter().map(|text| (*text).to_owned()).collect();
        let subject = Subject { transactional, ..example::nothing() };
        let found = check(&File::read(&statements), &subject);
        found.iter().map(|finding| format!("{} {}", finding.severity, finding.check)).collect()
    }

    #[test]
    fn the_names_are_squawks_own() {
        for entry in &ON {
            assert_eq!(entry.rule.to_string(), entry.name);
        }
    }

    #[test]
    fn a_sentence_is_one_line_and_starts_small() {
        assert_eq!(sentence("Adding `x`\n blocks."), "adding x blocks");
        assert_eq!(sentence("CREATE INDEX locks."), "CREATE INDEX locks");
    }

    #[test]
    fn an_index_on_a_table_in_use_blocks_and_on_a_new_one_does_not() {
        let index = "CREATE INDEX i ON users (email)";
        assert_eq!(checks(true, &[index]), ["error require-concurrent-index-creation"]);
        let create = "CREATE TABLE users (email text);";
        assert_eq!(checks(true, &[create, index]), Vec::<String>::new());
    }

    #[test]
    fn what_the_issue_asks_for_and_squawk_knows_is_on() {
        for (up, expected) in [
            (
                "ALTER TABLE t ADD COLUMN c uuid DEFAULT gen_random_uuid()",
                "adding-field-with-default",
            ),
            ("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)", "constraint-missing-not-valid"),
            (
                "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c",
                "constraint-missing-not-valid",
            ),
            (
                "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES p (id)",
                "adding-foreign-key-constraint",
            ),
            ("ALTER TABLE t DROP COLUMN c", "ban-drop-column"),
            ("DROP TABLE t", "ban-drop-table"),
            ("ALTER TABLE t ALTER COLUMN c TYPE bigint", "changing-column-type"),
            ("ALTER TABLE t ALTER COLUMN c SET NOT NULL", "adding-not-nullable-field"),
            ("BEGIN; SELECT 1; COMMIT", "transaction-nesting"),
        ] {
            let said = checks(true, &[up]);
            assert!(said.iter().any(|said| *said == format!("error {expected}")), "{up}: {said:?}");
        }
    }

    #[test]
    fn the_step_by_step_way_to_not_null_is_fine() {
        let up = [
            "ALTER TABLE t ADD CONSTRAINT p CHECK (c IS NOT NULL) NOT VALID",
            "ALTER TABLE t VALIDATE CONSTRAINT p",
            "ALTER TABLE t ALTER COLUMN c SET NOT NULL",
            "ALTER TABLE t DROP CONSTRAINT p",
        ];
        assert_eq!(checks(false, &up), Vec::<String>::new());
    }
}
