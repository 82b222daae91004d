//! A client program that runs, is listened to, and never outlives the call that started it.

use std::{
    io,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    process::{ChildStderr, ChildStdin, ChildStdout, Command},
    task::JoinHandle,
    time::timeout,
};

/// How much of its words is kept: the end, where the reason stands.
const KEPT: usize = 16 << 10;

/// A running program; dropping it kills it and everything it has started.
pub(crate) struct Child {
    process: tokio::process::Child,
    stderr: JoinHandle<String>,
    ended: bool,
}

/// How a program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stderr: String,
}

impl Child {
    /// Starts `command` in a process group of its own, out of reach of the terminal's Ctrl-C: what
    /// becomes of it is decided here.
    pub(crate) fn spawn(command: &mut Command) -> io::Result<Self> {
        command.stderr(Stdio::piped()).process_group(0).kill_on_drop(true);
        let mut process = command.spawn()?;
        let stderr = tokio::spawn(last_words(process.stderr.take()));
        Ok(Self { process, stderr, ended: false })
    }

    pub(crate) fn stdin(&mut self) -> io::Result<ChildStdin> {
        self.process.stdin.take().ok_or_else(|| io::Error::other("stdin is not a pipe"))
    }

    pub(crate) fn stdout(&mut self) -> io::Result<ChildStdout> {
        self.process.stdout.take().ok_or_else(|| io::Error::other("stdout is not a pipe"))
    }

    /// Waits for the end, for at most `limit`.
    pub(crate) async fn wait(mut self, limit: Duration) -> io::Result<Ended> {
        let waited = timeout(limit, self.process.wait()).await;
        let status = waited.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        self.ended = true;
        // A grandchild may still hold the pipe; its words are not worth a long wait.
        let stderr = timeout(Duration::from_secs(2), &mut self.stderr).await;
        let stderr = stderr.ok().and_then(Result::ok).unwrap_or_default();
        Ok(Ended { status, stderr })
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.stderr.abort();
        if self.ended {
            return;
        }
        // `pg_restore -j` has workers, which `kill_on_drop` does not reach.
        let pid = self.process.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(group) = pid {
            // It may have ended by itself just now.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// Reads to the end, so that the program never blocks on a full pipe, and keeps the last part.
async fn last_words(stderr: Option<ChildStderr>) -> String {
    match stderr {
        Some(stderr) => tail(stderr).await,
        None => String::new(),
    }
}

async fn tail(mut source: impl AsyncRead + Unpin) -> String {
    let mut kept = Vec::new();
    let mut piece = vec![0; 4096];
    // An error here ends the words, not the program.
    while let Ok(read @ 1..) = source.read(&mut piece).await {
        kept.extend_from_slice(&piece[..read]);
        if kept.len() > 2 * KEPT {
            kept.drain(..kept.len() - KEPT);
        }
    }
    let start = kept.len().saturating_sub(KEPT);
    String::from_utf8_lossy(&kept[start..]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    #[tokio::test]
    async fn the_end_of_many_words_is_kept() {
        let mut words = "x".repeat(100_000);
        words.push_str("the reason");
        let kept = tail(words.as_bytes()).await;
        assert_eq!(kept.len(), KEPT);
        assert!(kept.ends_with("the reason"));
    }

    #[tokio::test]
    async fn an_exit_comes_with_its_words() {
        let child = Child::spawn(&mut shell("echo why >&2; exit 3")).unwrap();
        let ended = child.wait(Duration::from_secs(10)).await.unwrap();
        assert_eq!((ended.status.code(), ended.stderr.as_str()), (Some(3), "why\n"));
    }

    #[tokio::test]
    async fn a_child_that_does_not_end_is_killed_with_its_own_children() {
        let mut command = shell("sleep 600 & echo $!; wait");
        let mut child = Child::spawn(command.stdout(Stdio::piped())).unwrap();
        let mut grandchild = String::new();
        let mut stdout = child.stdout().unwrap();
        while !grandchild.ends_with('\n') {
            let mut piece = [0; 16];
            let read = stdout.read(&mut piece).await.unwrap();
            grandchild.push_str(std::str::from_utf8(&piece[..read]).unwrap());
        }
        let error = child.wait(Duration::from_millis(50)).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        // The pipe ends when the last process that holds it is gone.
        let mut rest = Vec::new();
        let ended = timeout(Duration::from_secs(10), stdout.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "sleep {grandchild} lives on");
    }
}
