//! The server that the tests use.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result};
use dbkit::{
    DatabaseUrl,
    local_server::{self, Durability, Options, Status},
    postgres::{Search, ServerVersion},
};
use tokio::sync::OnceCell;

use crate::{place, sql, tenancy::Tenancy};

/// Names the server, as a superuser's URL; `DATABASE_URL` is never looked at.
const VARIABLE: &str = "TEST_DATABASE_URL";

/// A PostgreSQL server on which the tests may create what they like.
#[derive(Debug)]
pub struct Server {
    /// For a superuser, to a database that is not a test's.
    pub url: DatabaseUrl,
    /// What the server says of itself.
    pub version: ServerVersion,
    /// What the test processes share that use this server.
    pub(crate) folder: PathBuf,
    _tenancy: Tenancy,
}

/// Which server it is.
pub(crate) enum Which {
    /// The one that somebody named.
    Given(DatabaseUrl),
    /// A throwaway one.
    Own,
}

/// The server; the first call of all test processes starts it.
pub async fn server() -> &'static Server {
    static SERVER: OnceCell<Server> = OnceCell::const_new();
    SERVER.get_or_init(async || open().await.expect("the tests need a PostgreSQL server")).await
}

/// Where PostgreSQL is installed on this machine.
pub fn search() -> Search {
    Search::new(variable("PATH").as_deref())
}

/// Which server the environment asks for.
pub(crate) fn which() -> Result<Which> {
    let Some(url) = variable(VARIABLE).filter(|url| !url.is_empty()) else { return Ok(Which::Own) };
    let url = url.to_string_lossy().parse().with_context(|| format!("{VARIABLE} is unusable"))?;
    Ok(Which::Given(url))
}

/// The workspace in which a throwaway server lives.
pub(crate) fn workspace(folder: &Path) -> PathBuf {
    folder.join("server")
}

#[expect(clippy::disallowed_methods, reason = "the harness is an edge: nobody hands it settings")]
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

async fn open() -> Result<Server> {
    let which = which()?;
    let folder = match &which {
        Which::Given(url) => place::shared_folder(&place::fingerprint(url.expose())),
        Which::Own => place::shared_folder("own"),
    };
    // Taking the lock may wait for a supervisor that cleans up, and so must not block the runtime.
    let tenancy = tokio::task::spawn_blocking({
        let folder = folder.clone();
        move || Tenancy::begin(&folder)
    });
    let tenancy = tenancy.await??;
    let url = match which {
        Which::Given(url) => url,
        Which::Own => start(&workspace(&folder)).await?,
    };
    let num: i32 = sql::ask(&url, "SELECT current_setting('server_version_num')::int4").await?;
    Ok(Server { url, version: ServerVersion::from_num(num), folder, _tenancy: tenancy })
}

async fn start(workspace: &Path) -> Result<DatabaseUrl> {
    fs::create_dir_all(workspace)?;
    // Asking is quicker than starting, which waits for its turn; but a server that runs may still be
    // without the database that whoever starts it makes next.
    if let Ok(Status::Running(running)) = local_server::status(workspace).await
        && sql::session(&running.socket_url).await.is_ok()
    {
        return Ok(running.socket_url);
    }
    let options = Options {
        durability: Durability::Throwaway,
        settings: vec![("max_connections".to_owned(), "300".to_owned())],
        ..Options::default()
    };
    Ok(local_server::start(workspace, &search(), &options, &()).await?.socket_url)
}

/// How long anything on the server may take that the harness itself does.
pub(crate) const LIMIT: Duration = Duration::from_mins(1);
