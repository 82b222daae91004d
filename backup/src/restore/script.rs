//! The script that `pg_restore` writes, without what does not belong into somebody else's transaction.
//!
//! Three lines go, and only where `pg_restore` itself writes them: `BEGIN;` and the settings stand
//! before the first object, `COMMIT;` stands after the last. Between them nothing is looked at, since a
//! table may have rows that look like any of it.

use dbkit::postgres::ServerVersion;

use super::tool;

/// A server that is older than the client does not know it.
const TIMEOUT: &str = "SET transaction_timeout = 0;";

/// What the first object begins with, whatever it is.
const FIRST_OBJECT: &[u8] = b"\n-- Name: ";

/// No head is longer, and no tail is.
const ENDS: usize = 8 << 10;

/// A script on its way from `pg_restore` to `psql`.
pub(super) struct Script {
    server: ServerVersion,
    is_in_head: bool,
    /// What was not passed on yet: the head while it is not complete, later the last part.
    held: Vec<u8>,
}

impl Script {
    /// A script for a server of this version.
    pub(super) fn new(server: ServerVersion) -> Self {
        Self { server, is_in_head: true, held: Vec::new() }
    }

    /// What can be passed on after the next `piece`.
    pub(super) fn pass(&mut self, piece: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(piece);
        let mut passed = Vec::new();
        if self.is_in_head {
            let Some(end) = self.head() else { return passed };
            let rest = self.held.split_off(end);
            let head = std::mem::replace(&mut self.held, rest);
            passed = self.without_head_lines(&head);
            self.is_in_head = false;
        }
        let kept = self.held.len().saturating_sub(ENDS);
        passed.extend(self.held.drain(..kept));
        passed
    }

    /// The rest, after the last piece.
    pub(super) fn end(mut self) -> Vec<u8> {
        let mut rest = std::mem::take(&mut self.held);
        if self.is_in_head {
            rest = self.without_head_lines(&rest);
        }
        let commit = b"\nCOMMIT;\n";
        if let Some(at) = rest.windows(commit.len()).rposition(|window| window == commit) {
            rest.drain(at + 1..at + commit.len());
        }
        rest
    }

    fn head(&self) -> Option<usize> {
        let first = self.held.windows(FIRST_OBJECT.len()).position(|window| window == FIRST_OBJECT);
        first.or((self.held.len() > ENDS).then_some(0))
    }

    fn without_head_lines(&self, head: &[u8]) -> Vec<u8> {
        // The versions alone tell; a server that knows the setting is told.
        let is_old = tool::says_too_much(ServerVersion { num: u32::MAX }, self.server);
        let goes = |line: &[u8]| {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            line == b"BEGIN;" || (is_old && line == TIMEOUT.as_bytes())
        };
        head.split_inclusive(|byte| *byte == b'\n')
            .filter(|line| !goes(line))
            .flatten()
            .copied()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: ServerVersion = ServerVersion { num: 150_018 };
    const NEW: ServerVersion = ServerVersion { num: 170_001 };

    const SCRIPT: &str = "--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\nBEGIN;\n\n\
        SET lock_timeout = 0;\nSET transaction_timeout = 0;\nSET row_security = off;\n\n\
        --\n-- Name: t; Type: TABLE DATA\n--\n\nCOPY t (a) FROM stdin;\n\
        BEGIN;\nSET transaction_timeout = 0;\nCOMMIT;\n\\.\n\n\nCOMMIT;\n\n\
        --\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict abc\n\n";

    fn passed(script: &str, server: ServerVersion, step: usize) -> String {
        let mut filter = Script::new(server);
        let mut passed: Vec<u8> =
            script.as_bytes().chunks(step).flat_map(|piece| filter.pass(piece)).collect();
        passed.extend(filter.end());
        String::from_utf8(passed).unwrap()
    }

    #[test]
    fn three_lines_go_and_rows_that_look_like_them_stay() {
        let expected = SCRIPT
            .replacen("BEGIN;\n", "", 1)
            .replacen("SET transaction_timeout = 0;\n", "", 1)
            .replace("\n\n\nCOMMIT;\n", "\n\n\n");
        for step in [1, 7, 100, 10_000] {
            assert_eq!(passed(SCRIPT, OLD, step), expected, "in pieces of {step}");
        }
    }

    #[test]
    fn a_server_that_knows_the_setting_is_told() {
        assert_eq!(passed(SCRIPT, NEW, 50).matches("transaction_timeout").count(), 2);
    }

    #[test]
    fn a_long_script_is_passed_on_as_it_comes() {
        let rows = "COMMIT;\n".repeat(100_000);
        let long = SCRIPT.replace("COMMIT;\n\\.", &format!("{rows}\\."));
        let mut filter = Script::new(OLD);
        let passed: usize =
            long.as_bytes().chunks(1000).map(|piece| filter.pass(piece).len()).sum();
        assert!(passed > rows.len() - ENDS);
        assert!(filter.held.len() <= ENDS);
        let whole = super::tests::passed(&long, OLD, 1000);
        assert_eq!(whole.matches("COMMIT;").count(), 100_000);
    }

    #[test]
    fn an_empty_archive_is_all_head() {
        let empty = "--\n-- x\n--\n\nBEGIN;\n\nSET transaction_timeout = 0;\n\nCOMMIT;\n\n--\n\n";
        assert_eq!(passed(empty, OLD, 3), "--\n-- x\n--\n\n\n\n\n--\n\n");
    }
}
