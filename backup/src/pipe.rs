//! Reading what a program writes, in large pieces.
//!
//! `pg_dump` writes 4 KiB at a time, if nothing makes it write more. Who is woken for each of them spends more on
//! waking than on reading, and so does `pg_dump`: together a tenth of the CPU of a backup. So the pipe is made large,
//! and once it was emptied it is left alone for a moment.

use std::{io, time::Duration};

use tokio::{io::AsyncReadExt as _, process::ChildStdout, time::sleep};

/// What one read gives at most.
pub(crate) const PIECE: usize = 256 << 10;

/// What a pipe should hold: as much as Linux allows anybody, and several times what comes during a pause.
#[cfg(target_os = "linux")]
const ROOM: usize = 1 << 20;

/// How long an emptied pipe is left alone, the shortest time that the timer knows.
const PAUSE: Duration = Duration::from_millis(1);

/// What a program writes to its standard output.
pub(crate) struct Pipe {
    stdout: ChildStdout,
    /// Whether it can take what comes during a pause, so that nobody waits for us.
    roomy: bool,
    emptied: bool,
}

impl Pipe {
    pub(crate) fn new(stdout: ChildStdout) -> Self {
        let roomy = widen(&stdout);
        Self { stdout, roomy, emptied: false }
    }

    /// The next bytes; none at the end. It may be dropped before it is done, and loses nothing.
    pub(crate) async fn read(&mut self) -> io::Result<Vec<u8>> {
        if self.roomy && self.emptied {
            sleep(PAUSE).await;
        }
        let mut piece = Vec::with_capacity(PIECE);
        let read = self.stdout.read_buf(&mut piece).await?;
        self.emptied = read < PIECE;
        Ok(piece)
    }
}

/// Whether the pipe could be made so large.
#[cfg(target_os = "linux")]
fn widen(stdout: &ChildStdout) -> bool {
    rustix::pipe::fcntl_setpipe_size(stdout, ROOM).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn widen(_: &ChildStdout) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use tokio::process::Command;

    use super::*;

    #[tokio::test]
    async fn all_that_is_written_is_read_in_order() {
        let mut command = Command::new("/bin/sh");
        let script = "i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done";
        let mut child = command.args(["-c", script]).stdout(Stdio::piped()).spawn().unwrap();
        let mut pipe = Pipe::new(child.stdout.take().unwrap());
        let (mut all, mut pieces) = (Vec::new(), 0);
        loop {
            let piece = pipe.read().await.unwrap();
            if piece.is_empty() {
                break;
            }
            all.extend(piece);
            pieces += 1;
        }
        assert!(child.wait().await.unwrap().success());
        let numbers = String::from_utf8(all).unwrap();
        let numbers = numbers.lines().map(|line| line.parse::<u32>().unwrap());
        assert!(numbers.eq(0..20_000));
        assert!(pieces < 20_000, "{pieces} pieces");
    }
}
