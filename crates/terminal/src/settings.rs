//! Settings, resolved once at the edge: defaults < `.env` files < environment < flags.
//!
//! Each remembers where it came from. Nothing below the edge reads the environment.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fmt,
    path::{Path, PathBuf},
};

use dbkit::{DatabaseUrl, Environment};

use crate::{exit::Exit, failure::Failure, flags::SharedFlags, workspace};

/// Where a setting came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// A `.env` file.
    File(PathBuf),
    /// An environment variable.
    Variable,
    /// A flag.
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => path.display().fmt(f),
            Self::Variable => f.write_str("environment"),
            Self::Flag => f.write_str("flag"),
        }
    }
}

/// A value and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The text as it was set.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
}

/// Everything that was set, in the order of precedence.
#[derive(Clone)]
pub struct Settings {
    environment: (Environment, Origin),
    values: BTreeMap<String, Setting>,
    workspace: PathBuf,
    inherited: Vec<(OsString, OsString)>,
}

/// The settings that `config` shows, with what they are for.
pub(crate) const KNOWN: [(&str, &str); 22] = [
    ("DATABASE_URL", "the database; unset in development means the local server"),
    ("DIRECT_URL", "used instead for locks, migrations and backups behind a pooler"),
    (
        "BACKUP_DIR",
        "where backups go: a folder, or `s3://…`, `gs://…`, `az://…` [.seaworthy/backups]",
    ),
    ("BACKUP_RECIPIENTS", "who can open backups: `age1…`, several with commas, a file, or `none`"),
    ("BACKUP_IDENTITY_FILE", "what opens backups [.seaworthy/backup-keys/identity.txt]"),
    ("BACKUP_PASSPHRASE", "seals and opens backups instead of keys"),
    ("BACKUP_SIGNING_KEY_FILE", "what signs backups [.seaworthy/backup-keys/signing.key]"),
    (
        "BACKUP_SANITISE_KEY",
        "what pseudonyms of sanitised copies depend on; unset, each copy differs",
    ),
    ("BACKUP_TRUSTED_SIGNERS", "whose backups are believed besides our own: `ed25519:…`"),
    ("NOTIFY_URL", "who is told how a run ended, over https"),
    ("NOTIFY_SECRET", "what notifications are signed with"),
    ("SEED_DOMAIN", "the e-mail domain of the system users [school.example]"),
    ("SEED_PERSONA_PASSWORD", "the password of every persona"),
    ("SEED_VOLUME_PASSWORD", "the password of every generated user; unset, none can log in"),
    ("SEED_SYSTEM_PASSWORD", "the password of every system user; unset means generated"),
    ("SKIP_EXISTING", "`true` leaves every row that is there as it is while seeding"),
    ("PG_RELEASES_URL", "a mirror of PostgreSQL builds for the local server"),
    ("TEST_DATABASE_URL", "the tests' server; unset means a private one"),
    ("SOURCE_DATE_EPOCH", "what time it is, for reproducible runs"),
    ("RUST_LOG", "what the log shows"),
    ("NO_COLOR", "no colour"),
    ("CI", "no prompts and no bars"),
];

impl Settings {
    /// Reads the environment of this process and the workspace's `.env` files.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the environment"
    )]
    pub(crate) fn resolve(flags: &SharedFlags) -> Result<Self, Failure> {
        let start = std::env::current_dir()?;
        let variables = std::env::vars_os().collect();
        Self::from(flags, variables, workspace::find(&start))
    }

    fn from(
        flags: &SharedFlags,
        inherited: Vec<(OsString, OsString)>,
        workspace: PathBuf,
    ) -> Result<Self, Failure> {
        let mut values = BTreeMap::new();
        for (name, value) in &inherited {
            // An empty variable means unset, as everywhere in shells and CI systems.
            if let (Some(name), Some(value)) = (name.to_str(), value.to_str())
                && !value.is_empty()
            {
                let setting = Setting { value: value.to_owned(), origin: Origin::Variable };
                values.insert(name.to_owned(), setting);
            }
        }
        let environment = environment(flags, &values, &workspace)?;
        for file in files(environment.0) {
            read_file(&workspace.join(file), &mut values)?;
        }
        if let Some(url) = &flags.database_url {
            let setting = Setting { value: url.clone(), origin: Origin::Flag };
            values.insert("DATABASE_URL".to_owned(), setting);
        }
        Ok(Self { environment, values, workspace, inherited })
    }

    /// What kind of database the operator says it is.
    pub fn environment(&self) -> Environment {
        self.environment.0
    }

    /// Where the environment came from.
    pub fn environment_origin(&self) -> &Origin {
        &self.environment.1
    }

    /// A setting by the name of its variable.
    pub fn get(&self, name: &str) -> Option<&Setting> {
        self.values.get(name)
    }

    /// A setting's text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).map(|setting| setting.value.as_str())
    }

    /// Everything that was set, wherever, in the order of the names.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, setting)| (name.as_str(), setting.value.as_str()))
    }

    /// The database that was named, if any.
    pub fn database_url(&self) -> Result<Option<DatabaseUrl>, Failure> {
        self.url("DATABASE_URL")
    }

    /// The same database without the pooler in between, where that is named apart.
    pub fn direct_url(&self) -> Result<Option<DatabaseUrl>, Failure> {
        // A URL on the command line is about another database than the one in the environment.
        if self.get("DATABASE_URL").is_some_and(|setting| setting.origin == Origin::Flag) {
            return Ok(None);
        }
        self.url("DIRECT_URL")
    }

    /// The workspace's folder.
    pub fn workspace(&self) -> &Path {
        &self.workspace
    }

    /// The environment that this process was given, for the programs that it starts.
    pub fn inherited(&self) -> &[(OsString, OsString)] {
        &self.inherited
    }

    /// One inherited variable, whatever its encoding.
    pub fn variable(&self, name: &str) -> Option<&OsString> {
        self.inherited.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    fn url(&self, name: &'static str) -> Result<Option<DatabaseUrl>, Failure> {
        let Some(setting) = self.get(name) else { return Ok(None) };
        setting.value.parse().map(Some).map_err(|error: dbkit::InvalidDatabaseUrl| {
            Failure::new(Exit::Usage, "settings.url", error)
                .context(format!("{name} (from {}) is unusable", setting.origin))
                .hint(format!("set {name}=postgres://USER@HOST:PORT/DATABASE"))
        })
    }
}

/// The `.env` files, the strongest first; `.env.local` would make tests differ between machines.
fn files(environment: Environment) -> Vec<String> {
    let mut files = vec![format!(".env.{environment}.local")];
    if environment != Environment::Testing {
        files.push(".env.local".to_owned());
    }
    files.extend([format!(".env.{environment}"), ".env".to_owned()]);
    files
}

fn environment(
    flags: &SharedFlags,
    variables: &BTreeMap<String, Setting>,
    workspace: &Path,
) -> Result<(Environment, Origin), Failure> {
    let (name, origin) = if let Some(name) = &flags.env {
        (name.clone(), Origin::Flag)
    } else {
        let mut values = variables.clone();
        for file in [".env.local", ".env"] {
            read_file(&workspace.join(file), &mut values)?;
        }
        match values.remove("APP_ENV") {
            Some(setting) => (setting.value, setting.origin),
            None => (Environment::Development.name().to_owned(), Origin::Default),
        }
    };
    match name.parse() {
        Ok(environment) => Ok((environment, origin)),
        Err(error) => Err(unknown_environment(&name, error, &origin)),
    }
}

fn unknown_environment(name: &str, error: dbkit::UnknownEnvironment, origin: &Origin) -> Failure {
    let nearest = Environment::ALL
        .into_iter()
        .map(|environment| (strsim::jaro_winkler(name, environment.name()), environment))
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .filter(|(similarity, _)| *similarity > 0.7);
    let failure = Failure::new(Exit::Usage, "settings.environment", error)
        .context(format!("the environment (from {origin}) is unknown"));
    match nearest {
        Some((_, nearest)) => failure.hint(format!("did you mean `{nearest}`?")),
        None => failure.hint("the environments are development, testing, staging and production"),
    }
}

/// Adds what `path` sets and nothing stronger has set; a file that is not there sets nothing.
fn read_file(path: &Path, values: &mut BTreeMap<String, Setting>) -> Result<(), Failure> {
    if !path.is_file() {
        return Ok(());
    }
    let unreadable = |error: dotenvy::Error| {
        // The parser quotes the line that it stopped at, and that line may hold a password.
        let position = match &error {
            dotenvy::Error::LineParse(line, at) => {
                format!(
                    "line `{}…`, character {at}",
                    line.chars().take_while(|c| *c != '=').collect::<String>()
                )
            }
            other => other.to_string(),
        };
        Failure::message(Exit::Usage, "settings.env_file", position)
            .context(format!("cannot read {}", path.display()))
            .hint("each line is NAME=value; quote a value with blanks or `#`")
    };
    for pair in dotenvy::from_path_iter(path).map_err(unreadable)? {
        let (name, value) = pair.map_err(unreadable)?;
        if !value.is_empty() {
            let origin = Origin::File(path.to_path_buf());
            values.entry(name).or_insert(Setting { value, origin });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new(files: &[(&str, &str)]) -> Self {
            let folder = tempfile::tempdir().unwrap();
            for (name, content) in files {
                std::fs::write(folder.path().join(name), content).unwrap();
            }
            Self(folder)
        }

        fn resolve(
            &self,
            env: Option<&str>,
            variables: &[(&str, &str)],
        ) -> Result<Settings, Failure> {
            let flags = SharedFlags { env: env.map(str::to_owned), ..SharedFlags::default() };
            let variables = variables.iter().map(|(k, v)| (k.into(), v.into())).collect();
            Settings::from(&flags, variables, self.0.path().to_path_buf())
        }
    }

    #[test]
    fn the_nearest_file_wins_and_a_variable_beats_them_all() {
        let folder = Folder::new(&[
            (".env", "A=env\nB=env\nC=env\nD=env\nE=env"),
            (".env.development", "A=dev\nB=dev\nC=dev\nD=dev"),
            (".env.local", "A=local\nB=local\nC=local"),
            (".env.development.local", "A=devlocal\nB=devlocal"),
        ]);
        let settings = folder.resolve(None, &[("A", "variable")]).unwrap();
        let found = ["A", "B", "C", "D", "E"].map(|name| settings.text(name).unwrap().to_owned());
        assert_eq!(found, ["variable", "devlocal", "local", "dev", "env"]);
    }

    #[test]
    fn tests_do_not_see_what_is_local_to_one_machine() {
        let folder = Folder::new(&[(".env.local", "A=local"), (".env", "A=env")]);
        let settings = folder.resolve(Some("testing"), &[]).unwrap();
        assert_eq!(settings.text("A"), Some("env"));
    }

    #[test]
    fn the_flag_beats_app_env_and_development_is_the_default() {
        let folder = Folder::new(&[]);
        let environment =
            |env, variables: &[_]| folder.resolve(env, variables).unwrap().environment();
        assert_eq!(environment(None, &[]), Environment::Development);
        assert_eq!(environment(None, &[("APP_ENV", "staging")]), Environment::Staging);
        assert_eq!(environment(Some("test"), &[("APP_ENV", "staging")]), Environment::Testing);
    }

    #[test]
    fn an_unknown_environment_is_a_usage_error_with_a_suggestion() {
        let failure = Folder::new(&[]).resolve(Some("prodution"), &[]).err().unwrap();
        assert_eq!(failure.exit(), Exit::Usage);
        assert!(failure.to_string().contains("did you mean `production`?"), "{failure}");
    }

    #[test]
    fn a_broken_env_file_does_not_show_its_values() {
        let folder = Folder::new(&[(".env", "DATABASE_URL=postgres://u:secret word@h/d x'")]);
        let failure = folder.resolve(None, &[]).err().unwrap();
        assert!(!failure.to_string().contains("secret"), "{failure}");
    }

    #[test]
    fn an_empty_variable_is_unset() {
        let settings = Folder::new(&[]).resolve(None, &[("DATABASE_URL", "")]).unwrap();
        assert_eq!(settings.database_url().unwrap(), None);
    }

    #[test]
    fn a_url_on_the_command_line_is_not_replaced_by_the_direct_one() {
        let flags = SharedFlags {
            database_url: Some("postgres://a/b".to_owned()),
            ..SharedFlags::default()
        };
        let variables = vec![("DIRECT_URL".into(), "postgres://c/d".into())];
        let settings = Settings::from(&flags, variables, PathBuf::from("/nowhere")).unwrap();
        assert_eq!(settings.direct_url().unwrap(), None);
    }
}
