//! What every command is given: settings, console, clock, and a name for this run.

use std::io::IsTerminal as _;

use chrono::{DateTime, Utc};
use dbkit::{Clock, FixedClock, SystemClock, audit::Operation, notify::Webhook};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{
    answer::{self, Answer},
    console::{Console, Style},
    exit::Exit,
    failure::Failure,
    flags::{Format, SharedFlags},
    notice, run,
    settings::Settings,
    story::Story,
};

/// The binary that runs.
#[derive(Clone, Copy, Debug)]
pub struct Tool {
    /// Its name, as people type it.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// What every command is given.
pub struct Context {
    /// The binary that runs.
    pub tool: Tool,
    /// The resolved settings.
    pub settings: Settings,
    /// Where progress goes.
    pub console: Console,
    /// What time it is.
    pub clock: Box<dyn Clock>,
    /// Joins everything that this run writes to the audit trail and to histories.
    pub run_id: Uuid,
    /// How the answer is printed.
    pub format: Format,
    /// Whether to say where each setting came from.
    pub verbose: bool,
    pub(crate) stop: Stop,
    pub(crate) story: Story,
    pub(crate) started: DateTime<Utc>,
    pub(crate) webhook: Option<Webhook>,
    interactive: bool,
}

/// Whether this run was asked to stop.
pub(crate) struct Stop(watch::Sender<bool>);

impl Stop {
    /// Asks the run to stop, and returns whether somebody listens.
    pub(crate) fn request(&self) -> bool {
        self.0.send(true).is_ok()
    }
}

impl Context {
    #[expect(clippy::disallowed_methods, reason = "identifiers are made here, at the edge")]
    pub(crate) fn new(
        tool: Tool,
        flags: &SharedFlags,
        settings: Settings,
    ) -> Result<Self, Failure> {
        let ci = settings.text("CI").is_some_and(|value| value != "false");
        let terminal = std::io::stderr().is_terminal() && !ci;
        let style = match (flags.quiet, terminal && !flags.no_progress) {
            (true, _) => Style::Quiet,
            (false, true) => Style::Bar,
            (false, false) => Style::Lines,
        };
        let clock = clock(&settings)?;
        Ok(Self {
            tool,
            started: clock.now(),
            clock,
            webhook: notice::webhook(&settings)?,
            story: Story::default(),
            console: Console::new(style),
            settings,
            run_id: Uuid::now_v7(),
            format: flags.format,
            verbose: flags.verbose > 0,
            stop: Stop(watch::Sender::new(false)),
            interactive: terminal && std::io::stdin().is_terminal(),
        })
    }

    /// Whether somebody sits there and can answer a question.
    pub fn is_interactive(&self) -> bool {
        self.interactive
    }

    /// Resolves when the operator asks this run to stop. A command that has to clean up listens to
    /// it from the moment of this call on; any other is dropped where it stands.
    pub fn stop_requested(&self) -> impl Future<Output = ()> + use<> {
        let mut requested = self.stop.0.subscribe();
        async move {
            // The sender lives as long as the context, so waiting cannot fail while there is one.
            let _ = requested.wait_for(|requested| *requested).await;
        }
    }

    /// Runs `work`, which is dropped where it stands when the operator asks this run to stop, and leaves the time
    /// for what comes after it, such as its result in an audit trail.
    pub async fn until_stopped<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let stopped = self.stop_requested();
        tokio::select! {
            result = work => result,
            () = stopped => Err(run::interrupted()),
        }
    }

    /// Prints the answer, and ends the command with [`Exit::Done`].
    pub fn answer(&self, answer: &impl Answer) -> Result<Exit, Failure> {
        self.console.clear();
        answer::print(answer, true, self.format)?;
        Ok(Exit::Done)
    }

    /// Prints the answer of a check that found something, and ends with [`Exit::Found`].
    pub fn finding(&self, answer: &impl Answer) -> Result<Exit, Failure> {
        self.console.clear();
        answer::print(answer, false, self.format)?;
        Ok(Exit::Found)
    }

    /// How the audit trail names what this run does.
    pub fn operation(&self, command: impl Into<String>) -> Operation {
        Operation {
            id: self.run_id,
            tool: self.tool.name,
            command: command.into(),
            environment: self.settings.environment(),
            actor: actor(),
            host: host(),
        }
    }
}

fn clock(settings: &Settings) -> Result<Box<dyn Clock>, Failure> {
    let Some(epoch) = settings.get("SOURCE_DATE_EPOCH") else {
        return Ok(Box::new(SystemClock));
    };
    let instant = epoch.value.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    match instant {
        Some(instant) => Ok(Box::new(FixedClock(instant))),
        None => Err(Failure::message(
            Exit::Usage,
            "settings.source_date_epoch",
            format!("SOURCE_DATE_EPOCH (from {}) is no number of seconds", epoch.origin),
        )
        .hint("unset it, or set it to the output of `date +%s`")),
    }
}

fn actor() -> String {
    let uid = nix::unistd::geteuid();
    let user = nix::unistd::User::from_uid(uid).ok().flatten();
    user.map_or_else(|| uid.to_string(), |user| user.name)
}

fn host() -> String {
    nix::unistd::gethostname()
        .map_or_else(|_| "unknown".to_owned(), |name| name.to_string_lossy().into_owned())
}
