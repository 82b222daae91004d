//! `backup restore`

mod answer;
mod flags;
mod plan;
mod replace;

use backup::{
    Backup, Means, RestoreOptions, Restored, Way, choose,
    command::{Progress, explain, keys, programs},
};
use dbkit::DatabaseUrl;
use terminal::{Context, Exit, Failure};

use super::exists::exists;
use answer::Done;
pub(super) use flags::Flags;

pub(super) async fn run(flags: &Flags, context: &Context) -> Result<Exit, Failure> {
    let way = flags.way()?;
    let url = context.locate().await?;
    let store = flags.folder.store(context);
    let choice = flags.choice()?;
    let backup = choose(&store, &url.database(), &choice).await.map_err(explain::find)?;
    let options = flags.options(context, &url, way)?;
    if flags.plan {
        return plan::run(&backup, &url, way, &options, context).await;
    }
    match way {
        Way::NewDb => new_database(&backup, &url, &options, context).await,
        Way::Swap | Way::InPlace | Way::Tables => {
            replace::run(flags, &backup, url, way, &options, context).await
        }
    }
}

async fn new_database(
    backup: &Backup,
    url: &DatabaseUrl,
    options: &RestoreOptions,
    context: &Context,
) -> Result<Exit, Failure> {
    let command = format!("restore {} --to {}", backup.manifest.id, options.database);
    let restored = if exists(url, context).await? {
        let opened = context.open_to_write(url.clone()).await?;
        context
            .audited(&opened.db, &command, async || restore(backup, url, options, context).await)
            .await?
    } else {
        // The database itself is what was lost, and with it the place of its audit trail.
        context.console.warn(&format!("`{}` does not exist: this is not audited", url.database()));
        restore(backup, url, options, context).await?
    };
    let place = url.with_database(&restored.database).to_string();
    context.answer(&Done::of(backup, Way::NewDb, &restored, place))
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
