//! The local server, as commands use it.

use crate::{context::Context, exit::Exit, failure::Failure};

/// TEMP
pub struct Running {
    /// TEMP
    pub url: dbkit::DatabaseUrl,
}

/// TEMP
pub async fn start(_context: &Context) -> Result<Running, Failure> {
    Err(Failure::message(Exit::Failed, "x", "not yet"))
}
