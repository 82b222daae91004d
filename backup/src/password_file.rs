//! How a password gets to `pg_dump` without being seen.
//!
//! An argument is visible to every user of the machine and an environment variable to every
//! process of the same user, so libpq is given a password file. On Linux it has no name and lives
//! in memory; the child gets it as one of its standard streams. That is deliberate: a descriptor
//! that is merely inheritable would also be inherited by whatever another thread happens to start
//! at that moment, while `Command` hands a stream to one child alone.
//!
//! A line break cannot be in it: see [`Handover`](crate::handover::Handover).

use std::io;

use dbkit::Password;
use tokio::process::Command;
use zeroize::Zeroizing;

/// A stream that a child does not use for anything else.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FreeStream {
    /// It is never read.
    Stdin,
    /// It is never written.
    Stdout,
    /// All of them are used: the child opens the file by way of this process, as long as it lives.
    None,
}

/// A password in the only form that libpq takes in private.
pub(crate) struct PasswordFile(platform::PrivateFile);

impl PasswordFile {
    /// Writes one with a single line, which cannot hold a line break.
    pub(crate) fn new(password: &Password) -> io::Result<Self> {
        let line = Zeroizing::new(line(password.expose()));
        platform::PrivateFile::new(line.as_bytes()).map(Self)
    }

    /// Lets `command` read the password.
    pub(crate) fn lend(&self, command: &mut Command, stream: FreeStream) -> io::Result<()> {
        let path = self.0.lend(command, stream)?;
        command.env("PGPASSFILE", path);
        Ok(())
    }
}

/// `host:port:database:user:password`, where `*` means any: nobody else reads this file.
fn line(password: &str) -> String {
    format!("*:*:*:*:{}\n", password.replace('\\', r"\\").replace(':', r"\:"))
}

#[cfg(target_os = "linux")]
mod platform {
    use std::{
        fs::{File, OpenOptions, Permissions},
        io::{self, Write as _},
        os::{fd::AsRawFd as _, unix::fs::PermissionsExt as _},
        process::Stdio,
    };

    use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals};
    use tokio::process::Command;

    use super::FreeStream;

    pub(super) struct PrivateFile(File);

    impl PrivateFile {
        pub(super) fn new(content: &[u8]) -> io::Result<Self> {
            let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
            let mut file = File::from(rustix::fs::memfd_create("password", flags)?);
            // libpq ignores a password file that others could read.
            file.set_permissions(Permissions::from_mode(0o600))?;
            file.write_all(content)?;
            // `pg_restore` opens its stdout for appending from version 18 on, so the file must look
            // writable; the seal sees to it that no stray message ends up in it.
            fcntl_add_seals(&file, SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK)?;
            let again = format!("/proc/self/fd/{}", file.as_raw_fd());
            OpenOptions::new().read(true).append(true).open(again).map(Self)
        }

        pub(super) fn lend(&self, command: &mut Command, stream: FreeStream) -> io::Result<String> {
            let handle = || self.0.try_clone().map(Stdio::from);
            Ok(match stream {
                FreeStream::Stdin => {
                    command.stdin(handle()?);
                    "/proc/self/fd/0".to_owned()
                }
                FreeStream::Stdout => {
                    command.stdout(handle()?);
                    "/proc/self/fd/1".to_owned()
                }
                // Only processes of the same user get in there, and they could read our memory as well.
                FreeStream::None => {
                    format!("/proc/{}/fd/{}", std::process::id(), self.0.as_raw_fd())
                }
            })
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    use std::{
        io::{self, Write as _},
        path::Path,
    };

    use tempfile::NamedTempFile;
    use tokio::process::Command;

    use super::FreeStream;

    /// A file with mode 0600 that is removed when dropped; a killed process leaves it behind.
    pub(super) struct PrivateFile(NamedTempFile);

    impl PrivateFile {
        pub(super) fn new(content: &[u8]) -> io::Result<Self> {
            let mut file = NamedTempFile::new()?;
            file.write_all(content)?;
            Ok(Self(file))
        }

        pub(super) fn lend(&self, _command: &mut Command, _: FreeStream) -> io::Result<&Path> {
            Ok(self.0.path())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use super::*;

    #[test]
    fn what_means_something_in_a_password_file_is_escaped() {
        assert_eq!(line(r"a:b\c'@%#*"), "*:*:*:*:a\\:b\\\\c'@%#*\n");
    }

    #[tokio::test]
    async fn a_child_can_read_it_from_either_stream_or_from_none() {
        let file = PasswordFile::new(&Password::new("secret".to_owned())).unwrap();
        for stream in [FreeStream::Stdin, FreeStream::Stdout, FreeStream::None] {
            let mut command = Command::new("/bin/sh");
            // The shell opens the path itself, as libpq does.
            command.args(["-c", r#"read -r line <"$PGPASSFILE"; printf %s "$line" >&2"#]);
            file.lend(&mut command, stream).unwrap();
            let child = command.env_remove("IFS").stderr(Stdio::piped()).spawn().unwrap();
            let output = child.wait_with_output().await.unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stderr), "*:*:*:*:secret");
        }
    }
}
