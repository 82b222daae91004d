//! The supervisor: cleans up after the last test process. Tests start it themselves.

use std::{env, path::PathBuf, time::Duration};

use anyhow::{Context as _, Result};
use integration_tests::{sweep::sweep, tenancy::outlast_users};
use tokio::runtime::Builder;

/// Between two tests of nextest, or two runs, the server should not have to start anew.
const GRACE: Duration = Duration::from_secs(3);

fn main() -> Result<()> {
    let folder = env::args_os().nth(1).context("usage: test-server FOLDER")?;
    let folder = PathBuf::from(folder);
    outlast_users(&folder, GRACE, || {
        Builder::new_current_thread().enable_all().build()?.block_on(sweep(&folder))
    })
}
