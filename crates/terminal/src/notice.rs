//! Telling somebody elsewhere how a run ended, once for all binaries.
//!
//! It happens when everything else is over, the answer included: whatever comes of it is at worst a
//! warning, and never changes an exit code.

use dbkit::notify::{self, InvalidWebhook, Notification, Patience, Status, Webhook};
use tokio::runtime::Builder;

use crate::{
    context::Context, exit::Exit, failure::Failure, redact::redact, run::interruption,
    settings::Settings,
};

/// The receiver that the settings name.
pub(crate) fn webhook(settings: &Settings) -> Result<Option<Webhook>, Failure> {
    let Some(url) = settings.get("NOTIFY_URL") else { return Ok(None) };
    let Some(secret) = settings.text("NOTIFY_SECRET") else {
        let message = format!("NOTIFY_URL (from {}) is set, and NOTIFY_SECRET is not", url.origin);
        return Err(Failure::message(Exit::Usage, "settings.notify", message).hint(SECRET_HINT));
    };
    Webhook::new(&url.value, secret).map(Some).map_err(|error| {
        let (name, hint) = match error {
            InvalidWebhook::Secret | InvalidWebhook::ShortSecret(_) => {
                ("NOTIFY_SECRET", SECRET_HINT)
            }
            _ => ("NOTIFY_URL", "set NOTIFY_URL=https://HOST/PATH; http is for this machine alone"),
        };
        let origin = settings.get(name).map_or(&url.origin, |setting| &setting.origin);
        Failure::new(Exit::Usage, "settings.notify", error)
            .context(format!("{name} (from {origin}) is unusable"))
            .hint(hint)
    })
}

const SECRET_HINT: &str =
    "set NOTIFY_SECRET to the output of `openssl rand -hex 32`, here and at the receiver";

/// What `config` shows of an address that may hold a token.
pub(crate) fn shown(url: &str) -> String {
    // A secret that is long enough for anybody: only the address is of interest here.
    let webhook = Webhook::new(url, "not a secret, but long enough");
    webhook.map_or_else(|_| "unreadable".to_owned(), |webhook| webhook.to_string())
}

/// Tells how this run ended, where somebody listens and it did something to tell of.
pub(crate) fn give(context: &Context, result: &Result<Exit, Failure>) {
    let Some(webhook) = &context.webhook else { return };
    let Some(notification) = notification(context, result) else { return };
    if let Err(reason) = deliver(context, webhook, &notification) {
        context.console.warn(&format!("nobody was told how this ended: {reason}"));
    }
}

fn deliver(
    context: &Context,
    webhook: &Webhook,
    notification: &Notification,
) -> Result<(), String> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let sent = runtime.block_on(async {
        context.console.busy(&format!("telling {webhook}"));
        let patience = Patience::default();
        tokio::select! {
            sent = notify::send(webhook, notification, &patience) => sent.map_err(|error| told(&error)),
            _ = interruption() => Err("interrupted".to_owned()),
        }
    });
    // The system may still look for the host's address, which cannot be interrupted.
    runtime.shutdown_background();
    context.console.clear();
    sent
}

/// The error with its causes, in one line.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn notification(context: &Context, result: &Result<Exit, Failure>) -> Option<Notification> {
    let known = context.story.known();
    let command = redact(known.command.as_ref()?);
    let verb = command.split(' ').next().unwrap_or_default();
    let (exit, class) = match result {
        Ok(Exit::Done) => (Exit::Done, None),
        Ok(exit) => (*exit, known.text("class")),
        Err(failure) => (failure.exit(), Some(failure.class().to_owned())),
    };
    let at = context.clock.now();
    Some(Notification {
        event: format!("{}.{verb}", context.tool.name),
        id: context.run_id,
        tool: context.tool.name.to_owned(),
        database: known.database.clone(),
        environment: context.settings.environment(),
        status: status(exit),
        exit_code: exit as u8,
        class,
        backup: known.text("backup"),
        bytes: known.number("bytes"),
        seconds: (at - context.started).as_seconds_f64(),
        at,
        command,
    })
}

fn status(exit: Exit) -> Status {
    match exit {
        Exit::Done => Status::Done,
        Exit::Found => Status::Found,
        _ => Status::Failed,
    }
}
