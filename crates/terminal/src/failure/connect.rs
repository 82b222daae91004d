//! What to do when there is no connection.

use dbkit::ConnectError;

use super::Failure;
use crate::exit::Exit;

impl Failure {
    /// A connection that failed, with the next thing to try.
    pub fn connect(error: ConnectError) -> Self {
        let (class, hint) = match &error {
            ConnectError::Url(_) => ("connect.url", "correct DATABASE_URL".to_owned()),
            ConnectError::Unreachable { .. } => (
                "connect.unreachable",
                "start that server or correct DATABASE_URL; in development, unset DATABASE_URL to \
                 use the local server: `cargo run -p seeder -- db start`"
                    .to_owned(),
            ),
            ConnectError::TimedOut { .. } => {
                ("connect.timeout", "check the network, then run the command again".to_owned())
            }
            ConnectError::StartingUp { .. } => {
                ("connect.starting", "wait a moment, then run the command again".to_owned())
            }
            ConnectError::TooManyConnections { .. } => (
                "connect.too_many",
                "close other sessions, or raise max_connections on the server".to_owned(),
            ),
            ConnectError::Authentication { user, .. } => (
                "connect.authentication",
                format!("correct the role `{user}` or its password in DATABASE_URL"),
            ),
            ConnectError::NoSuchDatabase { database, .. } => {
                ("connect.no_database", format!("create it: `createdb {database}`"))
            }
            ConnectError::Tls { mode, .. } => (
                "connect.tls",
                match mode.as_str() {
                    "verify-ca" | "verify-full" => {
                        "name the server's certificate authority with `sslrootcert=FILE` in \
                         DATABASE_URL"
                    }
                    _ => "turn TLS on at the server, or ask for less with `sslmode=prefer`",
                }
                .to_owned(),
            ),
            ConnectError::TooOld { .. } => (
                "connect.too_old",
                "upgrade the server, or point DATABASE_URL to a newer one".to_owned(),
            ),
            ConnectError::Other { .. } => {
                ("connect.other", "read the server's log for its side of it".to_owned())
            }
        };
        Self::new(Exit::Failed, class, error).hint(hint)
    }
}
