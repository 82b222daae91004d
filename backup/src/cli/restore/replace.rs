//! Putting a backup in the place of what is there: asked for, secured, audited.

use backup::{
    Backup, Kind, Means, Opening, Plan, Programs, RestoreOptions, Secured, Way,
    command::{Progress, explain, keys, programs, secure},
};
use dbkit::{
    DatabaseUrl,
    guard::{Destruction, Permit},
};
use terminal::{Context, Exit, Failure};

use super::{Flags, answer::Done};
use crate::cli::{exists::exists, trail};

pub(super) async fn run(
    flags: &Flags,
    backup: &Backup,
    url: &DatabaseUrl,
    (way, options): (Way, &RestoreOptions),
    command: &str,
    context: &Context,
) -> Result<Done, Failure> {
    if !exists(url, context).await? {
        return Err(nothing_to_replace(backup, url));
    }
    context.refuse_early(Destruction::Replace, &flags.consent)?;
    let opened = context.open_to_write(url.clone()).await?;
    context.refuse_unasked(&opened.target, Destruction::Replace, &flags.consent)?;
    backup::admit(backup, url, options).await.map_err(explain::restore)?;
    let programs = programs(context).await;
    let opening = keys::opening(context)?;
    let plan =
        backup::plan(backup, url, way, options, &programs).await.map_err(explain::restore)?;
    let stakes = stakes(backup, &opened.place(), &plan);
    let permit = context.permit(&opened.target, Destruction::Replace, &flags.consent, &stakes)?;
    let secured = if flags.no_safety_backup {
        None
    } else {
        Some(secure(context, url, &flags.folder, Kind::BeforeRestore).await?)
    };
    let tools = (&opening, &programs);
    let work = async || replace(backup, url, (way, options), &permit, tools, context).await;
    let (glass, kept) = (permit.break_glass(), |done: &Done| done.kept.clone());
    let mut done = trail::replaced(context, opened, command, glass, kept, work).await?;
    done.safety_backup = secured.and_then(|secured| match secured {
        Secured::Backup { id, .. } => Some(id.to_string()),
        Secured::Nothing => None,
    });
    Ok(done)
}

async fn replace(
    backup: &Backup,
    url: &DatabaseUrl,
    (way, options): (Way, &RestoreOptions),
    permit: &Permit,
    (opening, programs): (&Opening, &Programs),
    context: &Context,
) -> Result<Done, Failure> {
    let progress = Progress::new(&context.console);
    let means = Means { opening, programs, report: &progress };
    let (clock, stop) = (&*context.clock, context.stop_requested());
    let place = url.to_string();
    let restored = match way {
        Way::Swap => {
            let swapped = backup::swap(backup, url, options, permit, means, clock, stop).await;
            let swapped = swapped.map_err(explain::restore)?;
            let done = Done::of(backup, way, &swapped.restored, place);
            return Ok(done.exchanged(swapped.kept, swapped.closed_for));
        }
        Way::Tables => backup::restore_tables(backup, url, options, permit, means, stop).await,
        Way::InPlace | Way::NewDb => {
            backup::in_place(backup, url, options, permit, means, stop).await
        }
    };
    Ok(Done::of(backup, way, &restored.map_err(explain::restore)?, place))
}

fn nothing_to_replace(backup: &Backup, url: &DatabaseUrl) -> Failure {
    let (id, name) = (&backup.manifest.id, url.database());
    let message = format!("database `{name}` does not exist: there is nothing to replace");
    Failure::message(Exit::Failed, "connect.no_database", message)
        .hint(format!("make it anew: `backup restore {id} --to {name}`"))
}

fn stakes(backup: &Backup, place: &str, plan: &Plan) -> String {
    let live: u64 = plan.tables.iter().filter_map(|table| table.live).sum();
    let then: u64 = plan.tables.iter().filter_map(|table| table.backup).sum();
    let tables = plan.tables.iter().filter(|table| table.live.is_some()).count();
    format!(
        "{tables} tables with {live} rows of {place} are replaced by {then} rows of {}: \
         what was written since {} is lost",
        backup.manifest.id,
        backup.manifest.started_at.format("%Y-%m-%d %H:%M:%S UTC"),
    )
}
