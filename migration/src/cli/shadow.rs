//! Where the throw-away database of a command is to be.

use clap::Args;
use dbkit::DatabaseUrl;
use migration_engine::ShadowOptions;
use terminal::{Context, Exit, Failure};

#[derive(Args, Clone, Default)]
pub(super) struct ShadowFlags {
    /// An empty database for throw-away work, where this role may not create databases
    #[arg(long, value_name = "URL")]
    shadow_url: Option<String>,
}

impl ShadowFlags {
    /// Whether a database was named.
    pub(super) const fn is_named(&self) -> bool {
        self.shadow_url.is_some()
    }

    pub(super) fn options(&self, context: &Context) -> Result<ShadowOptions, Failure> {
        let url = self.shadow_url.as_ref().map(|url| url.parse::<DatabaseUrl>()).transpose();
        let url = url.map_err(|error| {
            Failure::new(Exit::Usage, "shadow.url", error)
                .context("--shadow-url cannot be used")
                .hint("say `--shadow-url postgres://USER@HOST:PORT/DATABASE`")
        })?;
        Ok(ShadowOptions { url, run: context.run_id, now: context.clock.now() })
    }
}
