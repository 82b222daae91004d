//! `migration down`: what it would lose is counted, the database secured and the operator asked, in this
//! order, before anything is rolled back.

mod answer;
mod preparation;
mod proof;

use backup::command::BackupDirFlags;
use clap::Args;
use dbkit::{Environment, guard::Destruction};
use migration::{explain::explain, project::project};
use migration_engine::{
    Downto, Project, Session, ledger,
    run::{self, Chosen, DownOptions, Undone},
};
use terminal::{ConsentFlags, Context, Exit, Failure, Opened};

use super::{
    named::full_name,
    plan::dry_run_down,
    session::{LimitFlags, open, orders},
    shadow::ShadowFlags,
};
use answer::Down;
use preparation::Preparation;

#[derive(Args)]
pub(super) struct Flags {
    #[command(flatten)]
    selection: Selection,
    /// Show what would be done, on a throw-away database beside the target, which is only read
    #[arg(long)]
    dry_run: bool,
    /// Keep what would be lost in the schema seaworthy; the next `up` puts it back
    #[arg(long, conflicts_with = "dry_run")]
    safekeep: bool,
    #[command(flatten)]
    backup: BackupFlags,
    #[command(flatten)]
    shadow: ShadowFlags,
    #[command(flatten)]
    limits: LimitFlags,
    #[command(flatten)]
    consent: ConsentFlags,
}

/// Which migrations.
#[derive(Args)]
struct Selection {
    /// Roll back this many, the last applied first
    #[arg(
        short = 'n',
        long = "steps",
        visible_alias = "num",
        value_name = "N",
        default_value_t = 1,
        conflicts_with_all = ["to", "only"]
    )]
    steps: usize,
    /// Roll back everything that was applied after this one, which stays
    #[arg(long, visible_alias = "target", value_name = "NAME", conflicts_with = "only")]
    to: Option<String>,
    /// Roll back this one alone, out of the middle, if it is proven that nothing else is touched
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Take the statements from the ledger where this binary does not have the file
    #[arg(long)]
    from_ledger: bool,
}

#[derive(Args)]
#[command(next_help_heading = "Backup")]
struct BackupFlags {
    #[command(flatten)]
    folder: BackupDirFlags,
    /// Roll back without a backup, for a reason that is audited
    #[arg(long, requires = "reason")]
    no_backup: bool,
    /// Why there need not be a backup
    #[arg(long, value_name = "TEXT", requires = "no_backup", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    reason: Option<String>,
}

impl Selection {
    /// With the name as it was typed.
    fn typed(&self) -> Downto {
        match (&self.to, &self.only) {
            (Some(to), _) => Downto::Target(to.clone()),
            (None, Some(only)) => Downto::Only(only.clone()),
            (None, None) => Downto::Steps(self.steps),
        }
    }

    /// With the whole name.
    async fn downto(&self, opened: &Opened, project: &Project) -> Result<Downto, Failure> {
        Ok(match self.typed() {
            Downto::Target(to) => Downto::Target(full_name(&opened.db, project, &to).await?),
            Downto::Only(only) => Downto::Only(full_name(&opened.db, project, &only).await?),
            other => other,
        })
    }
}

impl Flags {
    /// How the audit trail and the ledger name the command.
    fn command(&self, downto: &Downto) -> String {
        let what = match downto {
            Downto::Steps(steps) => format!("down -n {steps}"),
            Downto::Target(name) => format!("down --to {name}"),
            Downto::Only(name) => format!("down --only {name}"),
            Downto::All => "down".to_owned(),
        };
        match &self.backup.reason {
            Some(reason) => format!("{what} --no-backup --reason {reason:?}"),
            None => what,
        }
    }
}

pub(super) async fn run(flags: Flags, context: &Context) -> Result<Exit, Failure> {
    if flags.dry_run {
        let Selection { from_ledger, .. } = flags.selection;
        let typed = flags.selection.typed();
        return dry_run_down(context, &typed, from_ledger, &flags.shadow).await;
    }
    context.refuse_early(Destruction::RollBack, &flags.consent)?;
    let opened = context.open_to_write(context.locate().await?).await?;
    let project = project();
    let downto = flags.selection.downto(&opened, &project).await?;
    let chosen = chosen(&opened, &project, &downto, flags.selection.from_ledger).await?;
    if chosen.is_empty() {
        return context.answer(&Down::nothing(&opened));
    }
    context.refuse_unasked(&opened.target, Destruction::RollBack, &flags.consent)?;
    if let Downto::Only(name) = &downto {
        proof::demand(&opened, &project, name, &flags.shadow, context).await?;
    }
    let preparation = match context.settings.environment() {
        Environment::Testing if !flags.safekeep => Preparation::default(),
        _ => Preparation::make(&opened, &project, &chosen, &flags, context).await?,
    };
    let stakes = preparation.stakes(&opened, &chosen);
    let permit = context.permit(&opened.target, Destruction::RollBack, &flags.consent, &stakes)?;
    let session = open(context, &opened, flags.limits.lock).await?;
    still_the_same(&session, &project, &downto, &flags, &chosen).await?;
    let command = flags.command(&downto);
    let (operation, steps) = (context.operation(&command), context.console.steps());
    let mut orders = orders(context, &operation, flags.limits.limits(), &steps);
    preparation.note(&mut orders.facts, flags.backup.reason.clone());
    let options = DownOptions {
        from_ledger: flags.selection.from_ledger,
        safekeep: preparation.kept(flags.safekeep),
    };
    let rolled_back: Vec<Undone> = context
        .audited_with(&opened.db, &command, permit.break_glass(), async || {
            run::down(&session, &project, &permit, &downto, options, &orders).await.map_err(explain)
        })
        .await?;
    session.close().await?;
    let answer = Down::of(&opened, rolled_back, preparation);
    if answer.differs() { context.finding(&answer) } else { context.answer(&answer) }
}

/// What the rollback is about, before any lock is taken.
async fn chosen(
    opened: &Opened,
    project: &Project,
    downto: &Downto,
    from_ledger: bool,
) -> Result<Vec<Chosen>, Failure> {
    run::ours(&opened.db, project).await.map_err(explain)?;
    let ledger = ledger::read(&opened.db, project).await?;
    let chosen = run::rollback(project, &ledger, downto, from_ledger);
    chosen.map_err(explain)
}

/// Another run may have come first: then the receipt and the backup are of another database.
async fn still_the_same(
    session: &Session,
    project: &Project,
    downto: &Downto,
    flags: &Flags,
    before: &[Chosen],
) -> Result<(), Failure> {
    let ledger = ledger::read(session.db(), project).await?;
    let now = run::rollback(project, &ledger, downto, flags.selection.from_ledger);
    let now = now.map_err(explain)?;
    if now.iter().map(|(name, _)| name).eq(before.iter().map(|(name, _)| name)) {
        return Ok(());
    }
    Err(Failure::message(
        Exit::Refused,
        "migration.moved_on",
        "another run has changed what is applied since the receipt was made",
    )
    .hint("look at `migration status`, and run `migration down` again"))
}
