//! How a new database must store and order text to be like the one that was backed up.

use dbkit::{Literal, postgres::ServerVersion};

use crate::manifest::Source;

/// The clauses of `CREATE DATABASE`.
///
/// <https://www.postgresql.org/docs/current/sql-createdatabase.html>
pub(crate) fn clauses(source: &Source, server: ServerVersion) -> String {
    let clause = |name: &str, value: &str| format!(" {name} {}", Literal(value));
    let mut clauses = clause("ENCODING", &source.encoding);
    clauses.push_str(&clause("LC_COLLATE", &source.collate));
    clauses.push_str(&clause("LC_CTYPE", &source.ctype));
    // Before PostgreSQL 15 there was only the operating system's locale, and no word for it.
    if server.major() < 15 && source.locale_provider == "c" {
        return clauses;
    }
    let locale = source.locale.as_deref().unwrap_or_default();
    match source.locale_provider.as_str() {
        "i" => {
            clauses.push_str(" LOCALE_PROVIDER icu");
            clauses.push_str(&clause("ICU_LOCALE", locale));
            if let Some(rules) = &source.icu_rules {
                clauses.push_str(&clause("ICU_RULES", rules));
            }
        }
        "b" => {
            clauses.push_str(" LOCALE_PROVIDER builtin");
            clauses.push_str(&clause("BUILTIN_LOCALE", locale));
        }
        _ => clauses.push_str(" LOCALE_PROVIDER libc"),
    }
    clauses
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::tests::manifest;

    #[test]
    fn the_new_database_has_the_old_ones_locale() {
        let mut source = manifest("20261120T214530Z_manual_9f1c02ab").source;
        let version = |major: u32| ServerVersion { num: major * 10_000 };
        let plain = " ENCODING E'UTF8' LC_COLLATE E'C.UTF-8' LC_CTYPE E'C.UTF-8'";
        assert_eq!(clauses(&source, version(14)), plain);
        let libc = format!("{plain} LOCALE_PROVIDER libc");
        assert_eq!(clauses(&source, version(15)), libc);
        source.locale_provider = "i".to_owned();
        source.locale = Some("de-x-'".to_owned());
        let icu = format!("{plain} LOCALE_PROVIDER icu ICU_LOCALE E'de-x-'''");
        assert_eq!(clauses(&source, version(16)), icu);
    }
}
