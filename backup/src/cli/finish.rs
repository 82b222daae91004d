//! `backup finish`

use backup::{
    Finished,
    command::{FolderFlags, Weight, explain, recorded, replacing, size},
};
use clap::Args;
use dbkit::guard::Destruction;
use serde::Serialize;
use terminal::{Answer, ConsentFlags, Context, Exit, Failure, LockFlags};

#[derive(Args)]
pub(super) struct Flags {
    #[command(flatten)]
    folder: FolderFlags,

    #[command(flatten)]
    lock: LockFlags,

    #[command(flatten)]
    consent: ConsentFlags,
}

#[derive(Serialize)]
struct Answered(Finished);

pub(super) async fn run(flags: &Flags, context: &Context) -> Result<Exit, Failure> {
    context.refuse_early(Destruction::Replace, &flags.consent)?;
    let opened = context.open_to_write(context.locate().await?).await?;
    let kept = backup::kept(&opened.url, Some(&opened.url.database())).await;
    let kept = kept.map_err(explain::restore)?;
    let names: Vec<_> = kept.iter().map(|kept| format!("`{}`", kept.database)).collect();
    let bytes = kept.iter().map(|kept| kept.bytes).sum();
    let stakes = format!(
        "what {} held before ({}, {}) is dropped: there is no undo after that",
        opened.place(),
        names.join(", "),
        size(bytes)
    );
    let permit = context.permit(&opened.target, Destruction::Replace, &flags.consent, &stakes)?;
    let options = replacing(context, &opened.url, flags.lock.wait());
    let finish =
        async || backup::finish(&opened.url, &options, &permit).await.map_err(explain::restore);
    let audited =
        async || context.audited_with(&opened.db, "finish", permit.break_glass(), finish).await;
    let store = flags.folder.store(context)?;
    let finished = recorded(context, &store, "finish", Weight::Adds, audited).await?;
    context.answer(&Answered(finished))
}

impl Answer for Answered {
    const SCHEMA: &'static str = "seaworthy/backup.finish/1";

    fn text(&self) -> String {
        let Finished { database, dropped, bytes } = &self.0;
        format!("Dropped what `{database}` held before: {} ({})", dropped.join(", "), size(*bytes))
    }
}
