//! PostgreSQL's error codes in words.

use sea_orm::{DbErr, RuntimeErr};

/// What became of a statement, as far as its SQLSTATE tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlState(pub String);

impl SqlState {
    /// The code with which the server refused, where it was the server that did.
    pub fn of(error: &DbErr) -> Option<Self> {
        let (DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error))) = error
        else {
            return None;
        };
        error.as_database_error()?.code().map(|code| Self(code.into_owned()))
    }

    /// Whether the same transaction may succeed a moment later.
    pub fn is_passing(&self) -> bool {
        matches!(self.0.as_str(), "55P03" | "40P01" | "40001")
    }

    /// Whether something has the name already that the statement wanted to give.
    pub fn is_name_taken(&self) -> bool {
        matches!(self.0.as_str(), "42P07" | "42710" | "42701" | "42723")
    }

    /// What it means. <https://www.postgresql.org/docs/current/errcodes-appendix.html>
    pub fn words(&self) -> &'static str {
        match self.0.as_str() {
            "55P03" => "a lock was not to be had in time",
            "40P01" => "two transactions waited for each other, and the server ended this one",
            "40001" => "another transaction changed the same rows",
            "57014" => "it was cancelled, or took longer than the statement timeout",
            "57P01" | "57P02" | "57P03" => "the server is shutting down",
            "25P03" => "the transaction was idle for too long",
            "25006" => "the server takes no changes",
            "42501" => "the role has no right to do that",
            "42P01" => "a table is missing",
            "42703" => "a column is missing",
            _ if self.is_name_taken() => "something of that name is there already",
            "42704" => "something that it needs is missing",
            "42601" => "the SQL cannot be read",
            "42804" | "42846" => "the types do not fit",
            "23505" => "two rows have the same key",
            "23503" => "a row refers to one that is not there, or is referred to",
            "23502" => "a value is missing that must be there",
            "23514" => "a row breaks a check",
            "22P02" => "a value does not fit its type",
            "2BP01" => "something else depends on it",
            "25001" => "it cannot run inside a transaction",
            "25P02" => "an earlier statement of the transaction failed",
            "55006" => "it is in use",
            "55000" => "it is not in the state that this needs",
            "53100" => "the disk is full",
            "53200" => "the server has no memory left",
            "53300" => "the server has no connection left",
            "P0001" => "the migration itself refused",
            code => Self::of_class(code),
        }
    }

    fn of_class(code: &str) -> &'static str {
        match code.get(..2) {
            Some("08") => "the connection broke",
            Some("22") => "a value cannot be used",
            Some("23") => "a constraint forbids it",
            Some("42") => "the statement does not fit the schema",
            Some("53") => "the server has not enough resources",
            Some("57") => "an operator intervened",
            Some("58") => "the server's system failed",
            Some("XX") => "the server found its data damaged",
            _ => "the server refused",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_passes_by_itself_is_tried_again() {
        let passing = ["55P03", "40P01", "40001"].map(|code| SqlState(code.to_owned()));
        assert!(passing.iter().all(SqlState::is_passing));
        assert!(!SqlState("23505".to_owned()).is_passing());
    }

    #[test]
    fn a_code_that_is_not_listed_is_told_by_its_class() {
        assert_eq!(SqlState("23P01".to_owned()).words(), "a constraint forbids it");
        assert_eq!(SqlState(String::new()).words(), "the server refused");
    }
}
