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

/// Runs `clean_up` once nobody has used the server for the time of `grace`; does nothing if another
/// supervisor will.
pub fn outlast_users(
    folder: &Path,
    grace: Duration,
    clean_up: impl FnOnce() -> Result<()>,
) -> Result<()> {
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
        thread::sleep(grace);
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
    let mut supervisor = Command::new(&program)
        .arg(folder)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .with_context(|| format!("start `{}`", program.display()))?;
    // Most go away at once, and a process that nobody waits for stays in the list of processes.
    thread::spawn(move || supervisor.wait());
    Ok(())
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).open(path)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn nothing_is_cleaned_up_while_somebody_uses_it() {
        let folder = tempfile::tempdir().unwrap();
        let user = open(&folder.path().join("users.lock")).unwrap();
        user.lock_shared().unwrap();
        let (sender, receiver) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(|| {
                let clean_up = || Ok(sender.send("cleaned up")?);
                outlast_users(folder.path(), Duration::from_millis(1), clean_up).unwrap();
            });
            receiver.recv_timeout(Duration::from_millis(100)).unwrap_err();
            drop(user);
            assert_eq!(receiver.recv().unwrap(), "cleaned up");
        });
    }

    #[test]
    fn a_newcomer_waits_until_the_cleaning_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let clean_up = || {
            let newcomer = open(&folder.path().join("users.lock"))?;
            assert!(matches!(newcomer.try_lock_shared(), Err(TryLockError::WouldBlock)));
            Ok(())
        };
        outlast_users(folder.path(), Duration::ZERO, clean_up).unwrap();
        let newcomer = open(&folder.path().join("users.lock")).unwrap();
        newcomer.try_lock_shared().unwrap();
    }

    #[test]
    fn a_second_supervisor_goes_away_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let first = open(&folder.path().join("supervisor.lock")).unwrap();
        first.lock().unwrap();
        outlast_users(folder.path(), Duration::MAX, || panic!("the first one does it")).unwrap();
    }
}
