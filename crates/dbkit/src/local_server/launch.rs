//! Starts the server of a cluster on a free port.

use std::{fs, net::TcpListener, path::PathBuf, process::Stdio, time::Duration};

use tokio::time::{Instant, sleep};

use super::{
    FileError, LocalServerEvent, Options,
    files::{self, At},
    postmaster, settings,
    site::{self, Site},
    socket,
};
use crate::{
    Report,
    postgres::{Installation, RunError, last_lines, run},
};

/// How long `pg_ctl` waits for the server, in seconds; after a crash it has to recover first.
const PG_CTL_SECONDS: &str = "60";

/// How long to wait for `pg_ctl` itself.
const LIMIT: Duration = Duration::from_secs(75);

/// How long attempts are repeated that fail for a passing reason.
const PATIENCE: Duration = Duration::from_secs(20);

/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(100);

/// What the log says if somebody took the port between our look and the server's.
const PORT_TAKEN: &str = "Address already in use";

/// What the log says while children of a killed server are still at work.
const CHILDREN_AT_WORK: &str = "is still in use";

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// `pg_ctl` gave up.
    #[error("the server did not start; `{}` ends with:\n{end}", log.display())]
    Failed {
        /// The server's log.
        log: PathBuf,
        /// Its last lines, of this start alone.
        end: String,
        /// What `pg_ctl` said.
        source: RunError,
    },
    /// No TCP port could be had.
    #[error("there is no free port on 127.0.0.1")]
    NoPort(#[source] std::io::Error),
    /// A file could not be written.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Starts the server, so that it answers soon.
pub(super) async fn launch(
    site: &Site,
    installation: &Installation,
    preferred: Option<u16>,
    options: &Options,
    report: &dyn Report<LocalServerEvent>,
) -> Result<(), LaunchError> {
    let socket_folder = site.prepare_socket_folder()?;
    if is_on_its_way(site)? {
        return Ok(());
    }
    socket::sweep(&socket_folder)?;
    postmaster::bury(&site.data(), site.owner())?;
    rotate(site)?;
    let mut port = match preferred.filter(|port| is_free(*port)) {
        Some(port) => port,
        None => free_port()?,
    };
    let begun = Instant::now();
    loop {
        let text = settings::render(port, &socket_folder, options);
        files::write(&site.data().join(settings::FILE), &text, site.owner())?;
        report.report(&LocalServerEvent::Starting { port });
        let before = read_log(site)?.len();
        let Err(source) = pg_ctl_start(site, installation).await else { return Ok(()) };
        if is_on_its_way(site)? {
            return Ok(());
        }
        let log = read_log(site)?;
        let said = log.get(before..).unwrap_or(&log);
        let taken = said.contains(PORT_TAKEN);
        if begun.elapsed() >= PATIENCE || !(taken || said.contains(CHILDREN_AT_WORK)) {
            return Err(LaunchError::Failed { log: site.log(), end: last_lines(said), source });
        }
        if taken {
            port = free_port()?;
        }
        sleep(PAUSE).await;
    }
}

/// Whether the server of an interrupted start has come up meanwhile; then there is no need for
/// another, and PostgreSQL would not let it start.
fn is_on_its_way(site: &Site) -> Result<bool, FileError> {
    Ok(postmaster::find(&site.data())?.is_some())
}

/// The server inherits what `pg_ctl` has, and a pipe of ours would stay open as long as it runs.
///
/// `pg_ctl` puts its paths into a line for the shell, where a workspace named `$(boom)` would do
/// what it says; so it stands in the home and is told names that are always the same.
async fn pg_ctl_start(site: &Site, installation: &Installation) -> Result<(), RunError> {
    let mut command = site.program(&installation.program("pg_ctl"));
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.args(["start", "-w", "-s", "-t", PG_CTL_SECONDS]);
    command.args(["-D", site::DATA, "-l", site::LOG]).current_dir(&site.home);
    run(command, LIMIT).await.map(drop)
}

/// Keeps the log of the run before, and no more.
fn rotate(site: &Site) -> Result<(), FileError> {
    let log = site.log();
    if !log.exists() {
        return Ok(());
    }
    fs::rename(&log, log.with_extension("log.1")).at("rename", &log)
}

fn read_log(site: &Site) -> Result<String, FileError> {
    Ok(files::read(&site.log())?.unwrap_or_default())
}

fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}

fn free_port() -> Result<u16, LaunchError> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(LaunchError::NoPort)?;
    Ok(listener.local_addr().map_err(LaunchError::NoPort)?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_not_free() {
        let holder = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        assert!(!is_free(holder.local_addr().unwrap().port()));
    }
}
