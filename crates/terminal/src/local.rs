//! The local server, as commands use it.

use std::ffi::OsString;

use dbkit::{
    local_server::{self, Download, Options, Running},
    postgres::Search,
};

use crate::{context::Context, failure::Failure, settings::Settings};

/// Where PostgreSQL may be installed: what the environment says, and what the local server has
/// downloaded.
pub fn search(settings: &Settings) -> Search {
    let mut search = Search::new(settings.variable("PATH").map(OsString::as_os_str));
    search.roots.extend(local_server::downloads(settings.workspace()));
    search
}

/// Starts the local server, or finds it running.
pub async fn start(context: &Context) -> Result<Running, Failure> {
    let search = search(&context.settings);
    let download = match context.settings.text("PG_RELEASES_URL") {
        Some(url) => Download::Mirror(url.to_owned()),
        None => Download::Official,
    };
    let options = Options { download, ..Options::default() };
    local_server::start(context.settings.workspace(), &search, &options, &context.console)
        .await
        .map_err(|error| Failure::local_server(error, &search))
}
