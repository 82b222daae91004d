//! Creates folders and writes files: whole, with the right mode and the right owner.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown, fchown},
    path::{Path, PathBuf},
};

/// What could not be done to a file or a folder.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} `{}`", path.display())]
pub struct FileError {
    /// The verb.
    pub action: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    /// What the operating system said.
    pub source: io::Error,
}

/// Lets an I/O error name what it happened to.
pub(super) trait At<T> {
    /// `action` is a verb, as in "cannot {action} `{path}`".
    fn at(self, action: &'static str, path: &Path) -> Result<T, FileError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T, FileError> {
        self.map_err(|source| FileError { action, path: path.to_owned(), source })
    }
}

/// To whom files are given; only root can give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

impl Owner {
    /// Who owns this file or folder.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let metadata = path.symlink_metadata()?;
        Ok(Self { uid: metadata.uid(), gid: metadata.gid() })
    }
}

/// Creates a folder unless it exists, and the folders above it.
///
/// The mode is set once more afterwards, because the umask has had its say on the first.
pub(super) fn create_folder(path: &Path, mode: u32, owner: Option<Owner>) -> Result<(), FileError> {
    if path.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(mode).create(path).at("create", path)?;
    fs::set_permissions(path, Permissions::from_mode(mode)).at("create", path)?;
    match owner {
        Some(Owner { uid, gid }) => chown(path, Some(uid), Some(gid)).at("give away", path),
        None => Ok(()),
    }
}

/// Opens a private file for writing, and creates it first if need be.
pub(super) fn open_private(path: &Path, owner: Option<Owner>) -> Result<File, FileError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(path).at("open", path)?;
    give(&file, owner).at("give away", path)?;
    Ok(file)
}

/// Writes a private file so that it is either the old one or the whole new one.
///
/// The rename also replaces a symbolic link instead of following it, which matters where root
/// writes into a folder of an account that others may share.
pub(super) fn write(path: &Path, text: &str, owner: Option<Owner>) -> Result<(), FileError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".partial");
    let partial = PathBuf::from(name);
    remove(&partial)?;
    let mut options = OpenOptions::new();
    let mut file =
        options.write(true).create_new(true).mode(0o600).open(&partial).at("create", &partial)?;
    give(&file, owner).at("give away", &partial)?;
    file.write_all(text.as_bytes()).at("write", &partial)?;
    file.sync_all().at("write", &partial)?;
    fs::rename(&partial, path).at("write", path)
}

/// Removes a file or a whole folder, if it is there.
pub(super) fn remove(path: &Path) -> Result<(), FileError> {
    let removed = match path.symlink_metadata() {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.at("remove", path),
    }
}

/// The text of a file, if it is there.
pub(super) fn read(path: &Path) -> Result<Option<String>, FileError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).at("read", path),
    }
}

fn give(file: &File, owner: Option<Owner>) -> io::Result<()> {
    match owner {
        Some(Owner { uid, gid }) => fchown(file, Some(uid), Some(gid)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_file_is_written_whole_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        for text in ["one", "two"] {
            write(&path, text, None).unwrap();
            assert_eq!(read(&path).unwrap().as_deref(), Some(text));
        }
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_symbolic_link_is_replaced_and_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (victim, link) = (folder.path().join("victim"), folder.path().join("link"));
        fs::write(&victim, "precious").unwrap();
        symlink(&victim, &link).unwrap();
        write(&link, "new", None).unwrap();
        assert_eq!(read(&victim).unwrap().as_deref(), Some("precious"));
        assert_eq!(read(&link).unwrap().as_deref(), Some("new"));
    }

    #[test]
    fn what_is_not_there_is_removed_already() {
        let folder = tempfile::tempdir().unwrap();
        remove(&folder.path().join("nothing")).unwrap();
        assert_eq!(read(&folder.path().join("nothing")).unwrap(), None);
    }

    #[test]
    fn an_error_names_the_thing() {
        let error = create_folder(Path::new("/dev/null/folder"), 0o700, None).unwrap_err();
        assert_eq!(error.to_string(), "cannot create `/dev/null/folder`");
    }
}
