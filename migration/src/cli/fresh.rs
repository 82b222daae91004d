//! `migration fresh`, `refresh` and `reset`: everything goes, and most of it comes back.

use clap::Args;
use dbkit::guard::{Destruction, Permit};
use migration::{explain::explain, project::project};
use migration_engine::{
    Downto, Orders, Session, Upto, foreign,
    run::{self, DownOptions, Undone},
};
use terminal::{ConsentFlags, Context, Exit, Failure};

use super::{
    session::{LimitFlags, open, orders},
    up::Changed,
};

#[derive(Args)]
pub(super) struct WipeFlags {
    #[command(flatten)]
    limits: LimitFlags,
    #[command(flatten)]
    consent: ConsentFlags,
}

pub(super) async fn fresh(flags: WipeFlags, context: &Context) -> Result<Exit, Failure> {
    wipe("fresh", &flags, context, async |session, permit, orders| {
        let project = project();
        run::wipe(session, &project, permit, orders).await.map_err(explain)?;
        let applied = run::up(session, &project, &Upto::All, orders).await.map_err(explain)?;
        Ok((Vec::new(), applied))
    })
    .await
}

pub(super) async fn refresh(flags: WipeFlags, context: &Context) -> Result<Exit, Failure> {
    wipe("refresh", &flags, context, async |session, permit, orders| {
        let (project, options) = (project(), DownOptions::default());
        let rolled_back = run::down(session, &project, permit, &Downto::All, options, orders)
            .await
            .map_err(explain)?;
        let applied = run::up(session, &project, &Upto::All, orders).await.map_err(explain)?;
        Ok((rolled_back, applied))
    })
    .await
}

pub(super) async fn reset(flags: WipeFlags, context: &Context) -> Result<Exit, Failure> {
    wipe("reset", &flags, context, async |session, permit, orders| {
        let rolled_back = run::reset(session, &project(), permit, orders).await.map_err(explain)?;
        Ok((rolled_back, Vec::new()))
    })
    .await
}

async fn wipe(
    verb: &str,
    flags: &WipeFlags,
    context: &Context,
    work: impl AsyncFnOnce(
        &Session,
        &Permit,
        &Orders<'_>,
    ) -> Result<(Vec<Undone>, Vec<String>), Failure>,
) -> Result<Exit, Failure> {
    context.refuse_early(Destruction::Wipe, &flags.consent)?;
    let opened = context.open_to_write(context.locate().await?).await?;
    let (tables, rows) = foreign::stakes(&opened.db).await.map_err(Failure::database)?;
    let stakes =
        format!("{verb} would drop {tables} tables with about {rows} rows of {}", opened.place());
    let permit = context.permit(&opened.target, Destruction::Wipe, &flags.consent, &stakes)?;
    let session = open(context, &opened, flags.limits.lock).await?;
    let (operation, steps) = (context.operation(verb), context.console.steps());
    let orders = orders(context, &operation, flags.limits.limits(), &steps);
    let (rolled_back, applied) = context
        .audited_with(&opened.db, verb, permit.break_glass(), async || {
            work(&session, &permit, &orders).await
        })
        .await?;
    session.close().await?;
    let rolled_back = rolled_back.into_iter().map(|undone| undone.name).collect();
    context.answer(&Changed { database: opened.place(), rolled_back, applied })
}
