//! What to do when the local server does not start.

use dbkit::{local_server::StartError, postgres::Search};

use super::Failure;
use crate::exit::Exit;

/// How PostgreSQL is installed where a package manager of that name is.
const PACKAGE_MANAGERS: [(&str, &str); 6] = [
    ("apt-get", "apt-get install postgresql"),
    ("dnf", "dnf install postgresql-server"),
    ("zypper", "zypper install postgresql-server"),
    ("apk", "apk add postgresql"),
    ("pacman", "pacman -S postgresql"),
    ("brew", "brew install postgresql@17"),
];

impl Failure {
    /// A local server that does not start, with the one next command.
    pub fn local_server(error: StartError, search: &Search) -> Self {
        let (exit, class, hint) = match &error {
            StartError::Turn(_) => (
                Exit::Busy,
                "local_server.busy",
                "wait for the other command, then try again".to_owned(),
            ),
            StartError::NoPostgres { .. } => {
                (Exit::Failed, "local_server.no_postgres", install(search))
            }
            StartError::OtherMajor { cluster, .. } => (
                Exit::Failed,
                "local_server.other_major",
                format!(
                    "install PostgreSQL {cluster} again, or give the data up: \
                     `cargo run -p seeder -- db destroy`"
                ),
            ),
            StartError::Unreachable { .. } | StartError::Site(_) => (
                Exit::Failed,
                "local_server.place",
                "run as an ordinary user, or set DATABASE_URL to a server of yours".to_owned(),
            ),
            StartError::File(_) | StartError::Create(_) => (
                Exit::Failed,
                "local_server.create",
                "see that the disk has room and that the folder is yours, then try again"
                    .to_owned(),
            ),
            StartError::Launch(_)
            | StartError::Unresponsive { .. }
            | StartError::Vanished { .. }
            | StartError::Prepare(_) => (
                Exit::Failed,
                "local_server.start",
                "stop it and try again: `cargo run -p seeder -- db stop`".to_owned(),
            ),
        };
        Self::new(exit, class, error).hint(hint)
    }
}

fn install(search: &Search) -> String {
    let installed = |program: &str| search.path.iter().any(|folder| folder.join(program).is_file());
    let command = PACKAGE_MANAGERS
        .iter()
        .find(|(program, _)| installed(program))
        .map_or("see https://www.postgresql.org/download/", |(_, command)| command);
    format!("install PostgreSQL: `{command}`; or set DATABASE_URL to a server of yours")
}
