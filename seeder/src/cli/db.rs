//! `seeder db`: the local server by hand.

use clap::Subcommand;
use dbkit::{
    DatabaseUrl, Environment,
    guard::{Destruction, Target},
    local_server::{self, DestroyError, Running, Status, StatusError, StopError},
};
use serde::Serialize;
use terminal::{Answer, ConsentFlags, Context, Exit, Failure, local, print_raw};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Start it, or find it running
    Start,
    /// Show whether it runs, and where; exit code 3 where it does not
    Status,
    /// Print its URL, for DATABASE_URL; starts it where it does not run
    Url,
    /// Stop it; the data stays
    Stop,
    /// Stop it and delete it with everything in it
    Destroy(ConsentFlags),
}

#[derive(Serialize)]
struct Shown {
    state: &'static str,
    url: Option<String>,
    socket_url: Option<String>,
    version: Option<String>,
    process: Option<i32>,
    folder: Option<String>,
}

#[derive(Serialize)]
struct Ended {
    was: bool,
    text: &'static str,
}

pub(super) async fn run(command: Command, context: &Context) -> Result<Exit, Failure> {
    let workspace = context.settings.workspace();
    match command {
        Command::Start => context.answer(&Shown::running(&local::start(context).await?)),
        Command::Url => {
            let running = local::start(context).await?;
            context.console.clear();
            print_raw(running.url.expose());
            Ok(Exit::Done)
        }
        Command::Status => match local_server::status(workspace).await.map_err(unknown)? {
            Status::Running(running) => context.answer(&Shown::running(&running)),
            Status::Stopped { data_dir } => context.finding(&Shown {
                folder: Some(data_dir.display().to_string()),
                ..Shown::state("stopped")
            }),
            Status::Absent => context.finding(&Shown::state("absent")),
        },
        Command::Stop => {
            let was = local_server::stop(workspace, &context.console).await.map_err(stop_failed)?;
            let text = if was { "Stopped; the data stays" } else { "Nothing was running" };
            context.answer(&Ended { was, text })
        }
        Command::Destroy(consent) => destroy(&consent, context).await,
    }
}

async fn destroy(consent: &ConsentFlags, context: &Context) -> Result<Exit, Failure> {
    let target = Target {
        environment: Environment::Development,
        stamp: None,
        database: local_server::DATABASE.to_owned(),
        local: true,
    };
    let stakes = "destroy would delete the local server with everything in it";
    let permit = context.permit(&target, Destruction::Wipe, consent, stakes)?;
    let was = local_server::destroy(context.settings.workspace(), &permit, &context.console)
        .await
        .map_err(|error| match error {
            DestroyError::Stop(error) => stop_failed(error),
            other => Failure::new(Exit::Failed, "local_server.destroy", other),
        })?;
    let text = if was { "Deleted" } else { "There was none" };
    context.answer(&Ended { was, text })
}

fn unknown(error: StatusError) -> Failure {
    Failure::new(Exit::Failed, "local_server.status", error)
        .hint("`cargo run -p seeder -- db start` repairs what a killed command left")
}

fn stop_failed(error: StopError) -> Failure {
    match error {
        StopError::Turn(_) => Failure::new(Exit::Busy, "local_server.busy", error)
            .hint("wait for the other command, then try again"),
        other => Failure::new(Exit::Failed, "local_server.stop", other)
            .hint("close what is connected to it, then try again"),
    }
}

impl Shown {
    fn state(state: &'static str) -> Self {
        Self { state, url: None, socket_url: None, version: None, process: None, folder: None }
    }

    fn running(running: &Running) -> Self {
        Self {
            url: Some(text(&running.url)),
            socket_url: Some(text(&running.socket_url)),
            version: Some(running.version.to_string()),
            process: Some(running.pid),
            folder: Some(running.data_dir.display().to_string()),
            ..Self::state("running")
        }
    }
}

fn text(url: &DatabaseUrl) -> String {
    url.to_string()
}

impl Answer for Shown {
    const SCHEMA: &'static str = "seaworthy/seeder.db/1";

    fn text(&self) -> String {
        let process = self.process.map(|pid| pid.to_string());
        let state = Some(self.state.to_owned());
        [
            ("state", &state),
            ("version", &self.version),
            ("process", &process),
            ("url", &self.url),
            ("as superuser", &self.socket_url),
            ("folder", &self.folder),
        ]
        .into_iter()
        .filter_map(|(name, value)| value.as_ref().map(|value| format!("{name:<14}{value}")))
        .collect::<Vec<_>>()
        .join("\n")
    }
}

impl Answer for Ended {
    const SCHEMA: &'static str = "seaworthy/seeder.db.end/1";

    fn text(&self) -> String {
        self.text.to_owned()
    }
}
