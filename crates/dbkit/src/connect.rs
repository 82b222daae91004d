//! Connecting, with a limit on every wait and a reason for every failure.

use std::{
    io::ErrorKind,
    str::FromStr,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use backon::{ExponentialBuilder, Retryable as _};
use log::LevelFilter;
use sea_orm::{DatabaseConnection, SqlxPostgresConnector};
use sqlx::{
    ConnectOptions as _, Connection as _, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
};

use crate::{
    DatabaseUrl, Password, Relay, Report,
    postgres::ServerVersion,
    relay::{self, Access},
    variables::variables,
};

/// How long the first connection takes on a network where nothing is wrong.
const AT_ONCE: Duration = Duration::from_millis(100);

/// For how long a connection that was used is taken to be there still.
const FRESH: Duration = Duration::from_secs(1);

/// How to connect.
#[derive(Clone, Debug)]
pub struct ConnectOptions {
    /// What `pg_stat_activity` shows of us, so that an operator knows who holds a lock.
    pub application_name: String,
    /// How long one attempt may take.
    pub connect_timeout: Duration,
    /// How long one statement may run; `None` leaves the server's setting.
    pub statement_timeout: Option<Duration>,
    /// How long one statement may wait for a lock; `None` leaves the server's setting.
    pub lock_timeout: Option<Duration>,
    /// How many connections the pool may open.
    pub max_connections: u32,
    /// For how long the first connection is tried again; zero tries once.
    ///
    /// Only the first: a statement that failed later may have been carried out.
    pub retry_for: Duration,
}

impl ConnectOptions {
    /// Sensible options for a command that runs once.
    pub fn new(application_name: impl Into<String>) -> Self {
        Self {
            application_name: application_name.into(),
            connect_timeout: Duration::from_secs(10),
            statement_timeout: None,
            lock_timeout: None,
            max_connections: 4,
            retry_for: Duration::ZERO,
        }
    }
}

/// What happens while connecting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectEvent {
    /// An attempt failed in a way that may pass.
    Retrying {
        /// Which attempt failed, from 1.
        attempt: u32,
        /// How long the pause is.
        pause: Duration,
        /// Why it failed.
        cause: String,
    },
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL has a part that the driver does not understand.
    #[error("the database URL cannot be used: {0}")]
    Url(String),
    /// Nobody answers there.
    #[error("no PostgreSQL server answers at {at}")]
    Unreachable {
        /// Host and port, or socket folder.
        at: String,
        /// What the network said.
        #[source]
        source: sqlx::Error,
    },
    /// Somebody answers, but too slowly.
    #[error("the server at {at} did not answer within {} s", limit.as_secs_f32())]
    TimedOut {
        /// Host and port, or socket folder.
        at: String,
        /// How long we waited.
        limit: Duration,
    },
    /// The server is starting, stopping or recovering.
    #[error("the server at {at} takes no connections yet")]
    StartingUp {
        /// Host and port, or socket folder.
        at: String,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// Every connection slot is taken.
    #[error("the server at {at} has no connection left")]
    TooManyConnections {
        /// Host and port, or socket folder.
        at: String,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// Wrong role or password, or the server's rules do not let this role in.
    #[error("the server at {at} does not let `{user}` in")]
    Authentication {
        /// Host and port, or socket folder.
        at: String,
        /// The role that tried.
        user: String,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// The database does not exist.
    #[error("the server at {at} has no database `{database}`")]
    NoSuchDatabase {
        /// Host and port, or socket folder.
        at: String,
        /// The database that was asked for.
        database: String,
    },
    /// Encryption was asked for and cannot be had, or the certificate is not trusted.
    #[error("no encrypted connection to {at} (sslmode={mode})")]
    Tls {
        /// Host and port.
        at: String,
        /// The mode that was asked for.
        mode: String,
        /// What the handshake said.
        #[source]
        source: sqlx::Error,
    },
    /// The server is older than what we support.
    #[error(
        "the server at {at} is PostgreSQL {version}; {} or newer is needed",
        ServerVersion::MINIMUM_MAJOR
    )]
    TooOld {
        /// Host and port, or socket folder.
        at: String,
        /// The server's version.
        version: ServerVersion,
    },
    /// Anything else.
    #[error("cannot connect to {at}")]
    Other {
        /// Host and port, or socket folder.
        at: String,
        /// What the driver said.
        #[source]
        source: sqlx::Error,
    },
}

impl ConnectError {
    /// Whether the same attempt may succeed a moment later.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::TimedOut { .. }
                | Self::StartingUp { .. }
                | Self::TooManyConnections { .. }
        )
    }
}

/// Opens a pool on the database at `url`, having proven that one connection works.
pub async fn connect(
    url: &DatabaseUrl,
    options: &ConnectOptions,
    report: &dyn Report<ConnectEvent>,
) -> Result<DatabaseConnection, ConnectError> {
    let Route { driver, relay } = route(url, options)?;
    let pool = PgPoolOptions::new()
        .max_connections(options.max_connections)
        .acquire_timeout(options.connect_timeout)
        // The driver would ask every connection, each time, whether it is there.
        .test_before_acquire(false)
        .before_acquire(move |connection, about| {
            // It lives as long as the pool that connects through it.
            let _ = &relay;
            Box::pin(async move {
                let is_fresh = about.idle_for < FRESH;
                Ok(is_fresh || connection.ping().await.is_ok())
            })
        })
        .connect_lazy_with(driver.clone());
    if !is_open(&pool).await {
        // A pool hides why it cannot connect, and tries for as long as it may; a connection of its own tells.
        let probe = || async { session(url, options, &driver).await };
        let first = retrying(probe, options.retry_for, report).await?;
        // A failed goodbye concerns a connection that nobody needs any more.
        let _ = first.close().await;
    }
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
}

/// Whether the pool's first connection is there at once, as it is where nothing is wrong.
async fn is_open(pool: &PgPool) -> bool {
    let first = tokio::time::timeout(AT_ONCE, pool.acquire()).await;
    let Ok(Ok(connection)) = first else { return false };
    let version = connection.server_version_num().and_then(|num| i32::try_from(num).ok());
    version.is_some_and(|num| ServerVersion::from_num(num).major() >= ServerVersion::MINIMUM_MAJOR)
}

/// A pool of exactly one connection, which lives as long as the pool does, unless it breaks: for SeaORM code
/// that must stay in one session. It connects when it is first used; statements are logged as `trace`.
pub fn dedicated(
    url: &DatabaseUrl,
    options: &ConnectOptions,
) -> Result<DatabaseConnection, ConnectError> {
    let Route { driver, relay } = route(url, options)?;
    let driver = driver
        .log_statements(LevelFilter::Trace)
        .log_slow_statements(LevelFilter::Trace, options.connect_timeout);
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(options.connect_timeout)
        .before_acquire(move |_, _| {
            // It lives as long as the pool that connects through it.
            let _ = &relay;
            Box::pin(async { Ok(true) })
        })
        .connect_lazy_with(driver);
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
}

/// Opens one connection that belongs to no pool, for what lives in a session: a lock, a snapshot.
pub async fn connect_session(
    url: &DatabaseUrl,
    options: &ConnectOptions,
) -> Result<PgConnection, ConnectError> {
    let Route { driver, relay } = route(url, options)?;
    let session = session(url, options, &driver).await;
    if let Some(relay) = relay {
        relay.close_door();
    }
    session
}

/// How the driver gets to the server.
struct Route {
    driver: PgConnectOptions,
    /// Between the two where the driver cannot cope with the password.
    relay: Option<Relay>,
}

fn route(url: &DatabaseUrl, options: &ConnectOptions) -> Result<Route, ConnectError> {
    let driver = driver_options(url, options)?;
    let password = url.password().map(Password::new);
    let Some(password) = password.filter(Password::is_unprepared) else {
        return Ok(Route { driver, relay: None });
    };
    let variables = variables(url);
    let variable = |name: &str| {
        let given = variables.iter().find(|(known, _)| *known == name);
        let mode = (name == "PGSSLMODE").then(|| mode_name(driver.get_ssl_mode()).to_owned());
        given.map(|(_, value)| value.clone()).or(mode)
    };
    let relay = Relay::start(Access::new(variable, password).like_the_driver());
    let relay = relay
        .map_err(|error| ConnectError::Other { at: place(url), source: sqlx::Error::Io(error) })?;
    let driver = driver
        .socket(relay.folder())
        .port(relay.port())
        .ssl_mode(PgSslMode::Disable)
        // It is not asked for one.
        .password("");
    Ok(Route { driver, relay: Some(relay) })
}

/// The caller's environment may have a say in it, which the driver has heard.
fn mode_name(mode: PgSslMode) -> &'static str {
    match mode {
        // The driver does not encrypt then either.
        PgSslMode::Allow | PgSslMode::Disable => "disable",
        PgSslMode::Prefer => "prefer",
        PgSslMode::Require => "require",
        PgSslMode::VerifyCa => "verify-ca",
        PgSslMode::VerifyFull => "verify-full",
    }
}

async fn retrying<F, T>(
    attempt: impl FnMut() -> F,
    retry_for: Duration,
    report: &dyn Report<ConnectEvent>,
) -> Result<T, ConnectError>
where
    F: Future<Output = Result<T, ConnectError>>,
{
    if retry_for.is_zero() {
        let mut attempt = attempt;
        return attempt().await;
    }
    let failed = AtomicU32::new(0);
    let backoff = ExponentialBuilder::default()
        .with_jitter()
        .with_min_delay(Duration::from_millis(100))
        .with_max_delay(Duration::from_secs(2))
        .with_total_delay(Some(retry_for))
        .without_max_times();
    attempt
        .retry(backoff)
        .when(ConnectError::is_transient)
        .notify(|error, pause| {
            let attempt = failed.fetch_add(1, Ordering::Relaxed) + 1;
            report.report(&ConnectEvent::Retrying { attempt, pause, cause: error.to_string() });
        })
        .await
}

fn driver_options(
    url: &DatabaseUrl,
    options: &ConnectOptions,
) -> Result<PgConnectOptions, ConnectError> {
    let mut driver = PgConnectOptions::from_str(&url.for_driver())
        // The driver's message may quote the URL's parameters, never its password.
        .map_err(|error| ConnectError::Url(error.to_string()))?
        .application_name(&options.application_name)
        .disable_statement_logging();
    let limits =
        [("statement_timeout", options.statement_timeout), ("lock_timeout", options.lock_timeout)];
    for (setting, limit) in limits {
        if let Some(limit) = limit {
            driver = driver.options([(setting, format!("{}ms", limit.as_millis()))]);
        }
    }
    Ok(driver)
}

async fn session(
    url: &DatabaseUrl,
    options: &ConnectOptions,
    driver: &PgConnectOptions,
) -> Result<PgConnection, ConnectError> {
    let at = place(url);
    let limit = options.connect_timeout;
    let attempt = async {
        let mut connection = driver.connect().await?;
        let num: i32 = sqlx::query_scalar("SELECT current_setting('server_version_num')::int")
            .fetch_one(&mut connection)
            .await?;
        Ok((connection, ServerVersion::from_num(num)))
    };
    let (connection, version) = match tokio::time::timeout(limit, attempt).await {
        Err(_) => return Err(ConnectError::TimedOut { at, limit }),
        Ok(Err(source)) => return Err(classify(url, driver, at, source)),
        Ok(Ok(found)) => found,
    };
    if version.major() < ServerVersion::MINIMUM_MAJOR {
        return Err(ConnectError::TooOld { at, version });
    }
    Ok(connection)
}

fn place(url: &DatabaseUrl) -> String {
    format!("{}:{}", url.host(), url.port())
}

fn classify(
    url: &DatabaseUrl,
    driver: &PgConnectOptions,
    at: String,
    source: sqlx::Error,
) -> ConnectError {
    let code = source.as_database_error().and_then(|error| error.code().map(String::from));
    // https://www.postgresql.org/docs/current/errcodes-appendix.html
    match code.as_deref() {
        Some("28P01" | "28000") => {
            ConnectError::Authentication { at, user: driver.get_username().to_owned(), source }
        }
        Some("3D000") => ConnectError::NoSuchDatabase { at, database: url.database() },
        Some("57P03") => ConnectError::StartingUp { at, source },
        Some(relay::UNREACHABLE) => ConnectError::Unreachable { at, source },
        Some(relay::NO_ENCRYPTION) => ConnectError::Tls { at, mode: mode(url), source },
        Some("53300") => ConnectError::TooManyConnections { at, source },
        Some(_) => ConnectError::Other { at, source },
        None => match source {
            source if is_about_certificates(&source, url) => {
                ConnectError::Tls { at, mode: mode(url), source }
            }
            source @ sqlx::Error::Io(_) => ConnectError::Unreachable { at, source },
            source => ConnectError::Other { at, source },
        },
    }
}

fn mode(url: &DatabaseUrl) -> String {
    url.parameter("sslmode").unwrap_or_else(|| "prefer".to_owned())
}

/// The driver reports a certificate that it does not trust as invalid data, and one that is not
/// where the URL says as a file that is not found.
fn is_about_certificates(source: &sqlx::Error, url: &DatabaseUrl) -> bool {
    match source {
        sqlx::Error::Tls(_) => true,
        sqlx::Error::Io(error) if error.kind() == ErrorKind::InvalidData => true,
        sqlx::Error::Io(error) => {
            error.kind() == ErrorKind::NotFound && !url.host().starts_with('/')
        }
        _ => false,
    }
}
