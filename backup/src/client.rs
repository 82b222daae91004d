//! Which `pg_dump` or `pg_restore` to run, and what it is told by its environment.

use std::{
    ffi::{OsStr, OsString},
    process::Stdio,
    time::Duration,
};

use dbkit::{
    DatabaseUrl, Password,
    postgres::{Installation, ServerVersion},
    variables::variables,
};
use tokio::{process::Command, time::timeout};

use crate::{
    handover::{Handover, PasswordError},
    password_file::FreeStream,
    pipe,
};

/// How long a program may take to say its version.
const PATIENCE: Duration = Duration::from_secs(5);

/// Variables of the caller that a client program may see.
///
/// `PGHOST`, `PGSERVICE`, `PGOPTIONS` and the like are not among them: they would send it to some
/// other database than the URL says.
const INHERITED: [&str; 16] = [
    "PATH",
    "HOME",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "KRB5CCNAME",
    "PGPASSFILE",
    "PGSSLMODE",
    "PGSSLROOTCERT",
    "PGSSLCERT",
    "PGSSLKEY",
    "PGSSLCRL",
    "PGSSLMINPROTOCOLVERSION",
    "PGCHANNELBINDING",
    "PGREQUIREAUTH",
    "PGGSSENCMODE",
    "PGKRBSRVNAME",
];

/// The client programs of this machine, and the environment that the caller runs in.
///
/// Without `Debug`, since the environment may hold a password.
#[derive(Clone, Default)]
pub struct Programs {
    /// Where `pg_dump` and `pg_restore` are, newest first.
    pub installations: Vec<Installation>,
    /// The caller's environment variables, of which a client sees those that concern it.
    ///
    /// `PGPASSWORD` among them counts as the password where the URL has none.
    pub inherited: Vec<(OsString, OsString)>,
}

/// No installed client is new enough.
///
/// A client refuses a server that is newer than itself, and an archive that a newer one wrote.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "PostgreSQL {needed} needs `{program}` {} or newer; installed: {}",
    needed.major(),
    listed(installed)
)]
pub struct NoClient {
    /// `pg_dump` or `pg_restore`.
    pub program: &'static str,
    /// The version of the server, or of the program that wrote the archive.
    pub needed: ServerVersion,
    /// What there is, newest first.
    pub installed: Vec<ServerVersion>,
}

fn listed(versions: &[ServerVersion]) -> String {
    if versions.is_empty() {
        return "none".to_owned();
    }
    versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl Programs {
    /// The oldest client that is new enough: the closer, the less its output surprises.
    pub(crate) fn choose(
        &self,
        program: &'static str,
        needed: ServerVersion,
    ) -> Result<&Installation, NoClient> {
        self.installations
            .iter()
            .filter(|client| client.version.major() >= needed.major())
            // Of equals the first is kept, which is the newest minor version.
            .min_by_key(|client| client.version.major())
            .ok_or_else(|| NoClient {
                program,
                needed,
                installed: self.installations.iter().map(|client| client.version).collect(),
            })
    }

    /// A command that sees nothing of the caller but what it needs, and reads and writes nothing
    /// unless it is told so.
    pub(crate) fn command(&self, client: &Installation, program: &str) -> Command {
        self.isolated(client.program(program).as_ref())
    }

    /// The same for a program that writes very much to its standard output: where GNU's `stdbuf` is installed and
    /// works, it makes it write large pieces.
    pub(crate) async fn command_that_writes(
        &self,
        client: &Installation,
        program: &str,
    ) -> Command {
        let buffered = || {
            let mut command = self.isolated("stdbuf".as_ref());
            command.arg(format!("--output={}", pipe::PIECE)).arg(client.program(program));
            command
        };
        let mut probe = buffered();
        let probed = probe.arg("--version").stderr(Stdio::null()).kill_on_drop(true).status();
        match timeout(PATIENCE, probed).await {
            Ok(Ok(status)) if status.success() => buffered(),
            _ => self.command(client, program),
        }
    }

    fn isolated(&self, program: &OsStr) -> Command {
        let inherited =
            self.inherited.iter().filter(|(name, _)| INHERITED.iter().any(|known| name == known));
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(inherited.map(|(name, value)| (name, value)))
            // Its complaints are read by a program too.
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    /// Tells `command` where to connect, as `user`. What is returned must live as long as the command runs.
    pub(crate) fn connect(
        &self,
        command: &mut Command,
        url: &DatabaseUrl,
        user: &str,
        stream: FreeStream,
    ) -> Result<Handover, PasswordError> {
        command.envs(variables(url)).env("PGUSER", user).env("PGAPPNAME", "seaworthy backup");
        command.env("PGCONNECT_TIMEOUT", "15");
        match self.password(url) {
            Some(password) => Handover::prepare(command, password, stream),
            // `PGPASSFILE` or `~/.pgpass` of the caller may know it.
            None => Ok(Handover::Nothing),
        }
    }

    fn password(&self, url: &DatabaseUrl) -> Option<Password> {
        let inherited = || self.inherited.iter().find(|(name, _)| name == "PGPASSWORD");
        let password = url.password().or_else(|| Some(inherited()?.1.to_str()?.to_owned()));
        password.map(Password::new)
    }
}

/// Lets the server call the session `application`, and makes the text of a value the same as in our own session
/// (see [`snapshot`](crate::snapshot)) by the options that this takes beyond the role's and the database's own.
///
/// None, as a rule, because some poolers refuse them.
pub(crate) fn same_text(
    command: &mut Command,
    url: &DatabaseUrl,
    application: &str,
    options: &str,
) {
    if !options.is_empty() {
        let given = url.parameter("options").unwrap_or_default();
        command.env("PGOPTIONS", format!("{given} {options}"));
    }
    command.env("PGTZ", "UTC").env("PGAPPNAME", application);
}

/// A database's name as an argument: a bare one with `=` in it would be read as a connection string.
pub(crate) fn database_argument(name: &str) -> OsString {
    OsStr::new(&format!("dbname='{}'", name.replace('\\', r"\\").replace('\'', r"\'"))).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn programs(versions: &[u32]) -> Programs {
        let installation =
            |&num| Installation { bin_dir: "/nowhere".into(), version: ServerVersion { num } };
        Programs {
            installations: versions.iter().map(installation).collect(),
            inherited: Vec::new(),
        }
    }

    const INSTALLED: [u32; 4] = [180_001, 160_004, 160_002, 150_018];

    #[track_caller]
    fn chosen(needed: u32) -> u32 {
        let programs = programs(&INSTALLED);
        programs.choose("pg_dump", ServerVersion { num: needed }).unwrap().version.num
    }

    #[test]
    fn the_closest_client_that_is_new_enough_is_chosen() {
        assert_eq!(chosen(140_000), 150_018);
        assert_eq!(chosen(150_020), 150_018);
        assert_eq!(chosen(160_009), 160_004);
        assert_eq!(chosen(170_000), 180_001);
    }

    #[test]
    fn an_older_client_is_refused_with_both_versions() {
        let programs_here = programs(&INSTALLED);
        let error = programs_here.choose("pg_dump", ServerVersion { num: 190_002 });
        assert_eq!(
            error.unwrap_err().to_string(),
            "PostgreSQL 19.2 needs `pg_dump` 19 or newer; installed: 18.1, 16.4, 16.2, 15.18"
        );
        let no_programs = programs(&[]);
        let error = no_programs.choose("pg_restore", ServerVersion { num: 150_000 });
        assert!(error.unwrap_err().to_string().ends_with("installed: none"));
    }

    #[test]
    fn a_child_sees_the_url_but_neither_password_nor_foreign_variables() {
        let url: DatabaseUrl =
            "postgres://u%40:secret@[::1]:6543/my%20db?sslmode=verify-full&ssl-ca=/ca"
                .parse()
                .unwrap();
        let mut programs = programs(&INSTALLED);
        for name in ["PGHOST", "PGSERVICE", "PGPASSWORD", "DATABASE_URL", "HOME", "PGSSLMODE"] {
            programs.inherited.push((name.into(), "inherited".into()));
        }
        let mut command = programs.command(&programs.installations[0], "pg_dump");
        let _handover = programs.connect(&mut command, &url, "u@", FreeStream::Stdin).unwrap();
        let seen: Vec<_> = command
            .as_std()
            .get_envs()
            .map(|(name, value)| format!("{}={}", name.display(), value.unwrap().display()))
            .filter(|variable| !variable.starts_with("PGPASSFILE="))
            .collect();
        assert_eq!(
            seen,
            [
                "HOME=inherited",
                "LC_ALL=C",
                "PGAPPNAME=seaworthy backup",
                "PGCONNECT_TIMEOUT=15",
                "PGDATABASE=my db",
                "PGHOST=::1",
                "PGPORT=6543",
                "PGSSLMODE=verify-full",
                "PGSSLROOTCERT=/ca",
                "PGUSER=u@",
            ]
        );
        assert!(!format!("{command:?}").contains("secret"));
    }

    #[tokio::test]
    async fn what_writes_much_writes_large_pieces_where_something_makes_it() {
        let mut programs = programs(&[]);
        let client =
            Installation { bin_dir: "/usr/bin".into(), version: ServerVersion { num: 150_018 } };
        for (path, is_buffered) in [("/nowhere", false), ("/usr/bin:/bin", true)] {
            programs.inherited = vec![("PATH".into(), path.into())];
            let mut command = programs.command_that_writes(&client, "env").await;
            let output = command.stdout(Stdio::piped()).output().await.unwrap();
            let variables = String::from_utf8(output.stdout).unwrap();
            assert!(variables.contains("LC_ALL=C"), "{variables}");
            assert_eq!(variables.contains("_STDBUF_O=262144"), is_buffered, "{variables}");
        }
    }

    #[test]
    fn the_password_is_the_urls_or_the_callers() {
        let mut programs = programs(&[]);
        let with: DatabaseUrl = "postgres://u:a%3Ab@h/d".parse().unwrap();
        let without: DatabaseUrl = "postgres://u@h/d".parse().unwrap();
        assert!(programs.password(&without).is_none());
        programs.inherited.push(("PGPASSWORD".into(), "inherited".into()));
        assert_eq!(programs.password(&with).unwrap().expose(), "a:b");
        assert_eq!(programs.password(&without).unwrap().expose(), "inherited");
    }

    #[test]
    fn a_database_name_is_never_a_connection_string() {
        assert_eq!(database_argument(r"a' host=evil \"), r"dbname='a\' host=evil \\'");
    }
}
