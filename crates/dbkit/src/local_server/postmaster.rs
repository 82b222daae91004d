//! The server's process, as the file `postmaster.pid` and the operating system know it.

use std::path::Path;

use nix::{sys::signal::kill, unistd::Pid};

use super::files::{self, FileError, Owner};

/// A process number that no process has; PostgreSQL refuses 0 and negative ones.
const NOBODY: i32 = i32::MAX;

/// A running server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Postmaster {
    pub(super) pid: i32,
    pub(super) port: u16,
}

impl Postmaster {
    /// The process, for a signal.
    pub(super) fn process(self) -> Pid {
        Pid::from_raw(self.pid)
    }
}

/// The running server of this cluster, if there is one.
pub(super) fn find(data: &Path) -> Result<Option<Postmaster>, FileError> {
    let text = files::read(&data.join("postmaster.pid"))?;
    Ok(text
        .and_then(|text| parse(&text))
        .filter(|found| exists(found.pid) && is_ours(*found, data)))
}

/// Makes PostgreSQL see that the server of a left-over `postmaster.pid` is gone.
///
/// After a crash, the number in the file may be that of another process: in a container, numbers
/// start again at 1, and a dead process that nobody waits for keeps its own. PostgreSQL would
/// refuse to start. Only the number is replaced: the file also names the shared memory, by which
/// PostgreSQL sees that children of the dead server are still at work.
pub(super) fn bury(data: &Path, owner: Option<Owner>) -> Result<(), FileError> {
    let path = data.join("postmaster.pid");
    let Some(text) = files::read(&path)? else { return Ok(()) };
    let (Some(left), Some((_, rest))) = (parse(&text), text.split_once('\n')) else {
        return Ok(());
    };
    if exists(left.pid) && !is_ours(left, data) {
        files::write(&path, &format!("{NOBODY}\n{rest}"), owner)?;
    }
    Ok(())
}

/// Line 1 is the process, line 4 the port; see `miscadmin.h` of PostgreSQL.
fn parse(text: &str) -> Option<Postmaster> {
    let mut lines = text.lines();
    let pid = lines.next()?.trim().parse().ok().filter(|pid| *pid > 0)?;
    let port = lines.nth(2)?.trim().parse().ok()?;
    Some(Postmaster { pid, port })
}

/// Whether there is a process of this number that the caller may signal.
///
/// One that the caller may not signal belongs to another user, and so cannot be this server.
fn exists(pid: i32) -> bool {
    pid > 0 && kill(Pid::from_raw(pid), None).is_ok()
}

/// Whether the process is this cluster's server: a server's current folder is its cluster.
#[cfg(target_os = "linux")]
fn is_ours(postmaster: Postmaster, data: &Path) -> bool {
    let folder = std::fs::read_link(format!("/proc/{}/cwd", postmaster.pid));
    match (folder, data.canonicalize()) {
        (Ok(folder), Ok(data)) => folder == data,
        // A dead process that nobody waited for has no current folder.
        (Err(error), _) => error.kind() != std::io::ErrorKind::NotFound,
        (Ok(_), Err(_)) => true,
    }
}

/// Without `/proc` the number is all there is, as it is for `pg_ctl`.
#[cfg(not(target_os = "linux"))]
fn is_ours(_postmaster: Postmaster, _data: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use std::{fs, process};

    use super::*;

    fn file(pid: u32) -> String {
        format!("{pid}\n/data\n1790000000\n54321\n/socket\n127.0.0.1\n  1048 0\nready   \n")
    }

    #[test]
    fn the_file_names_the_process_and_the_port() {
        assert_eq!(parse(&file(42)), Some(Postmaster { pid: 42, port: 54_321 }));
        for text in ["", "42\n", "-1\n/data\n0\n1\n", "0\n/data\n0\n1\n", "x\n/data\n0\n1\n"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_number_that_another_process_got_is_no_server() {
        let data = tempfile::tempdir().unwrap();
        let path = data.path().join("postmaster.pid");
        fs::write(&path, file(process::id())).unwrap();
        assert_eq!(find(data.path()).unwrap(), None);
        bury(data.path(), None).unwrap();
        let buried = fs::read_to_string(&path).unwrap();
        assert_eq!(buried.lines().next(), Some("2147483647"));
        assert_eq!(buried.split_once('\n').unwrap().1, file(1).split_once('\n').unwrap().1);
    }
}
