//! Copying a database on its own server, which is for rows that somebody has invented.

use dbkit::{Environment, snapshot::Snapshots};

use crate::{context::Context, exit::Exit, failure::Failure, target::Opened};

impl Context {
    /// Refuses where rows are not invented: a copy on the same server is no backup.
    pub fn require_invented_rows(&self) -> Result<(), Failure> {
        let environment = self.settings.environment();
        if matches!(environment, Environment::Development | Environment::Testing) {
            return Ok(());
        }
        let message = format!("snapshots are for development and testing, not for {environment}");
        Err(Failure::message(Exit::Refused, "refused.snapshot", message)
            .hint("back the database up: `cargo run -p backup -- create`"))
    }

    /// Copies the database under `name`; nobody may be connected, and we are no longer afterwards.
    pub async fn take_snapshot(&self, opened: &Opened, name: &str) -> Result<(), Failure> {
        opened.db.clone().close().await?;
        Snapshots::of(&opened.url).take(name).await.map_err(Failure::snapshot)
    }
}
