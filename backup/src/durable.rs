//! Files that are private, complete and on the disk, or not there at all.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use rustix::{
    fs::{CWD, OFlags, RenameFlags},
    io::Errno,
};

/// Creates a file that is nobody else's; one that is there already is an error.
///
/// The umask may only take rights away, so the mode is set once more on what was created.
pub(crate) fn create_file(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}

/// Creates a folder that is nobody else's; one that is there already is an error.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o700))
}

/// Opens an ordinary file for reading: no symbolic link, and no pipe that would hang.
pub(crate) fn open_file(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
    let flags = i32::try_from(flags).map_err(io::Error::other)?;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not an ordinary file"));
    }
    Ok(file)
}

/// Writes a new file and waits until its content is on the disk.
pub(crate) fn write_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = create_file(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Waits until the names in a folder are on the disk; a file's own `fsync` does not cover its name.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Gives `from` the name `to`, in one step and never in the place of something else, and waits
/// until that is on the disk. Both must be in one folder.
///
/// Where the disk does not promise to keep the new name, `from` has its old one again, as far as that can be
/// done: what failed must not be found as if it had not.
pub(crate) fn publish(from: &Path, to: &Path) -> io::Result<()> {
    publish_once(from, to, sync_folder)
}

fn publish_once(
    from: &Path,
    to: &Path,
    sync: impl FnOnce(&Path) -> io::Result<()>,
) -> io::Result<()> {
    rename(from, to)?;
    to.parent().map_or(Ok(()), sync).inspect_err(|_| drop(rename(to, from)))
}

/// Gives `from` the name `to`, in one step and never in the place of something else.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Network file systems mostly lack the flag. The lock keeps other runs of ours away.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => rename_if_free(from, to),
        other => Ok(other?),
    }
}

/// How many bytes this user can still write to the file system of `path`.
pub(crate) fn free_bytes(path: &Path) -> io::Result<u64> {
    let system = rustix::fs::statvfs(path)?;
    Ok(system.f_bavail.saturating_mul(system.f_frsize))
}

fn rename_if_free(from: &Path, to: &Path) -> io::Result<()> {
    match to.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => fs::rename(from, to),
        Err(error) => Err(error),
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn what_is_created_is_nobody_elses() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("folder");
        create_folder(&folder).unwrap();
        write_file(&folder.join("file"), b"x").unwrap();
        assert_eq!((mode(&folder), mode(&folder.join("file"))), (0o700, 0o600));
    }

    #[test]
    fn nothing_is_written_in_the_place_of_something_else() {
        let place = tempfile::tempdir().unwrap();
        let (from, to) = (place.path().join("from"), place.path().join("to"));
        for rename in [publish, rename_if_free] {
            create_folder(&from).unwrap();
            rename(&from, &to).unwrap();
            create_folder(&from).unwrap();
            let error = rename(&from, &to).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
            fs::remove_dir(&from).unwrap();
            fs::remove_dir(&to).unwrap();
        }
        write_file(&to, b"x").unwrap();
        assert!(write_file(&to, b"y").is_err());
    }

    #[test]
    fn what_the_disk_does_not_keep_is_not_published() {
        let place = tempfile::tempdir().unwrap();
        let (from, to) = (place.path().join("from"), place.path().join("to"));
        create_folder(&from).unwrap();
        let failing = |_: &Path| Err(io::Error::from_raw_os_error(5));
        let error = publish_once(&from, &to, failing).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(5));
        assert!(from.exists() && !to.exists());
    }

    #[test]
    fn a_symbolic_link_is_not_followed() {
        let place = tempfile::tempdir().unwrap();
        let (file, link) = (place.path().join("file"), place.path().join("link"));
        write_file(&file, b"x").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert!(open_file(&file).is_ok());
        assert!(open_file(&link).is_err());
        assert!(open_file(place.path()).is_err());
        assert!(create_file(&link).is_err());
    }
}
