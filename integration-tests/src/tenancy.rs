//! How long the test server lives: as long as somebody uses it, and a moment longer.
//!
//! nextest runs every test in a process of its own, so no process can know that it is the last.
//! Each holds a shared lock on a file for as long as it lives, which the kernel releases even
//! after a crash, and starts a supervisor, of which all but one go away again at once. The
//! supervisor waits for the exclusive lock. Once it has it, nobody uses the server; it waits a
//! moment for the next process, cleans up, and only then lets newcomers in, who start afresh.
//!
//! Killed supervisors and servers are no trouble: the next process starts a new supervisor, and
//! `dbkit` a new server on the same cluster.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result};

use crate::place;

/// For how long the supervisor waits for the next process.
const GRACE: Duration = Duration::from_secs(3);

/// The right to use the server; it ends with the process.
#[derive(Debug)]
pub(crate) struct Tenancy {
    _lock: File,
}

impl Tenancy {
    /// Enters the folder that the users of one server share.
    pub(crate) fn begin(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("create `{}`", folder.display()))?;
        let lock = open(&folder.join("users.lock"))?;
        // Blocks while a supervisor cleans up.
        lock.lock_shared().context("wait for the supervisor to finish")?;
        supervise(folder)?;
        Ok(Self { _lock: lock })
    }
}

/// Runs `clean_up` once nobody uses the server any more; does nothing if another supervisor will.
pub fn outlast_users(folder: &Path, clean_up: impl FnOnce() -> Result<()>) -> Result<()> {
    let own = open(&folder.join("supervisor.lock"))?;
    match own.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(()),
        Err(TryLockError::Error(error)) => return Err(error.into()),
    }
    let users = open(&folder.join("users.lock"))?;
    loop {
        users.lock()?;
        users.unlock()?;
        thread::sleep(GRACE);
        match users.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
    }
    let cleaned = clean_up();
    // In this order: a newcomer's supervisor must not take this one for alive.
    drop(own);
    drop(users);
    cleaned
}

/// Starts a supervisor that neither Ctrl-C nor nextest ends or waits for: it is in a process group
/// of its own and holds none of our pipes.
fn supervise(folder: &Path) -> Result<()> {
    let program = place::binaries().join("test-server");
    Command::new(&program)
        .arg(folder)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .with_context(|| format!("start `{}`", program.display()))?;
    Ok(())
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).open(path)
}
