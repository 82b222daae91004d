//! `backup undo`

use backup::{
    Undone,
    command::{FolderFlags, Progress, Weight, explain, recorded, replacing},
};
use clap::Args;
use dbkit::{
    DatabaseUrl,
    guard::{Destruction, Target},
};
use serde::Serialize;
use terminal::{Answer, ConsentFlags, Context, Exit, Failure, LockFlags};

use super::{exists::exists, trail};

#[derive(Args)]
pub(super) struct Flags {
    /// What to bring back [default: what was replaced last]
    #[arg(value_name = "KEPT_DATABASE")]
    kept: Option<String>,

    #[command(flatten)]
    folder: FolderFlags,

    #[command(flatten)]
    lock: LockFlags,

    #[command(flatten)]
    consent: ConsentFlags,
}

#[derive(Serialize)]
struct Answered {
    #[serde(flatten)]
    undone: Undone,
    closed_for_seconds: f64,
}

pub(super) async fn run(flags: &Flags, context: &Context) -> Result<Exit, Failure> {
    let url = context.locate().await?;
    context.refuse_early(Destruction::Replace, &flags.consent)?;
    let store = flags.folder.store(context)?;
    let work = async || undo(flags, &url, context).await;
    let undone = recorded(context, &store, "undo", Weight::Adds, work).await?;
    let closed_for_seconds = undone.closed_for.as_secs_f64();
    context.answer(&Answered { undone, closed_for_seconds })
}

async fn undo(flags: &Flags, url: &DatabaseUrl, context: &Context) -> Result<Undone, Failure> {
    let name = url.database();
    let stakes = format!(
        "what `{name}` on {}:{} holds now is exchanged for what it held before the restore",
        url.host(),
        url.port()
    );
    let options = replacing(context, url, flags.lock.wait());
    let progress = Progress::new(&context.console);
    let which = flags.kept.as_deref();
    if exists(url, context).await? {
        let opened = context.open_to_write(url.clone()).await?;
        let permit =
            context.permit(&opened.target, Destruction::Replace, &flags.consent, &stakes)?;
        let undo = async || {
            backup::undo(url, &options, which, &permit, &*context.clock, &progress)
                .await
                .map_err(explain::restore)
        };
        let (glass, kept) = (permit.break_glass(), |undone: &Undone| undone.kept.clone());
        trail::replaced(context, opened, "undo", glass, kept, undo).await
    } else {
        context.console.note(&format!(
            "`{name}` does not exist: only the trail beside the backups records this"
        ));
        let target = Target {
            environment: context.settings.environment(),
            stamp: None,
            database: name,
            local: url.is_local(),
        };
        let permit = context.permit(&target, Destruction::Replace, &flags.consent, &stakes)?;
        backup::undo(url, &options, which, &permit, &*context.clock, &progress)
            .await
            .map_err(explain::restore)
    }
}

impl Answer for Answered {
    const SCHEMA: &'static str = "seaworthy/backup.undo/1";

    fn text(&self) -> String {
        let Undone { database, was, kept, .. } = &self.undone;
        let text = format!(
            "`{database}` is what was kept as `{was}`; nobody could get in for {:.2} s",
            self.closed_for_seconds
        );
        match kept {
            Some(kept) => text + &format!("\n  what it was until now is kept as `{kept}`"),
            None => text,
        }
    }
}
