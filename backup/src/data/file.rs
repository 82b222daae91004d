//! The file on the disk: written under a name that says so until it is whole, and checked before it is used.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek as _, Write},
    path::{Path, PathBuf},
};

use dbkit::Report;
use tempfile::NamedTempFile;

use super::{
    DataEvent, FileError,
    event::is_milestone,
    header::{Header, TableTally, Trailer},
    reader::{Line, Reader},
};
use crate::durable;

/// A new file, which appears under its name when it is whole, and not at all if it is dropped before.
#[derive(Debug)]
pub struct NewFile {
    file: BufWriter<NamedTempFile>,
    path: PathBuf,
}

impl NewFile {
    /// Begins a file that only this user can read. What is there already is never replaced.
    pub fn create(path: &Path) -> io::Result<Self> {
        if path.symlink_metadata().is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let Some(name) = path.file_name() else { return Err(io::ErrorKind::InvalidInput.into()) };
        let prefix = format!(".{}.", name.to_string_lossy());
        let file = tempfile::Builder::new()
            .prefix(&prefix)
            .suffix(".partial")
            .tempfile_in(folder(path))?;
        Ok(Self { file: BufWriter::new(file), path: path.to_owned() })
    }

    /// Waits until the file is on the disk, and gives it its name.
    pub fn publish(self) -> io::Result<()> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        file.persist_noclobber(&self.path).map_err(|error| error.error)?;
        durable::sync_folder(folder(&self.path))
    }
}

impl Write for NewFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.file.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A file that can be read twice: once to check it, once to import it.
#[derive(Debug)]
pub struct DataFile(File);

impl DataFile {
    /// Opens an ordinary file.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        if !file.metadata()?.is_file() {
            let why = "not an ordinary file; what comes through a pipe is read from `-`";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        Ok(Self(file))
    }

    /// Keeps what comes through a pipe in a file without a name, which is gone with this value.
    pub fn stage(source: &mut dyn Read) -> io::Result<Self> {
        let mut file = tempfile::tempfile()?;
        io::copy(source, &mut file)?;
        Ok(Self(file))
    }

    pub(super) fn reader(&self) -> Result<Reader<BufReader<File>>, FileError> {
        let mut file = self.0.try_clone().map_err(FileError::Read)?;
        file.rewind().map_err(FileError::Read)?;
        Reader::begin(BufReader::with_capacity(1 << 16, file))
    }
}

/// A file that was read to its end and found whole.
#[derive(Debug)]
pub struct Checked {
    pub(super) file: DataFile,
    /// What is in it.
    pub header: Header,
    /// What the rows of each table come to, in the header's order.
    pub tables: Vec<TableTally>,
    /// Its last line.
    pub trailer: Trailer,
}

/// Reads `file` to its end: every line, every row, every hash and the checksum of it all.
pub fn check(file: DataFile, report: &dyn Report<DataEvent>) -> Result<Checked, FileError> {
    let mut reader = file.reader()?;
    let mut rows = 0;
    let trailer = loop {
        match reader.next()? {
            Line::Trailer(trailer) => break trailer,
            Line::Row(_) => {
                rows += 1;
                if is_milestone(rows) {
                    report.report(&DataEvent::Checking { rows });
                }
            }
            Line::Table(_) | Line::End => {}
        }
    };
    let (header, tables) = (reader.header().clone(), reader.tallies().to_vec());
    Ok(Checked { file, header, tables, trailer })
}
