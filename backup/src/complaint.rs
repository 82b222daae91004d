//! What a client program's last words mean.
//!
//! `pg_dump` and `pg_restore` exit with 1 whatever went wrong, so the text on stderr, written
//! under `LC_ALL=C`, is all there is to go by.

/// Why a client program failed, as far as its words tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Complaint {
    /// Nobody answered, or the connection broke.
    Connection,
    /// The server does not let the role in.
    Authentication,
    /// There is no such database.
    NoSuchDatabase,
    /// The role may not read or write something.
    Permission,
    /// Row-level security would hide rows from the role.
    RowSecurity,
    /// A table was locked by somebody else for too long.
    LockTimeout,
    /// The program is older than the server or the archive.
    Version,
    /// An owner or grantee does not exist on this server.
    MissingRole,
    /// An extension is not installed on this server.
    MissingExtension,
    /// A disk is full.
    DiskFull,
    /// Something else.
    Other,
}

/// What stands for what; the first line that matches wins, so the special come before the general.
const PHRASES: [(&str, Complaint); 21] = [
    ("server version mismatch", Complaint::Version),
    ("unsupported version (", Complaint::Version),
    ("row-level security", Complaint::RowSecurity),
    ("canceling statement due to lock timeout", Complaint::LockTimeout),
    ("canceling statement due to statement timeout", Complaint::LockTimeout),
    ("password authentication failed", Complaint::Authentication),
    ("no password supplied", Complaint::Authentication),
    ("no pg_hba.conf entry", Complaint::Authentication),
    ("Peer authentication failed", Complaint::Authentication),
    ("is not permitted to log in", Complaint::Authentication),
    ("No space left on device", Complaint::DiskFull),
    ("permission denied", Complaint::Permission),
    ("must be owner of", Complaint::Permission),
    ("must be superuser", Complaint::Permission),
    ("must be member of role", Complaint::Permission),
    ("must be able to SET ROLE", Complaint::Permission),
    ("extension control file", Complaint::MissingExtension),
    ("is not available", Complaint::MissingExtension),
    ("connection to server", Complaint::Connection),
    ("server closed the connection", Complaint::Connection),
    ("terminating connection", Complaint::Connection),
];

impl Complaint {
    /// Classifies what a program wrote on stderr.
    pub(crate) fn of(stderr: &str) -> Self {
        if let Some(complaint) = missing_name(stderr) {
            return complaint;
        }
        let said = |(phrase, _): &&(&str, Self)| stderr.contains(phrase);
        PHRASES.iter().find(said).map_or(Self::Other, |(_, complaint)| *complaint)
    }
}

/// `role "x" does not exist` and `database "x" does not exist`, whatever `x` holds.
///
/// FATAL is said to the one who connects, ERROR of a statement.
fn missing_name(stderr: &str) -> Option<Complaint> {
    stderr.lines().filter(|line| line.ends_with("\" does not exist")).find_map(|line| {
        let said = |words: &str| line.contains(words);
        match () {
            () if said("FATAL:  role \"") => Some(Complaint::Authentication),
            () if said("FATAL:  database \"") => Some(Complaint::NoSuchDatabase),
            () if said("ERROR:  role \"") => Some(Complaint::MissingRole),
            () => None,
        }
    })
}

/// The lines that say what went wrong, without the SQL that `pg_dump` quotes after them.
pub(crate) fn essence(stderr: &str) -> String {
    let error =
        |line: &&str| ["error: ", "FATAL: ", "ERROR: "].iter().any(|word| line.contains(word));
    let lines: Vec<_> = stderr.lines().filter(error).take(3).collect();
    match stderr.trim() {
        "" => "it gave no reason".to_owned(),
        all if lines.is_empty() => all.to_owned(),
        _ => lines.join("\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_words_are_understood() {
        for (stderr, complaint) in [
            (
                "pg_dump: error: connection to server at \"127.0.0.1\", port 1 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?",
                Complaint::Connection,
            ),
            (
                "pg_dump: error: connection to server at \"h\" (::1), port 5 failed: FATAL:  password authentication failed for user \"u\"",
                Complaint::Authentication,
            ),
            (
                "pg_dump: error: connection to server at \"h\", port 5 failed: FATAL:  role \"u\" does not exist",
                Complaint::Authentication,
            ),
            (
                "pg_dump: error: connection to server at \"h\", port 5 failed: fe_sendauth: no password supplied",
                Complaint::Authentication,
            ),
            (
                "pg_dump: error: connection to server at \"h\", port 5 failed: FATAL:  database \"x\" does not exist",
                Complaint::NoSuchDatabase,
            ),
            (
                "pg_dump: error: query failed: ERROR:  permission denied for table t\npg_dump: detail: Query was: LOCK TABLE public.t IN ACCESS SHARE MODE",
                Complaint::Permission,
            ),
            (
                "pg_dump: error: query failed: ERROR:  query would be affected by row-level security policy for table \"t\"",
                Complaint::RowSecurity,
            ),
            (
                "pg_dump: error: query failed: ERROR:  canceling statement due to lock timeout",
                Complaint::LockTimeout,
            ),
            (
                "pg_dump: error: aborting because of server version mismatch\npg_dump: detail: server version: 18.4; pg_dump version: 15.18",
                Complaint::Version,
            ),
            ("pg_restore: error: unsupported version (1.16) in file header", Complaint::Version),
            (
                "pg_restore: error: could not execute query: ERROR:  role \"app\" does not exist\nCommand was: ALTER TABLE t OWNER TO app;",
                Complaint::MissingRole,
            ),
            (
                "pg_restore: error: could not execute query: ERROR:  extension \"postgis\" is not available",
                Complaint::MissingExtension,
            ),
            (
                "pg_dump: error: could not write to output file: No space left on device",
                Complaint::DiskFull,
            ),
            ("pg_dump: error: something new", Complaint::Other),
            ("", Complaint::Other),
        ] {
            assert_eq!(Complaint::of(stderr), complaint, "{stderr}");
        }
    }

    #[test]
    fn the_essence_leaves_the_sql_out() {
        let stderr = "pg_dump: warning: x\npg_dump: error: query failed: ERROR:  no\npg_dump: detail: Query was: SELECT 1\n";
        assert_eq!(essence(stderr), "pg_dump: error: query failed: ERROR:  no");
        assert_eq!(essence(" Killed\n"), "Killed");
        assert_eq!(essence(""), "it gave no reason");
    }
}
