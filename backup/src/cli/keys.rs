//! `backup keys`

use std::path::PathBuf;

use backup::{
    Backup, BackupId, KeyError, Level, Opening, Rekey, Removal, VerifyError,
    command::{FolderFlags, Progress, Weight, explain, keys, programs, recorded},
};
use clap::{Args, Subcommand};
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure};

use super::verify::STALL;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make an identity, which opens backups, and show its recipient, for which they are sealed
    Generate(Generate),
    /// Prove that every identity at hand opens the newest backup; exit code 3 where one does not
    Check(Check),
    /// Seal a backup for those whom BACKUP_RECIPIENTS names now
    Rekey(RekeyFlags),
}

#[derive(Args)]
pub(super) struct Generate {
    /// The new identity file [default: .seaworthy/backup-keys/identity.txt]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct Check {
    #[command(flatten)]
    folder: FolderFlags,
}

#[derive(Args)]
pub(super) struct RekeyFlags {
    /// Which backup: a name, the beginning of one, or `latest`
    #[arg(value_name = "BACKUP")]
    backup: String,

    /// Remove the old one, which its old recipients can open, once the new one was read back
    #[arg(long)]
    remove_old: bool,

    #[command(flatten)]
    folder: FolderFlags,
}

pub(super) async fn run(command: Command, context: &Context) -> Result<Exit, Failure> {
    match command {
        Command::Generate(flags) => generate(&flags, context),
        Command::Check(flags) => check(&flags, context).await,
        Command::Rekey(flags) => rekey(&flags, context).await,
    }
}

#[derive(Serialize)]
struct Generated {
    file: PathBuf,
    recipient: String,
}

fn generate(flags: &Generate, context: &Context) -> Result<Exit, Failure> {
    let output = flags.output.as_ref().map(|path| context.settings.workspace().join(path));
    let file = output.unwrap_or_else(|| keys::identity_file(context));
    let recipient = keys::generate(&file)?.to_string();
    context.answer(&Generated { file, recipient })
}

impl Answer for Generated {
    const SCHEMA: &'static str = "seaworthy/backup.keys.generate/1";

    fn text(&self) -> String {
        format!(
            "Identity in {}: keep it safe, and away from the machine that makes backups\n\
             Seal backups for it: BACKUP_RECIPIENTS={}",
            self.file.display(),
            self.recipient
        )
    }
}

#[derive(Serialize)]
struct Checked {
    id: BackupId,
    identities: Vec<Identity>,
    /// The fingerprints of recipients whose identity is not at hand.
    absent: Vec<String>,
    recipients: usize,
}

#[derive(Serialize)]
struct Identity {
    recipient: String,
    opens: bool,
    reason: Option<String>,
}

async fn check(flags: &Check, context: &Context) -> Result<Exit, Failure> {
    let store = flags.folder.store(context)?;
    let backup = backup::find(&store, None, "latest").await.map_err(explain::find)?;
    let opening = keys::opening(context)?;
    let recorded = &backup.manifest.artifact.recipients;
    let mut absent = recorded.clone();
    let mut identities = Vec::new();
    for (identity, recipient) in
        opening.identities.each().into_iter().zip(opening.identities.recipients())
    {
        absent.retain(|fingerprint| *fingerprint != recipient.fingerprint());
        let alone = Opening { identities: identity, trusted: opening.trusted.clone() };
        let refused = opens(&backup, &alone, context).await?;
        identities.push(Identity {
            recipient: recipient.to_string(),
            opens: refused.is_none(),
            reason: refused.map(|error| error.to_string()),
        });
    }
    let recipients = recorded.len();
    let answer = Checked { id: backup.manifest.id.clone(), identities, absent, recipients };
    let any = answer.identities.iter().any(|identity| identity.opens);
    let all = answer.identities.iter().all(|identity| identity.opens);
    if any && all { context.answer(&answer) } else { context.finding(&answer) }
}

/// Why the backup does not open; nothing, if it opens to its end.
async fn opens(
    backup: &Backup,
    opening: &Opening,
    context: &Context,
) -> Result<Option<KeyError>, Failure> {
    let (programs, progress) = (programs(context).await, Progress::new(&context.console));
    let now = context.clock.now();
    match backup::verify(backup, Level::Hash, opening, &programs, STALL, now, &progress).await {
        Ok(verification) if verification.is_sound() => Ok(None),
        Ok(_) => Err(Failure::message(
            Exit::Found,
            "backup.damaged",
            format!("{} is damaged", backup.manifest.id),
        )
        .hint("see how: `backup verify`")),
        Err(VerifyError::Key { source, .. }) => Ok(Some(source)),
        Err(error) => Err(explain::verify(error)),
    }
}

impl Answer for Checked {
    const SCHEMA: &'static str = "seaworthy/backup.keys.check/1";

    fn text(&self) -> String {
        let mut lines = Vec::new();
        if self.identities.is_empty() {
            lines.push("No identity is at hand: nothing was proven".to_owned());
        }
        lines.extend(self.identities.iter().map(|identity| match &identity.reason {
            None => format!("{} opens {}", identity.recipient, self.id),
            Some(reason) => format!("{} does not open {}: {reason}", identity.recipient, self.id),
        }));
        lines.extend(
            self.absent.iter().map(|recipient| format!("not at hand, so not proven: {recipient}")),
        );
        if self.recipients == 1 {
            lines.push(
                "It is sealed for one recipient alone: a second one, kept elsewhere, would save it \
                 if that identity is lost"
                    .to_owned(),
            );
        }
        lines.join("\n")
    }
}

#[derive(Serialize)]
struct Rekeyed {
    old: BackupId,
    new: BackupId,
    recipients: Vec<String>,
    removed_old: bool,
}

async fn rekey(flags: &RekeyFlags, context: &Context) -> Result<Exit, Failure> {
    let store = flags.folder.store(context)?;
    let old = backup::find(&store, None, &flags.backup).await.map_err(explain::find)?;
    let (opening, sealing) = (keys::opening(context)?, keys::sealing(context)?);
    let note = format!("pid {}, rekey", std::process::id());
    let how = Rekey {
        store: &store,
        opening: &opening,
        sealing: &sealing,
        run: context.run_id,
        note: &note,
    };
    let progress = Progress::new(&context.console);
    let work = async || {
        let sealed = backup::rekey(&old, &how, context.clock.now(), &progress).await;
        let new = sealed.map_err(explain::rekey)?;
        context.fact("backup", new.manifest.id.as_str());
        let removed_old = flags.remove_old
            && backup::remove(&old).await.map_err(explain::prune)? == Removal::Gone;
        Ok((new, removed_old))
    };
    let (command, trail) =
        (format!("keys rekey {}", old.manifest.id), flags.folder.store(context)?);
    let weight = if flags.remove_old { Weight::Destroys } else { Weight::Adds };
    let (new, removed_old) = recorded(context, &trail, &command, weight, work).await?;
    context.answer(&Rekeyed {
        old: old.manifest.id,
        new: new.manifest.id,
        recipients: new.manifest.artifact.recipients,
        removed_old,
    })
}

impl Answer for Rekeyed {
    const SCHEMA: &'static str = "seaworthy/backup.keys.rekey/1";

    fn text(&self) -> String {
        let recipients = match &self.recipients[..] {
            [] => "a passphrase, or nobody in particular".to_owned(),
            recipients => recipients.join(", "),
        };
        let old = if self.removed_old {
            format!("{} was removed", self.old)
        } else {
            format!("{} is still there, for its old recipients", self.old)
        };
        format!("{} is sealed for {recipients}\n{old}", self.new)
    }
}
