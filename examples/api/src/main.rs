//! The `api` binary: settings, connection, the rows that the code relies on, socket, and an orderly end.

use std::{env, future::IntoFuture as _, net::Ipv4Addr, process::ExitCode, time::Duration};

use anyhow::{Context as _, Result};
use dbkit::{ConnectEvent, ConnectOptions, DatabaseUrl, Environment, Report, SystemClock};
use seeding_engine::{
    Database,
    boot::{EnsureEvent, EnsureOptions, ensure},
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tracing_subscriber::{EnvFilter, filter::LevelFilter};
use uuid::Uuid;

const DEFAULT_PORT: u16 = 3000;
/// How long requests under way may take after we were asked to stop.
const GRACE: Duration = Duration::from_secs(10);

/// How long we try to make sure that the rows are there that the code relies on.
const BUDGET: Duration = Duration::from_secs(30);

struct Settings {
    database_url: DatabaseUrl,
    environment: Environment,
    port: u16,
}

#[tokio::main]
#[expect(clippy::print_stderr, reason = "the one line that says why the server did not start")]
async fn main() -> ExitCode {
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into());
    tracing_subscriber::fmt()
        .with_env_filter(filter.from_env_lossy())
        .with_writer(std::io::stderr)
        .init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let settings = settings()?;
    let options = ConnectOptions {
        connect_timeout: Duration::from_secs(5),
        statement_timeout: Some(Duration::from_secs(5)),
        max_connections: 10,
        retry_for: Duration::from_secs(30),
        ..ConnectOptions::new("api")
    };
    let db = dbkit::connect(&settings.database_url, &options, &Log).await?;
    let database = Database { pool: &db, url: &settings.database_url, connect: &options };
    rely_on_rows(database, settings.environment).await?;
    let app = api::router(db.clone(), SystemClock, rand::random);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, settings.port))
        .await
        .with_context(|| format!("cannot listen on port {}", settings.port))?;
    tracing::info!("listening on http://{}", listener.local_addr()?);
    serve(listener, app).await?;
    Ok(db.close().await?)
}

/// Makes sure that the roles, the permissions and the system accounts are there. An account that is
/// made here has no password; `seeder run` before the first start gives it one.
#[expect(clippy::disallowed_methods, reason = "identifiers are made here, at the edge")]
async fn rely_on_rows(database: Database<'_>, environment: Environment) -> Result<()> {
    let seeds = seeder::seeds(&seeder::Settings::default());
    let options = EnsureOptions {
        environment,
        budget: BUDGET,
        actor: "api".to_owned(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let ensured = ensure(database, &seeds, &options, Uuid::now_v7(), &SystemClock, &Log).await?;
    tracing::info!(created = ensured.counts.created, "reference and system rows are there");
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the edge, where the environment is read once")]
fn settings() -> Result<Settings> {
    let database_url = env::var("DATABASE_URL").ok().filter(|url| !url.is_empty()).context(
        "DATABASE_URL is not set; `cargo run -q -p seeder -- db url` prints that of the local database",
    )?;
    let port = match env::var("PORT") {
        Ok(port) => port.parse().context("PORT is not a number from 0 to 65535")?,
        Err(_) => DEFAULT_PORT,
    };
    let environment = match env::var("APP_ENV") {
        Ok(name) if !name.is_empty() => name.parse()?,
        _ => Environment::Development,
    };
    Ok(Settings { database_url: database_url.parse()?, environment, port })
}

async fn serve(listener: TcpListener, app: axum::Router) -> Result<()> {
    let asked_to_stop = stop_signal()?;
    let overdue = stop_signal()?;
    let server = axum::serve(listener, app).with_graceful_shutdown(asked_to_stop);
    tokio::select! {
        ended = server.into_future() => ended?,
        () = async { overdue.await; tokio::time::sleep(GRACE).await } => {
            tracing::warn!(limit = ?GRACE, "requests were still under way");
        }
    }
    Ok(())
}

/// Waits for Ctrl-C or for what a supervisor sends.
fn stop_signal() -> Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Tells the log why the server is not up yet.
struct Log;

impl Report<ConnectEvent> for Log {
    fn report(&self, event: &ConnectEvent) {
        let ConnectEvent::Retrying { attempt, pause, cause } = event;
        tracing::warn!(attempt, ?pause, "{cause}");
    }
}

impl Report<EnsureEvent> for Log {
    fn report(&self, event: &EnsureEvent) {
        let EnsureEvent::Retrying { pause, cause } = event;
        tracing::warn!(?pause, "{cause}");
    }
}
