//! An unpacked archive that `pg_restore` can read from anywhere in it, and nobody else at all.
//!
//! Restoring with several workers needs a file that can be seeked in. On Linux it has no name, so
//! that not even a killed process leaves the data lying about; `pg_restore` gets it as its standard
//! input and opens it anew through `/proc`, once for each worker.

use std::{fs::File, io, path::Path};

use tokio::process::Command;

/// A file for one unpacked archive.
pub(crate) struct Stage(platform::PrivateFile);

impl Stage {
    /// Makes an empty one on the file system of `folder`.
    pub(crate) fn new(folder: &Path) -> io::Result<Self> {
        platform::PrivateFile::new(folder).map(Self)
    }

    /// The file, to be filled.
    pub(crate) fn writer(&self) -> io::Result<File> {
        self.0.writer()
    }

    /// Makes it the last argument of `command`.
    pub(crate) fn lend(&self, command: &mut Command) -> io::Result<()> {
        self.0.lend(command)
    }
}

#[cfg(target_os = "linux")]
mod platform {
    use std::{fs::File, io, path::Path, process::Stdio};

    use tokio::process::Command;

    pub(super) struct PrivateFile(File);

    impl PrivateFile {
        pub(super) fn new(folder: &Path) -> io::Result<Self> {
            tempfile::tempfile_in(folder).map(Self)
        }

        pub(super) fn writer(&self) -> io::Result<File> {
            self.0.try_clone()
        }

        pub(super) fn lend(&self, command: &mut Command) -> io::Result<()> {
            command.stdin(Stdio::from(self.0.try_clone()?)).arg("/proc/self/fd/0");
            Ok(())
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    use std::{fs::File, io, path::Path};

    use tempfile::NamedTempFile;
    use tokio::process::Command;

    /// A file with mode 0600 that is removed when dropped; a killed process leaves it behind.
    pub(super) struct PrivateFile(NamedTempFile);

    impl PrivateFile {
        pub(super) fn new(folder: &Path) -> io::Result<Self> {
            NamedTempFile::new_in(folder).map(Self)
        }

        pub(super) fn writer(&self) -> io::Result<File> {
            self.0.as_file().try_clone()
        }

        pub(super) fn lend(&self, command: &mut Command) -> io::Result<()> {
            command.arg(self.0.path());
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write as _, process::Stdio};

    use super::*;

    #[tokio::test]
    async fn a_child_reads_it_from_the_beginning() {
        let place = tempfile::tempdir().unwrap();
        let stage = Stage::new(place.path()).unwrap();
        stage.writer().unwrap().write_all(b"archive").unwrap();
        #[cfg(target_os = "linux")]
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
        for _ in 0..2 {
            let mut command = Command::new("cat");
            stage.lend(&mut command).unwrap();
            let child = command.stdout(Stdio::piped()).spawn().unwrap();
            assert_eq!(child.wait_with_output().await.unwrap().stdout, b"archive");
        }
        drop(stage);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }
}
