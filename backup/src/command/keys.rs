//! Which keys seal, sign and open backups.
//!
//! On a developer's machine they make themselves at the first backup. Anywhere else somebody has to have
//! said for whom a backup is sealed, since a key that lies beside it protects nothing.

mod files;

use std::path::{Path, PathBuf};

use dbkit::Environment;
use terminal::{Context, Exit, Failure};

use crate::{Identities, Opening, Passphrase, Recipient, Recipients, Sealing, Signer, SignerKey};

/// What `BACKUP_RECIPIENTS` says where backups are to be readable by everybody.
const NONE: &str = "none";

/// Where keys are that nobody has put elsewhere.
fn own(context: &Context, file: &str) -> PathBuf {
    context.settings.workspace().join(".seaworthy/backup-keys").join(file)
}

fn path_of(context: &Context, variable: &str) -> Option<PathBuf> {
    context.settings.text(variable).map(|path| context.settings.workspace().join(path))
}

/// Where the identities are, and whether somebody has said so.
pub fn identity_file(context: &Context) -> PathBuf {
    path_of(context, "BACKUP_IDENTITY_FILE").unwrap_or_else(|| own(context, "identity.txt"))
}

/// Where the signing key is.
pub fn signing_key_file(context: &Context) -> PathBuf {
    path_of(context, "BACKUP_SIGNING_KEY_FILE").unwrap_or_else(|| own(context, "signing.key"))
}

/// Who is to be able to open a backup that is made now, and who vouches for it.
pub fn sealing(context: &Context) -> Result<Sealing, Failure> {
    Ok(Sealing { recipients: recipients(context)?, signer: signer(context)? })
}

/// What backups can be opened with, and whose word counts.
pub fn opening(context: &Context) -> Result<Opening, Failure> {
    let file = identity_file(context);
    let identities = match files::read(&file)? {
        Some(text) => identities(&file, &text)?,
        None if context.settings.get("BACKUP_IDENTITY_FILE").is_some() => {
            return Err(missing(&file));
        }
        None => Identities::default(),
    };
    let mut trusted = trusted(context)?;
    if let Some(signer) = read_signer(&signing_key_file(context))? {
        trusted.push(signer.key());
    }
    Ok(Opening { identities: identities.with_passphrase(passphrase(context)), trusted })
}

/// Makes an identity in a new file; its recipient.
pub fn generate(file: &Path) -> Result<Recipient, Failure> {
    let exists = || {
        Failure::message(
            Exit::Refused,
            "backup.key_exists",
            format!("`{}` is there already, and may open backups", file.display()),
        )
        .hint("choose another file: `backup keys generate --output FILE`")
    };
    let text = files::new_identity();
    if files::read(file)?.is_some() || files::create(file, &text)? != text {
        return Err(exists());
    }
    identities(file, &text)?.recipients().pop().ok_or_else(exists)
}

fn recipients(context: &Context) -> Result<Recipients, Failure> {
    match (context.settings.text("BACKUP_RECIPIENTS"), passphrase(context)) {
        (Some(_), Some(_)) => Err(Failure::message(
            Exit::Usage,
            "backup.recipients",
            "BACKUP_RECIPIENTS and BACKUP_PASSPHRASE are both set, and a backup has one or the other",
        )
        .hint("unset one of them")),
        (Some(text), None) if text.trim() == NONE => Ok(Recipients::Everybody),
        (Some(text), None) => parse(context, text).map(Recipients::Keys),
        (None, Some(passphrase)) => Ok(Recipients::Passphrase(passphrase)),
        (None, None) => own_recipients(context).map(Recipients::Keys),
    }
}

/// Recipients between commas and white space; one with a `/` is a file of them.
fn parse(context: &Context, text: &str) -> Result<Vec<Recipient>, Failure> {
    let mut recipients = Vec::new();
    for word in words(text) {
        if word.contains('/') {
            let path = context.settings.workspace().join(word);
            let file = std::fs::read_to_string(&path).map_err(|error| {
                Failure::new(Exit::Usage, "backup.recipients", error)
                    .context(format!("cannot read the recipients in `{}`", path.display()))
            })?;
            let lines = file.lines().filter(|line| !line.trim_start().starts_with('#'));
            for word in lines.flat_map(words) {
                recipients.push(recipient(word)?);
            }
        } else {
            recipients.push(recipient(word)?);
        }
    }
    Ok(recipients)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ', '\t', '\n']).filter(|word| !word.is_empty())
}

fn recipient(word: &str) -> Result<Recipient, Failure> {
    word.parse().map_err(|error: crate::InvalidRecipient| {
        Failure::new(Exit::Usage, "backup.recipients", error)
            .hint("`backup keys generate` makes an identity and shows its recipient, `age1…`")
    })
}

/// Those of the workspace's own identity, which is made where there is none and where that is good enough.
fn own_recipients(context: &Context) -> Result<Vec<Recipient>, Failure> {
    let file = identity_file(context);
    if let Some(text) = files::read(&file)? {
        return Ok(identities(&file, &text)?.recipients());
    }
    if context.settings.get("BACKUP_IDENTITY_FILE").is_some() {
        return Err(missing(&file));
    }
    let environment = context.settings.environment();
    if !matches!(environment, Environment::Development | Environment::Testing) {
        return Err(Failure::message(
            Exit::Refused,
            "backup.no_recipients",
            format!("nobody has said who can open the backups of a {environment} database"),
        )
        .hint(
            "make an identity elsewhere (`backup keys generate`), keep it there, and set \
             BACKUP_RECIPIENTS=age1…; or BACKUP_RECIPIENTS=none for backups that everybody can read",
        ));
    }
    let text = files::create(&file, &files::new_identity())?;
    context.console.note(&format!(
        "made the key that opens your backups, {}: keep a copy of it elsewhere",
        file.display()
    ));
    Ok(identities(&file, &text)?.recipients())
}

/// The workspace's own signer, which is made where there is none.
fn signer(context: &Context) -> Result<Signer, Failure> {
    let file = signing_key_file(context);
    if let Some(signer) = read_signer(&file)? {
        return Ok(signer);
    }
    if context.settings.get("BACKUP_SIGNING_KEY_FILE").is_some() {
        return Err(missing(&file));
    }
    let text = files::create(&file, &files::new_signing_key()?)?;
    let signer = parse_signer(&file, &text)?;
    context.console.note(&format!("made the key that signs your backups, {}", signer.key()));
    Ok(signer)
}

fn read_signer(file: &Path) -> Result<Option<Signer>, Failure> {
    files::read(file)?.map(|text| parse_signer(file, &text)).transpose()
}

fn parse_signer(file: &Path, text: &str) -> Result<Signer, Failure> {
    files::seed(text).map(|seed| Signer::from_seed(&seed)).ok_or_else(|| {
        Failure::message(
            Exit::Usage,
            "backup.signing_key",
            format!("`{}` holds no signing key", file.display()),
        )
        .hint("`backup keys generate` makes one")
    })
}

fn trusted(context: &Context) -> Result<Vec<SignerKey>, Failure> {
    let text = context.settings.text("BACKUP_TRUSTED_SIGNERS").unwrap_or_default();
    words(text)
        .map(|word| {
            word.parse().map_err(|error: crate::InvalidSigner| {
                Failure::new(Exit::Usage, "backup.trusted_signers", error)
                    .context("BACKUP_TRUSTED_SIGNERS is unusable")
            })
        })
        .collect()
}

fn passphrase(context: &Context) -> Option<Passphrase> {
    context.settings.text("BACKUP_PASSPHRASE").map(|text| text.to_owned().into())
}

fn identities(file: &Path, text: &str) -> Result<Identities, Failure> {
    Identities::parse(text).map_err(|error| {
        Failure::new(Exit::Usage, "backup.identity", error)
            .context(format!("`{}` is no identity file", file.display()))
            .hint("it holds one `AGE-SECRET-KEY-1…` on each line")
    })
}

fn missing(file: &Path) -> Failure {
    Failure::message(Exit::Usage, "backup.no_key", format!("there is no `{}`", file.display()))
        .hint("correct the setting, or unset it")
}
