//! Finds the PostgreSQL installations of this machine, newest first.

use std::{
    cmp::Reverse,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{Search, ServerVersion, program, run};

/// How long a program may take to say its version.
const VERSION_LIMIT: Duration = Duration::from_secs(10);

/// A folder of PostgreSQL's programs that are of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// The folder, with every symbolic link resolved.
    pub bin_dir: PathBuf,
    /// What its programs say of themselves.
    pub version: ServerVersion,
}

impl Installation {
    /// The path of one of its programs, such as `pg_dump`.
    pub fn program(&self, name: &str) -> PathBuf {
        self.bin_dir.join(name)
    }
}

/// The installations that can make and run a server (`postgres`, `initdb`, `pg_ctl`), newest
/// first, of any version.
pub async fn find_servers(search: &Search) -> Vec<Installation> {
    find(search, &["postgres", "initdb", "pg_ctl"]).await
}

/// The installations that can dump and restore (`pg_dump`, `pg_restore`), newest first, of any
/// version.
pub async fn find_clients(search: &Search) -> Vec<Installation> {
    find(search, &["pg_dump", "pg_restore"]).await
}

/// The folders that hold all these programs, with the version of the first one.
async fn find(search: &Search, programs: &[&str]) -> Vec<Installation> {
    let mut folders = Vec::new();
    for folder in candidates(search).await {
        if let Some(real) = real_folder(&folder, programs)
            && !folders.contains(&real)
        {
            folders.push(real);
        }
    }
    let mut found = Vec::new();
    for bin_dir in folders {
        if let Some(version) = version_of(&bin_dir.join(programs[0])).await {
            found.push(Installation { bin_dir, version });
        }
    }
    // The sort is stable: among equals, what stands first in `PATH` stays first.
    found.sort_by_key(|installation| Reverse(installation.version));
    found
}

async fn candidates(search: &Search) -> Vec<PathBuf> {
    let mut folders: Vec<_> = search.path_folders().cloned().collect();
    for folder in search.path_folders() {
        let pg_config = folder.join("pg_config");
        if is_program(&pg_config) {
            folders.extend(ask(&pg_config, "--bindir").await.map(|line| line.trim().into()));
        }
    }
    folders.extend(search.root_folders());
    folders
}

/// The folder in which the first program really lies, if the others lie there as well.
///
/// `/usr/local/bin/postgres` is often a lone symbolic link into a complete installation, and
/// Debian's `/usr/bin/pg_dump` one to a script that chooses a version of its own.
fn real_folder(folder: &Path, programs: &[&str]) -> Option<PathBuf> {
    let real = folder.join(programs[0]).canonicalize().ok()?;
    let real = real.parent()?;
    programs.iter().all(|name| is_program(&real.join(name))).then(|| real.to_owned())
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

async fn version_of(path: &Path) -> Option<ServerVersion> {
    ServerVersion::from_program(&ask(path, "--version").await?)
}

/// What a program answers; one that cannot be run here is as good as absent.
async fn ask(path: &Path, question: &str) -> Option<String> {
    let mut command = program(path);
    command.arg(question);
    run(command, VERSION_LIMIT).await.ok()
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink, process::Command};

    use super::*;

    /// An installation whose programs only say their version.
    ///
    /// A shell writes them: a file that this process has just written cannot be run while another
    /// test's child still holds a copy of the descriptor (`Text file busy`).
    fn install(folder: &Path, answer: &str, programs: &[&str]) {
        let script = r#"mkdir -p "$0" && cd "$0" && answer=$1 && shift && for name; do
            printf '#!/bin/sh\necho "%s"\n' "$answer" >"$name" && chmod 755 "$name"; done"#;
        let status = Command::new("/bin/sh")
            .args(["-c", script])
            .arg(folder)
            .arg(answer)
            .args(programs)
            .status();
        assert!(status.unwrap().success());
    }

    fn postgres(version: &str) -> String {
        format!("postgres (PostgreSQL) {version}")
    }

    const SERVER: [&str; 4] = ["postgres", "initdb", "pg_ctl", "pg_dump"];

    async fn versions(search: &Search) -> Vec<String> {
        find_servers(search).await.iter().map(|found| found.version.to_string()).collect()
    }

    #[tokio::test]
    async fn the_newest_comes_first_wherever_it_is() {
        let place = tempfile::tempdir().unwrap();
        install(&place.path().join("path"), &postgres("15.4"), &SERVER);
        install(&place.path().join("root/9.6/bin"), &postgres("9.6.24"), &SERVER);
        install(&place.path().join("root/17/bin"), &postgres("17.2"), &SERVER);
        let search = Search {
            path: vec![place.path().join("path")],
            roots: vec![place.path().join("root/*/bin")],
        };
        assert_eq!(versions(&search).await, ["17.2", "15.4", "9.6.24"]);
    }

    #[tokio::test]
    async fn an_incomplete_folder_is_no_installation() {
        let place = tempfile::tempdir().unwrap();
        install(place.path(), &postgres("17.2"), &["postgres", "initdb"]);
        let search = Search { path: vec![place.path().into()], roots: Vec::new() };
        assert_eq!(find_servers(&search).await, []);
        assert_eq!(find_clients(&search).await, []);
    }

    #[tokio::test]
    async fn a_symbolic_link_leads_to_the_whole_installation_once() {
        let place = tempfile::tempdir().unwrap();
        let (links, real) = (place.path().join("links"), place.path().join("15/bin"));
        install(&real, &postgres("15.18"), &SERVER);
        fs::create_dir(&links).unwrap();
        for name in ["postgres", "initdb", "pg_ctl"] {
            symlink(real.join(name), links.join(name)).unwrap();
        }
        let search = Search { path: vec![links], roots: vec![place.path().join("*/bin")] };
        let found = find_servers(&search).await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].bin_dir, real.canonicalize().unwrap());
        assert!(found[0].program("pg_dump").is_file());
    }

    #[tokio::test]
    async fn pg_config_names_a_further_folder() {
        let place = tempfile::tempdir().unwrap();
        let (path, real) = (place.path().join("path"), place.path().join("real"));
        install(&real, &postgres("16.1"), &SERVER);
        install(&path, &real.display().to_string(), &["pg_config"]);
        let search = Search { path: vec![path], roots: Vec::new() };
        assert_eq!(versions(&search).await, ["16.1"]);
    }

    #[tokio::test]
    async fn where_nothing_is_installed_nothing_is_found() {
        assert_eq!(find_servers(&Search::default()).await, []);
    }
}
