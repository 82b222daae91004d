//! Where the team's workspace is: the folder of `.env` files and of `.seaworthy/`.

use std::path::{Path, PathBuf};

/// The nearest folder, from `start` upwards, that holds a `Cargo.lock` or a `.seaworthy`;
/// `start` itself where there is none, as beside an installed binary.
pub(crate) fn find(start: &Path) -> PathBuf {
    let marks =
        |folder: &&Path| folder.join("Cargo.lock").is_file() || folder.join(".seaworthy").is_dir();
    start.ancestors().find(marks).unwrap_or(start).to_path_buf()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_crate_belongs_to_the_workspace_above() {
        let folder = tempfile::tempdir().unwrap();
        let member = folder.path().join("migration/src");
        std::fs::create_dir_all(&member).unwrap();
        std::fs::write(folder.path().join("Cargo.lock"), "").unwrap();
        assert_eq!(find(&member), folder.path());
    }
}
