//! What commands share that make or read backups: `backup` itself, and those that secure a database
//! before they change it.

pub mod data;
pub mod explain;
mod folder;
pub mod keys;
mod progress;
mod size;

use dbkit::DatabaseUrl;
use terminal::{Context, Failure};

use crate::{CreateLimits, CreateRequest, Kind, Secured, Tool};

pub use folder::{BackupDirFlags, FolderFlags, programs};
pub use progress::Progress;
pub use size::size;

/// What this command asks for when it makes a backup.
pub fn request(
    context: &Context,
    flags: &FolderFlags,
    kind: Kind,
    name: Option<String>,
) -> Result<CreateRequest, Failure> {
    Ok(CreateRequest {
        store: flags.store(context),
        name,
        kind,
        tables: Vec::new(),
        sealing: keys::sealing(context)?,
        sanitised: None,
        environment: context.settings.environment(),
        host: context.operation("create").host,
        tool: Tool { name: context.tool.name.to_owned(), version: context.tool.version.to_owned() },
        run: context.run_id,
    })
}

/// Secures the database at `url` before this command does what can lose data; see
/// [`secure`](crate::secure()).
pub async fn secure(
    context: &Context,
    url: &DatabaseUrl,
    flags: &FolderFlags,
    kind: Kind,
) -> Result<Secured, Failure> {
    let request = request(context, flags, kind, None)?;
    let opening = keys::opening(context)?;
    let (programs, limits) = (programs(context).await, CreateLimits::default());
    let progress = Progress::new(&context.console);
    crate::secure(url, &request, &opening, &programs, &limits, &*context.clock, &progress)
        .await
        .map_err(explain::secure)
}
