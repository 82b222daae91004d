//! `migration fresh`, `refresh` and `reset`: everything goes, and most of it comes back.

use dbkit::guard::{Destruction, Permit};
use migration::{Migrator, explain::explain};
use migration_engine::{foreign, run};
use terminal::{Context, Exit, Failure, Opened};

use super::change::{Changed, WipeFlags, take_lock};

pub(super) async fn fresh(flags: WipeFlags, context: &Context) -> Result<Exit, Failure> {
    wipe("fresh", &flags, context, async |opened, permit| {
        let steps = &context.console.steps();
        run::wipe(&opened.db, permit, steps).await.map_err(explain)?;
        let applied = apply_all(opened, context).await?;
        Ok(Changed { database: opened.place(), rolled_back: Vec::new(), applied })
    })
    .await
}

pub(super) async fn refresh(flags: WipeFlags, context: &Context) -> Result<Exit, Failure> {
    wipe("refresh", &flags, context, async |opened, permit| {
        let steps = &context.console.steps();
        let rolled_back = run::down(&opened.db, &Migrator, permit, None, &*context.clock, steps)
            .await
            .map_err(explain)?;
        let applied = apply_all(opened, context).await?;
        Ok(Changed { database: opened.place(), rolled_back, applied })
    })
    .await
}

pub(super) async fn reset(flags: WipeFlags, context: &Context) -> Result<Exit, Failure> {
    wipe("reset", &flags, context, async |opened, permit| {
        let steps = &context.console.steps();
        let rolled_back = run::reset(&opened.db, &Migrator, permit, &*context.clock, steps)
            .await
            .map_err(explain)?;
        Ok(Changed { database: opened.place(), rolled_back, applied: Vec::new() })
    })
    .await
}

async fn wipe(
    verb: &str,
    flags: &WipeFlags,
    context: &Context,
    work: impl AsyncFnOnce(&Opened, &Permit) -> Result<Changed, Failure>,
) -> Result<Exit, Failure> {
    context.refuse_early(Destruction::Wipe, &flags.consent)?;
    let opened = context.open_to_write(context.locate().await?).await?;
    let (tables, rows) = foreign::stakes(&opened.db).await.map_err(Failure::database)?;
    let stakes =
        format!("{verb} would drop {tables} tables with about {rows} rows of {}", opened.place());
    let permit = context.permit(&opened.target, Destruction::Wipe, &flags.consent, &stakes)?;
    let _lock = take_lock(context, &opened, flags.lock).await?;
    let changed = context
        .audited_with(&opened.db, verb, permit.break_glass(), async || work(&opened, &permit).await)
        .await?;
    context.answer(&changed)
}

async fn apply_all(opened: &Opened, context: &Context) -> Result<Vec<String>, Failure> {
    run::up(&opened.db, &Migrator, None, &*context.clock, &context.console.steps())
        .await
        .map_err(explain)
}
