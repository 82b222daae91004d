//! Where PostgreSQL may be installed.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Component, Path, PathBuf},
};

/// Where the distributions put PostgreSQL; `*` stands for any text within one folder's name.
const USUAL_ROOTS: [&str; 9] = [
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/lib/postgresql*/bin",
    "/usr/libexec/postgresql*",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/opt/local/lib/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
];

/// The folders in which to look for PostgreSQL's programs.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// The entries of the caller's `PATH`; a `pg_config` in one of them names a further folder.
    pub path: Vec<PathBuf>,
    /// Further folders; `*` stands for any text within one folder's name.
    pub roots: Vec<PathBuf>,
}

impl Search {
    /// Looks through `PATH`, as the operating system writes it, and the distributions' folders.
    pub fn new(path: Option<&OsStr>) -> Self {
        Self {
            path: path.map(|path| env::split_paths(path).collect()).unwrap_or_default(),
            roots: USUAL_ROOTS.iter().map(PathBuf::from).collect(),
        }
    }

    /// Every place that is looked at, as it was given, for the message that nothing was found.
    pub fn places(&self) -> Vec<PathBuf> {
        self.path.iter().chain(&self.roots).cloned().collect()
    }

    /// The folders of `PATH` that can be meant: an empty or relative entry depends on where the
    /// caller stands, and running whatever lies there has been a security hole often enough.
    pub(super) fn path_folders(&self) -> impl Iterator<Item = &PathBuf> {
        self.path.iter().filter(|folder| folder.is_absolute())
    }

    /// The folders that the roots stand for today.
    pub(super) fn root_folders(&self) -> Vec<PathBuf> {
        self.roots.iter().flat_map(|root| expand(root)).collect()
    }
}

/// The existing paths that a pattern stands for.
fn expand(pattern: &Path) -> Vec<PathBuf> {
    let mut paths = vec![PathBuf::new()];
    for component in pattern.components() {
        paths = match wildcard(component) {
            Some((before, after)) => {
                paths.iter().flat_map(|path| matching(path, before, after)).collect()
            }
            None => paths.into_iter().map(|path| path.join(component)).collect(),
        };
    }
    paths.retain(|path| path.is_dir());
    paths
}

fn wildcard(component: Component<'_>) -> Option<(&str, &str)> {
    match component {
        Component::Normal(name) => name.to_str()?.split_once('*'),
        _ => None,
    }
}

fn matching(folder: &Path, before: &str, after: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let matches = |name: &str| {
        name.strip_prefix(before)
            .is_some_and(|rest| rest.len() >= after.len() && rest.ends_with(after))
    };
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_str().is_some_and(matches))
        .map(|entry| entry.path())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_stands_for_every_version_beneath_it() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["pgsql-14/bin", "pgsql-16/bin", "pgsql-17/lib", "other/bin"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        let mut found = expand(&folder.path().join("pgsql-*/bin"));
        found.sort();
        assert_eq!(found, [folder.path().join("pgsql-14/bin"), folder.path().join("pgsql-16/bin")]);
    }

    #[test]
    fn the_path_is_split_as_the_system_does() {
        let search = Search::new(Some(OsStr::new("/usr/bin::relative:/bin")));
        let folders: Vec<_> = search.path_folders().collect();
        assert_eq!(folders, [Path::new("/usr/bin"), Path::new("/bin")]);
    }

    #[test]
    fn without_a_path_the_usual_folders_remain() {
        let search = Search::new(None);
        assert!(search.path.is_empty());
        assert_eq!(search.places().len(), USUAL_ROOTS.len());
    }
}
