//! How a client program gets into the server without the password being seen.

use std::io;

use dbkit::{
    Password,
    relay::{Access, Relay},
};
use tokio::process::Command;

use crate::password_file::{FreeStream, PasswordFile};

/// What libpq must not read from its variables where a relay does it in its place: what is demanded of
/// the connection to the server, which the socket of the relay cannot give.
const DEMANDS: [&str; 10] = [
    "PGHOSTADDR",
    "PGPASSFILE",
    "PGSSLROOTCERT",
    "PGSSLCERT",
    "PGSSLKEY",
    "PGSSLCRL",
    "PGSSLMINPROTOCOLVERSION",
    "PGCHANNELBINDING",
    "PGREQUIREAUTH",
    "PGGSSENCMODE",
];

/// Longer than the relay may take, so that it is the one who says what was wrong.
const PATIENCE_SECONDS: &str = "70";

/// Why a password cannot be handed over.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// PostgreSQL knows no such password: a NUL would end it.
    #[error("the password contains a NUL, which PostgreSQL does not allow in one")]
    Nul,
    /// The file could not be made.
    #[error("cannot make a password file")]
    Io(#[from] io::Error),
    /// The socket for a password with a line break could not be made.
    #[error("cannot make a socket that needs no password")]
    Relay(#[source] io::Error),
}

/// What a program that runs needs for its connection; to be kept until it has ended.
#[must_use = "the program cannot connect without it"]
pub(crate) enum Handover {
    /// There is no password, or none that we know.
    Nothing,
    /// The program reads it.
    File(#[expect(dead_code, reason = "it only has to be there")] PasswordFile),
    /// It has a line break, so the program never learns of it.
    Relay(#[cfg_attr(not(test), expect(dead_code, reason = "it only has to be there"))] Relay),
}

impl Handover {
    /// Lets `command`, whose variables say where the server is, connect with a password.
    pub(crate) fn prepare(
        command: &mut Command,
        password: Password,
        stream: FreeStream,
    ) -> Result<Self, PasswordError> {
        if password.has_nul() {
            return Err(PasswordError::Nul);
        }
        if password.has_line_break() {
            return relay(command, password).map(Self::Relay).map_err(PasswordError::Relay);
        }
        let file = PasswordFile::new(&password)?;
        file.lend(command, stream)?;
        Ok(Self::File(file))
    }
}

/// Sends `command` to a socket that leads to the same server.
fn relay(command: &mut Command, password: Password) -> io::Result<Relay> {
    let relay = Relay::start(Access::new(|name| variable(command, name), password))?;
    for demand in DEMANDS {
        command.env_remove(demand);
    }
    command
        .env("PGHOST", relay.folder())
        .env("PGPORT", relay.port().to_string())
        .env("PGSSLMODE", "disable")
        .env("PGCONNECT_TIMEOUT", PATIENCE_SECONDS);
    Ok(relay)
}

fn variable(command: &Command, name: &str) -> Option<String> {
    let (_, value) = command.as_std().get_envs().find(|(known, _)| *known == name)?;
    value?.to_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command() -> Command {
        let mut command = Command::new("pg_dump");
        command.env_clear().env("PGHOST", "db.example").env("PGPORT", "6543");
        for demand in DEMANDS {
            command.env(demand, "x");
        }
        command
    }

    #[tokio::test]
    async fn a_password_with_a_line_break_leaves_no_trace_in_the_command() {
        for text in ["secret\nx", "secret\rx"] {
            let mut command = command();
            let password = Password::new(text.to_owned());
            let Ok(Handover::Relay(relay)) =
                Handover::prepare(&mut command, password, FreeStream::None)
            else {
                panic!("no relay")
            };
            let folder = relay.folder().to_str().map(str::to_owned);
            assert_eq!(variable(&command, "PGHOST"), folder);
            assert_eq!(variable(&command, "PGPORT").as_deref(), Some("6543"));
            assert!(relay.folder().join(".s.PGSQL.6543").exists());
            for demand in DEMANDS {
                assert_eq!(variable(&command, demand), None, "{demand}");
            }
            assert!(!format!("{command:?}").contains("secret"));
            drop(relay);
            assert!(!folder.is_some_and(|folder| std::path::Path::new(&folder).exists()));
        }
    }

    #[test]
    fn a_nul_is_refused_without_showing_the_password() {
        let password = Password::new("secret\0x".to_owned());
        let refused = Handover::prepare(&mut command(), password, FreeStream::None);
        let error = refused.err().unwrap();
        assert!(matches!(error, PasswordError::Nul), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
    }
}
