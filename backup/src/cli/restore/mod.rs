//! `backup restore`

mod answer;
mod flags;
mod plan;
mod replace;

use backup::{
    Backup, Means, RestoreOptions, Restored, Way, choose,
    command::{Progress, Weight, explain, keys, programs, recorded},
};
use dbkit::DatabaseUrl;
use terminal::{Context, Exit, Failure};

use super::exists::exists;
use answer::Done;
pub(super) use flags::Flags;

pub(super) async fn run(flags: &Flags, context: &Context) -> Result<Exit, Failure> {
    let way = flags.way()?;
    let url = context.locate().await?;
    let store = flags.folder.store(context)?;
    let choice = flags.choice()?;
    let backup = choose(&store, &url.database(), &choice).await.map_err(explain::find)?;
    let options = flags.options(context, &url, way)?;
    if flags.plan {
        return plan::run(&backup, &url, way, &options, context).await;
    }
    context.about_database(&url.database());
    context.fact("backup", backup.manifest.id.as_str());
    context.fact("bytes", backup.manifest.artifact.stored.bytes);
    let command = flags.command(&backup.manifest.id, way);
    let work = async || match way {
        Way::NewDb => new_database(&backup, &url, &options, &command, context).await,
        Way::Swap | Way::InPlace | Way::Tables => {
            replace::run(flags, &backup, &url, (way, &options), &command, context).await
        }
    };
    let done = recorded(context, &store, &command, Weight::Destroys, work).await?;
    context.answer(&done)
}

async fn new_database(
    backup: &Backup,
    url: &DatabaseUrl,
    options: &RestoreOptions,
    command: &str,
    context: &Context,
) -> Result<Done, Failure> {
    let restored = if exists(url, context).await? {
        let opened = context.open_to_write(url.clone()).await?;
        let work = async || restore(backup, url, options, context).await;
        context.audited(&opened.db, command, work).await?
    } else {
        // The database itself is what was lost, and with it the place of its audit trail.
        let lost = url.database();
        context.console.note(&format!(
            "`{lost}` does not exist: only the trail beside the backups records this"
        ));
        restore(backup, url, options, context).await?
    };
    let place = url.with_database(&restored.database).to_string();
    Ok(Done::of(backup, Way::NewDb, &restored, place))
}

async fn restore(
    backup: &Backup,
    maintenance: &DatabaseUrl,
    options: &RestoreOptions,
    context: &Context,
) -> Result<Restored, Failure> {
    let (programs, progress) = (programs(context).await, Progress::new(&context.console));
    let (opening, stop) = (keys::opening(context)?, context.stop_requested());
    let means = Means { opening: &opening, programs: &programs, report: &progress };
    backup::restore(backup, maintenance, options, means, stop).await.map_err(explain::restore)
}
