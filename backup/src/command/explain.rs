//! What to do when a backup cannot be made, found, read or restored.

use std::io;

mod objects;
mod sanitise;

use dbkit::{lock::LockError, scratch::ScratchError};
use terminal::{Exit, Failure};

use crate::{
    Backup, Complaint, CreateError, ExchangeError, FindError, Finding, FolderError, NoClient,
    PruneError, RekeyError, RestoreError, SecureError, ServerError, SnapshotError, StoreError,
    VerifyError, trail::TrailError,
};

use objects::{advice, storing};

pub use objects::address;
pub use sanitise::{profile, sanitise};

/// Why the place of backups cannot be used.
pub fn folder(error: FolderError) -> Failure {
    let (exit, class, hint) = match &error {
        FolderError::Missing(_) => (
            Exit::Failed,
            "backup.no_folder",
            "set BACKUP_DIR, or make a backup first: `backup create`".to_owned(),
        ),
        FolderError::NotAFolder(_) => {
            (Exit::Failed, "backup.folder", "set BACKUP_DIR to the folder itself".to_owned())
        }
        FolderError::WritableByOthers { path, .. } => {
            (Exit::Refused, "backup.folder_mode", format!("chmod 700 {}", path.display()))
        }
        FolderError::Busy { .. } => (
            Exit::Busy,
            "backup.busy",
            "wait for it to end, then run the command again (`--lock-wait SECONDS`)".to_owned(),
        ),
        FolderError::Objects(error) => {
            let (class, hint) = advice(error);
            (Exit::Failed, class, hint.to_owned())
        }
        FolderError::Io { .. } => (
            Exit::Failed,
            "backup.folder",
            "see that the folder is yours and that the disk has room".to_owned(),
        ),
    };
    Failure::new(exit, class, error).hint(hint)
}

/// Why a trail cannot be read.
pub fn unreadable_trail(error: TrailError) -> Failure {
    match error {
        TrailError::Folder(error) => folder(error),
        other => Failure::new(Exit::Failed, "backup.trail_unreadable", other)
            .hint("see that the file is yours, and no folder or link"),
    }
}

/// Why something is not done that must be written down first.
pub fn trail(error: TrailError) -> Failure {
    let error = match error {
        TrailError::Folder(error) => return folder(error),
        other => other,
    };
    let (exit, class, hint) = match &error {
        TrailError::Busy(_) => (
            Exit::Busy,
            "backup.trail_busy",
            "see which process holds that file, then run the command again".to_owned(),
        ),
        TrailError::NotWhole(path) => (
            Exit::Refused,
            "backup.trail_not_whole",
            format!(
                "see what is left: `backup audit verify`; then put it aside, and a new one begins: `mv {path} {path}.broken`"
            ),
        ),
        TrailError::Io { .. } | TrailError::Folder(_) => (
            Exit::Refused,
            "backup.trail",
            "what cannot be written down is not done: see that the file is yours and that the disk has room"
                .to_owned(),
        ),
    };
    Failure::new(exit, class, error).hint(hint)
}

/// Why no backup was found.
pub fn find(error: FindError) -> Failure {
    match error {
        FindError::Folder(error) => folder(error),
        FindError::Damaged { .. } => Failure::new(Exit::Found, "backup.damaged", error)
            .hint("choose another one: `backup list`"),
        FindError::Empty(_) => {
            Failure::new(Exit::Failed, "backup.none", error).hint("make one: `backup create`")
        }
        FindError::NotAName(_)
        | FindError::NoSuch { .. }
        | FindError::NotFound(_)
        | FindError::Ambiguous { .. } => Failure::new(Exit::Failed, "backup.not_found", error)
            .hint("`backup list` shows the names"),
    }
}

/// Why there is no backup.
pub fn create(error: CreateError) -> Failure {
    match error {
        CreateError::Folder(error) => folder(error),
        CreateError::Snapshot(error) => snapshot(error),
        CreateError::NoClient(error) => no_client(error),
        CreateError::Dump { complaint, .. } => complained(complaint, error),
        CreateError::Stalled { .. } | CreateError::TooLong { .. } => {
            Failure::new(Exit::Failed, "backup.timeout", error)
                .hint("see what the server waits for, then run the command again")
        }
        CreateError::NoSuchTable(_) => Failure::new(Exit::Usage, "backup.no_table", error)
            .hint("write it as `table`, where it is in `public`, or as `schema.table`"),
        CreateError::NoSpace { .. } => Failure::new(Exit::Failed, "backup.no_space", error)
            .hint("free space, or keep backups elsewhere: BACKUP_DIR"),
        CreateError::Incomplete { .. } => Failure::new(Exit::Failed, "backup.incomplete", error)
            .hint("see what hides rows from pg_dump, such as a policy or an extension's table"),
        CreateError::Write { .. } => {
            let hint = "see that the disk has room, then run the command again";
            storing(error, (Exit::Failed, "backup.write", hint))
        }
        CreateError::Password(_) | CreateError::Run { .. } | CreateError::NotAnArchive => {
            Failure::new(Exit::Failed, "backup.failed", error)
        }
    }
}

/// Why a backup's files cannot be read.
pub fn read(backup: &Backup, error: io::Error) -> Failure {
    let hint = "run it as the user that makes the backups";
    storing(error, (Exit::Failed, "backup.read_files", hint))
        .context(format!("cannot read {} in {}", backup.manifest.id, backup.place))
}

/// Why nothing can be written beside a backup.
pub fn mark(backup: &Backup, error: io::Error) -> Failure {
    let hint = "see that it is yours and that the disk has room";
    storing(error, (Exit::Failed, "backup.write", hint))
        .context(format!("cannot write to {}", backup.place))
}

/// Why backups were not judged or removed.
pub fn prune(error: PruneError) -> Failure {
    match error {
        PruneError::Folder(error) => folder(error),
        PruneError::Read { .. } => {
            let hint = "run it as the user that makes the backups";
            storing(error, (Exit::Failed, "backup.read_files", hint))
        }
        PruneError::Remove { .. } => {
            let hint = "see that the folder is yours, then run the command again";
            storing(error, (Exit::HalfWay, "backup.prune", hint))
        }
    }
}

/// Why a store was not examined.
pub fn examine(error: StoreError) -> Failure {
    match error {
        StoreError::Folder(error) => folder(error),
        StoreError::Read { .. } => {
            let hint = "run it as the user that makes the backups";
            storing(error, (Exit::Failed, "backup.read_files", hint))
        }
    }
}

/// Why a backup was not sealed for others.
pub fn rekey(error: RekeyError) -> Failure {
    match error {
        RekeyError::Folder(error) => folder(error),
        RekeyError::Verify(error) => verify(error),
        RekeyError::Write(error) => create(error),
        RekeyError::Damaged { .. } => Failure::new(Exit::Found, "backup.damaged", error)
            .hint("choose another one: `backup list`"),
        RekeyError::NotTheSame(_) => Failure::new(Exit::Failed, "backup.write", error)
            .hint("see that disk and memory are sound; the old backup is as it was"),
    }
}

/// Why a backup could not be verified.
pub fn verify(error: VerifyError) -> Failure {
    match error {
        VerifyError::NoClient(error) => no_client(error),
        VerifyError::Key { .. } => Failure::new(Exit::Failed, "backup.key", error)
            .hint("set BACKUP_IDENTITY_FILE to the identity of a recipient, or BACKUP_PASSPHRASE"),
        VerifyError::Io { .. } => {
            let hint = "see that the files can be read, then run the command again";
            storing(error, (Exit::Failed, "backup.verify", hint))
        }
        other => Failure::new(Exit::Failed, "backup.verify", other),
    }
}

/// Why nothing was restored.
pub fn restore(error: RestoreError) -> Failure {
    match error {
        RestoreError::Verify(error) => verify(error),
        RestoreError::NoClient(error) => no_client(error),
        RestoreError::Snapshot(error) => snapshot(error),
        RestoreError::Create(error) => new_database(error),
        RestoreError::Damaged { ref findings, .. } if findings.iter().all(is_distrust) => {
            Failure::new(Exit::Refused, "backup.not_trusted", error).hint(
                "if you know that key, add it to BACKUP_TRUSTED_SIGNERS (`ed25519:…`, as above)",
            )
        }
        RestoreError::Damaged { .. } => Failure::new(Exit::Found, "backup.damaged", error)
            .hint("choose another one: `backup list`"),
        RestoreError::Differs { .. } => Failure::new(Exit::Found, "backup.differs", error)
            .hint("nothing of it was kept; choose another backup: `backup list`"),
        RestoreError::Restore { complaint, .. } => complained(complaint, error),
        RestoreError::Server(error) => server(error),
        RestoreError::Exchange(error) => exchange(error),
        RestoreError::HalfWay { .. } => Failure::new(Exit::HalfWay, "backup.half_way", error)
            .hint("put it right: `backup doctor --repair`"),
        RestoreError::LeftBehind { .. } => Failure::new(Exit::HalfWay, "backup.left_behind", error)
            .hint("drop it: `backup doctor --repair`"),
        RestoreError::Stopped => Failure::new(Exit::Interrupted, "interrupted", error)
            .hint("everything is as it was; run the command again"),
        other => restore_refused(other),
    }
}

/// What stands in the way of a restore before it has begun.
fn restore_refused(error: RestoreError) -> Failure {
    let (exit, class, hint) = match &error {
        RestoreError::Sanitised(_) => {
            (Exit::Refused, "refused.sanitised", "choose a backup of production: `backup list`")
        }
        RestoreError::OfAnother { .. } | RestoreError::OfAnotherServer { .. } => (
            Exit::Refused,
            "refused.other_database",
            "if that is what you mean, add `--from-other`; or restore it beside, with `--to NAME`",
        ),
        RestoreError::Dependents { .. } => (
            Exit::Refused,
            "refused.dependents",
            "drop those first, restore the tables beside (`--to NAME`), or restore all of it",
        ),
        RestoreError::Subscriptions { .. } => {
            (Exit::Refused, "refused.subscriptions", "restore beside the database: `--mode swap`")
        }
        RestoreError::Prepared { .. } => (
            Exit::Failed,
            "backup.prepared",
            "end them: `COMMIT PREPARED` or `ROLLBACK PREPARED` (see pg_prepared_xacts)",
        ),
        RestoreError::Partial(_) => (
            Exit::Failed,
            "backup.partial",
            "restore its tables (`--tables`), or all of it into a new database (`--to NAME`)",
        ),
        RestoreError::Closed(_) => {
            (Exit::HalfWay, "backup.closed", "put it right: `backup doctor --repair`")
        }
        RestoreError::NoSuchDatabase(_) => {
            (Exit::Failed, "connect.no_database", "restore into a new one: `--to NAME`")
        }
        RestoreError::NothingKept(_) => {
            (Exit::Failed, "backup.nothing_kept", "`backup doctor` shows what is kept")
        }
        RestoreError::ReplacedSince { .. } => {
            (Exit::Refused, "refused.replaced_since", "`backup doctor` shows what is kept")
        }
        RestoreError::NoSuchTables { .. } => (
            Exit::Failed,
            "backup.no_table",
            "name them as `table` (in `public`) or `schema.table`, as they were then",
        ),
        RestoreError::NotOneTransaction => {
            (Exit::HalfWay, "backup.not_one_transaction", "restore beside it: `--mode swap`")
        }
        _ => return Failure::new(Exit::Failed, "backup.restore", error),
    };
    Failure::new(exit, class, error).hint(hint)
}

/// Why the server did not do what it was asked to.
pub fn server(error: ServerError) -> Failure {
    match error {
        ServerError::Connect(error) => Failure::connect(error),
        ServerError::Lock(error) => Failure::lock(error),
        ServerError::Statement { .. } => Failure::new(Exit::Failed, "backup.server", error)
            .hint("run it as the role that owns the database, with CREATEDB"),
    }
}

/// Why two databases were not exchanged; both are as they were.
fn exchange(error: ExchangeError) -> Failure {
    match error {
        ExchangeError::Server(error) => Failure::new(Exit::Failed, "backup.exchange", error).hint(
            "nothing was exchanged; the role must own the database, and must be a member of \
                 pg_signal_backend",
        ),
        ExchangeError::StillInUse { .. } => Failure::new(Exit::Failed, "backup.in_use", error)
            .hint("nothing was exchanged; end those sessions, then run the command again"),
    }
}

/// Why a database is not secured, so that what can lose data has not begun.
pub fn secure(error: SecureError) -> Failure {
    match error {
        SecureError::Snapshot(error) => snapshot(error),
        SecureError::Create(error) => create(error),
        // Whatever is the reason, there is a backup, and its name must be seen.
        SecureError::NotVerified { ref id, .. } => {
            let hint = format!("see why: `backup verify {id}`, then run the command again");
            Failure::new(Exit::Failed, "backup.not_verified", error).hint(hint)
        }
        SecureError::Damaged { .. } => Failure::new(Exit::Failed, "backup.damaged", error)
            .hint("see that disk and memory are sound, then run the command again"),
        SecureError::Record { .. } => {
            let hint = "see that the disk has room, then run the command again";
            storing(error, (Exit::Failed, "backup.write", hint))
        }
    }
}

/// Whether all is well but for who vouches for it.
fn is_distrust(finding: &Finding) -> bool {
    matches!(finding, Finding::UnknownSigner { .. })
}

fn new_database(error: ScratchError) -> Failure {
    let (class, hint) = match &error {
        ScratchError::Exists(_) => ("backup.exists", "choose a name that is free for `--to`"),
        ScratchError::NotAllowed { .. } => {
            ("backup.not_allowed", "restore as a role with CREATEDB")
        }
        _ => ("backup.new_database", "see the server's log"),
    };
    Failure::new(Exit::Failed, class, error).hint(hint)
}

/// Why a database cannot be read in one view.
pub fn snapshot(error: SnapshotError) -> Failure {
    match error {
        SnapshotError::Connect(error) => Failure::lock(LockError::Connect(error)),
        SnapshotError::Query { .. } => Failure::new(Exit::Failed, "backup.read", error)
            .hint("back up as the role that owns the database"),
    }
}

fn no_client(error: NoClient) -> Failure {
    let major = error.needed.major();
    Failure::new(Exit::Failed, "backup.no_client", error)
        .hint(format!("install the client programs: `apt-get install postgresql-client-{major}`"))
}

fn complained(complaint: Complaint, error: impl Into<anyhow::Error>) -> Failure {
    let (class, hint) = match complaint {
        Complaint::Connection => ("backup.connection", "see that the server runs, then try again"),
        Complaint::Authentication => ("backup.authentication", "correct the role or its password"),
        Complaint::NoSuchDatabase => ("backup.no_database", "correct DATABASE_URL"),
        Complaint::Permission => ("backup.permission", "run it as the role that owns the database"),
        Complaint::RowSecurity => (
            "backup.row_security",
            "a role with BYPASSRLS is needed, or rows would be missing from the backup",
        ),
        Complaint::LockTimeout => {
            ("backup.locked", "wait for the session that holds the table, then try again")
        }
        Complaint::Version => ("backup.version", "install newer client programs"),
        Complaint::MissingRole => (
            "backup.missing_role",
            "create the role, or give everything to the restoring role: `--no-owner`",
        ),
        Complaint::MissingExtension => {
            ("backup.missing_extension", "install the extension on that server")
        }
        Complaint::DiskFull => ("backup.disk_full", "free space, then try again"),
        Complaint::Other => ("backup.client", "see the server's log for its side of it"),
    };
    Failure::new(Exit::Failed, class, error).hint(hint)
}
