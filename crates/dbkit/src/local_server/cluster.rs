//! Makes a cluster, so that a killed attempt leaves nothing that could be taken for one.

use std::{fs, time::Duration};

use super::{
    Durability, FileError, access,
    files::{self, At},
    settings,
    site::Site,
};
use crate::postgres::{Installation, RunError, ServerVersion, run};

/// How long `initdb` may take; it is half a second on an idle machine.
const LIMIT: Duration = Duration::from_mins(3);

/// Why there is no cluster.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// `initdb` failed.
    #[error(transparent)]
    Initdb(#[from] RunError),
    /// A file could not be written.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Makes the cluster beside its place and moves it there when it is complete.
pub(super) async fn create(
    site: &Site,
    installation: &Installation,
    durability: Durability,
) -> Result<(), CreateError> {
    let partial = site.partial();
    files::remove(&partial)?;
    files::create_folder(&partial, 0o700, site.owner())?;
    let mut command = site.program(&installation.program("initdb"));
    command
        .args(["--username", access::SUPERUSER, "--auth", "trust"])
        .args(["--encoding", "UTF8", "--data-checksums"])
        .args(locale(installation.version))
        .args((durability == Durability::Throwaway).then_some("--no-sync"))
        .arg("--pgdata")
        .arg(&partial);
    run(command, LIMIT).await?;
    files::write(&partial.join("pg_hba.conf"), access::HBA, site.owner())?;
    let main = partial.join("postgresql.conf");
    let text = files::read(&main)?.unwrap_or_default() + settings::INCLUDE;
    files::write(&main, &text, site.owner())?;
    Ok(fs::rename(&partial, site.data()).at("create", &site.data())?)
}

/// A locale that knows all letters, sorts alike everywhere and needs no package.
///
/// From version 17 on PostgreSQL brings one itself. Before, the C library must have it: those of
/// Linux do, the one of macOS does not, and there only ASCII letters have upper and lower case.
fn locale(version: ServerVersion) -> &'static [&'static str] {
    if version.major() >= 17 {
        &["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    } else if cfg!(target_os = "linux") {
        &["--locale=C.UTF-8"]
    } else {
        &["--locale=C"]
    }
}
