//! The supervisor: cleans up after the last test process. Tests start it themselves.

use std::{env, path::PathBuf};

use anyhow::{Context as _, Result};
use integration_tests::{sweep::sweep, tenancy::outlast_users};
use tokio::runtime::Builder;

fn main() -> Result<()> {
    let folder = env::args_os().nth(1).context("usage: test-server FOLDER")?;
    let folder = PathBuf::from(folder);
    outlast_users(&folder, || {
        Builder::new_current_thread().enable_all().build()?.block_on(sweep(&folder))
    })
}
