//! What `backup restore` is told.

use std::time::Duration;

use backup::{
    Choice, Comparison, Origin, Ownership, RestoreOptions, TableName, Way,
    command::{FolderFlags, explain},
};
use clap::{Args, ValueEnum};
use dbkit::DatabaseUrl;
use terminal::{ConsentFlags, Context, Exit, Failure, LockFlags};

#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Flags {
    /// Which backup: a name, the beginning of one, `latest`, `latest:verified`, or `latest:KIND`
    #[arg(default_value = "latest", value_name = "BACKUP")]
    backup: String,

    /// The latest backup with this migration as the last one
    #[arg(long, value_name = "MIGRATION", conflicts_with = "backup")]
    to_migration: Option<String>,

    /// How: beside the database, then exchanged (swap); into it in one transaction (in-place); or into
    /// a new one (new-db) [default: swap, with --to new-db]
    #[arg(long, value_enum, value_name = "MODE")]
    mode: Option<Mode>,

    /// The database to restore into, which must not exist
    #[arg(long, value_name = "NEW_DATABASE")]
    to: Option<String>,

    /// Only these tables, each as `table` (in `public`) or `schema.table`, with their indexes,
    /// constraints and sequences; into the database in one transaction, or into a new one
    #[arg(long, value_name = "TABLE", value_delimiter = ',')]
    tables: Vec<String>,

    /// Only say what would be lost, who would be cut off and what is missing
    #[arg(long)]
    pub(super) plan: bool,

    /// Give everything to the role that restores, and grant nothing: for another server
    #[arg(long)]
    no_owner: bool,

    /// Allow a backup of another database, or of another server
    #[arg(long)]
    from_other: bool,

    /// How closely what was restored beside the database is compared with the manifest: every value, or only
    /// how many rows there are [default: content; counts, if `verify --level restore` has compared every
    /// value of this backup on a server of this major version]. In one transaction every value is compared
    #[arg(long, value_enum, value_name = "WHAT")]
    compare: Option<Compare>,

    /// Make no backup of what is replaced
    #[arg(long)]
    pub(super) no_safety_backup: bool,

    /// How many seconds pg_restore may take
    #[arg(long, value_name = "SECONDS", default_value_t = 24 * 60 * 60)]
    limit: u64,

    #[command(flatten)]
    pub(super) folder: FolderFlags,

    #[command(flatten)]
    lock: LockFlags,

    #[command(flatten)]
    pub(super) consent: ConsentFlags,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// Beside the live database, which then gives its name away and is kept
    Swap,
    /// Into the live database, in one transaction
    InPlace,
    /// Into a new database
    NewDb,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Compare {
    /// Every value of every row
    Content,
    /// How many rows every table has, and where the sequences stand
    Counts,
}

impl Flags {
    pub(super) fn choice(&self) -> Result<Choice, Failure> {
        match &self.to_migration {
            Some(migration) => Ok(Choice::Migration(migration.clone())),
            None => self.backup.parse().map_err(explain::find),
        }
    }

    pub(super) fn way(&self) -> Result<Way, Failure> {
        let usage = |message: &str| {
            Err(Failure::message(Exit::Usage, "usage", message).hint("see `backup restore --help`"))
        };
        let beside =
            self.to.is_some() || self.tables.is_empty() && self.mode != Some(Mode::InPlace);
        if self.compare == Some(Compare::Counts) && !beside {
            return usage("in one transaction every value is compared: leave `--compare` away");
        }
        match (self.mode, &self.to, self.tables.is_empty()) {
            (Some(Mode::NewDb), None, _) => usage("`--mode new-db` needs `--to NEW_DATABASE`"),
            (Some(Mode::Swap | Mode::InPlace), Some(_), _) => {
                usage("`--to` is for a new database, not for this mode")
            }
            (_, Some(_), _) => Ok(Way::NewDb),
            (Some(Mode::Swap), None, false) => {
                usage("tables are restored in place, or into a new database with `--to`")
            }
            (Some(Mode::InPlace) | None, None, false) => Ok(Way::Tables),
            (Some(Mode::InPlace), None, true) => Ok(Way::InPlace),
            (Some(Mode::Swap) | None, None, true) => Ok(Way::Swap),
        }
    }

    pub(super) fn options(
        &self,
        context: &Context,
        url: &DatabaseUrl,
        way: Way,
    ) -> Result<RestoreOptions, Failure> {
        let tables: Result<Vec<TableName>, _> =
            self.tables.iter().map(|table| table.parse()).collect();
        let new = self.to.clone().filter(|_| way == Way::NewDb);
        Ok(RestoreOptions {
            database: new.unwrap_or_else(|| url.database()),
            tables: tables.map_err(|error| {
                Failure::new(Exit::Usage, "usage", error)
                    .hint("name them as `table` (in `public`) or `schema.table`")
            })?,
            run: context.run_id,
            ownership: if self.no_owner { Ownership::Restorer } else { Ownership::AsRecorded },
            comparison: self.compare.map(|compare| match compare {
                Compare::Content => Comparison::Content,
                Compare::Counts => Comparison::Counts,
            }),
            origin: if self.from_other { Origin::Any } else { Origin::Own },
            environment: context.settings.environment(),
            limit: Duration::from_secs(self.limit),
            lock_wait: self.lock.wait(),
        })
    }

    /// How the audit trail names what is done.
    pub(super) fn command(&self, backup: &backup::BackupId, way: Way) -> String {
        let mut command = format!("restore {backup}");
        match way {
            Way::Swap => command.push_str(" --mode swap"),
            Way::InPlace => command.push_str(" --mode in-place"),
            Way::Tables | Way::NewDb => {}
        }
        if !self.tables.is_empty() {
            command = command + " --tables " + &self.tables.join(",");
        }
        if let Some(new) = &self.to {
            command = command + " --to " + new;
        }
        for (flag, is_set) in [
            ("--from-other", self.from_other),
            ("--no-safety-backup", self.no_safety_backup),
            ("--compare counts", self.compare == Some(Compare::Counts)),
        ] {
            if is_set {
                command = command + " " + flag;
            }
        }
        command
    }
}
