//! What commands share that make or read backups: `backup` itself, and those that secure a database
//! before they change it.

pub mod data;
pub mod duration;
pub mod explain;
mod folder;
pub mod keys;
mod progress;
mod recorded;
mod size;

use std::time::Duration;

use dbkit::DatabaseUrl;
use terminal::{Context, Failure};

use crate::{
    Compression, CreateLimits, CreateRequest, Kind, Origin, Ownership, RestoreOptions, Secured,
    Tool,
};

pub use folder::{BackupDirFlags, FolderFlags, programs};
pub use progress::Progress;
pub use recorded::{Weight, recorded};
pub use size::size;

/// How long a client program may take that restores.
const LONGEST: Duration = Duration::from_hours(24);

/// What this command asks for when it makes a backup.
pub fn request(
    context: &Context,
    flags: &FolderFlags,
    kind: Kind,
    name: Option<String>,
) -> Result<CreateRequest, Failure> {
    Ok(CreateRequest {
        store: flags.store(context)?,
        name,
        kind,
        tables: Vec::new(),
        compression: Compression::default(),
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
    let command = format!("create --kind {}", kind.name());
    let (clock, trail) = (&*context.clock, flags.store(context)?);
    recorded(context, &trail, &command, Weight::Adds, async || {
        let work = crate::secure(url, &request, &opening, &programs, &limits, clock, &progress);
        let work = Box::pin(async { work.await.map_err(explain::secure) });
        let secured = context.until_stopped(work).await?;
        if let Secured::Backup { id, bytes, .. } = &secured {
            context.fact("backup", id.as_str());
            context.fact("bytes", *bytes);
        }
        Ok(secured)
    })
    .await
}

/// What this command asks for when it does something to the database at `url` as a whole.
pub fn replacing(context: &Context, url: &DatabaseUrl, lock_wait: Duration) -> RestoreOptions {
    RestoreOptions {
        database: url.database(),
        tables: Vec::new(),
        run: context.run_id,
        ownership: Ownership::default(),
        comparison: None,
        origin: Origin::default(),
        environment: context.settings.environment(),
        limit: LONGEST,
        lock_wait,
    }
}
