//! A database URL that cannot be printed with its password.

use std::{borrow::Cow, fmt, net::IpAddr, str::FromStr};

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::Url;

/// Where a database is and who connects to it.
///
/// `Display` and `Debug` hide the password and every query parameter whose name speaks of one;
/// [`DatabaseUrl::expose`] is the only way to the whole text.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(Url);

/// Why a text is no database URL. Never contains the text, which may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDatabaseUrl {
    /// It does not parse as a URL.
    #[error("the database URL cannot be read: {0}")]
    Unreadable(#[from] url::ParseError),
    /// It names another kind of database.
    #[error("`{0}` is not PostgreSQL: the database URL must start with postgres://")]
    NotPostgres(String),
    /// The two slashes before the host are missing.
    #[error("the database URL names no host: it must start with postgres://")]
    NoHost,
    /// It names no database, and there is no safe default.
    #[error("the database URL names no database")]
    NoDatabase,
}

impl DatabaseUrl {
    /// The whole URL, password included, for the driver alone.
    pub fn expose(&self) -> &str {
        self.0.as_str()
    }

    /// The whole URL without the parameters that the driver would not know but log, value and all,
    /// such as libpq's `sslpassword`.
    pub(crate) fn for_driver(&self) -> String {
        let mut url = self.0.clone();
        let harmless = |name: &str| name == "password" || !speaks_of_a_password(name);
        let kept: Vec<_> =
            self.0.query_pairs().filter(|(name, _)| harmless(name)).map(own).collect();
        set_parameters(&mut url, &kept);
        url.into()
    }

    /// The host name, address or socket folder.
    pub fn host(&self) -> String {
        if let Some(host) = self.parameter("host") {
            return host;
        }
        decode(self.0.host_str().unwrap_or("localhost"))
    }

    /// The TCP port, or the one that names the socket file.
    pub fn port(&self) -> u16 {
        self.parameter("port").and_then(|port| port.parse().ok()).or(self.0.port()).unwrap_or(5432)
    }

    /// The role that connects, if the URL says so.
    pub fn user(&self) -> Option<String> {
        let user = self.0.username();
        if user.is_empty() { self.parameter("user") } else { Some(decode(user)) }
    }

    /// The password, if the URL carries one.
    pub fn password(&self) -> Option<String> {
        self.0.password().map(decode).or_else(|| self.parameter("password"))
    }

    /// The database's name.
    pub fn database(&self) -> String {
        self.parameter("dbname").unwrap_or_else(|| decode(self.0.path().trim_start_matches('/')))
    }

    /// A query parameter such as `sslmode`.
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.0.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// The same server and role, another database.
    #[must_use]
    pub fn with_database(&self, name: &str) -> Self {
        let mut url = self.0.clone();
        let kept: Vec<_> =
            self.0.query_pairs().filter(|(name, _)| name != "dbname").map(own).collect();
        set_parameters(&mut url, &kept);
        // `set_path` keeps `/`, `?` and `#` of a name apart from the URL's own only if encoded.
        url.set_path(&format!("/{}", encode(name)));
        Self(url)
    }

    /// Whether the server is on this machine: a loopback address or a socket.
    pub fn is_local(&self) -> bool {
        let host = self.host();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        host.starts_with('/')
            || host == "localhost"
            || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

impl FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text.trim())?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(InvalidDatabaseUrl::NotPostgres(url.scheme().to_owned()));
        }
        // `postgres:/user:password@host/db` would parse, with the password in its path.
        if !url.has_authority() {
            return Err(InvalidDatabaseUrl::NoHost);
        }
        let url = Self(url);
        if url.database().is_empty() {
            return Err(InvalidDatabaseUrl::NoDatabase);
        }
        Ok(url)
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.0.clone();
        if shown.password().is_some() && shown.set_password(Some("***")).is_err() {
            return f.write_str("postgres://***");
        }
        if let Some(query) = self.0.query() {
            let redacted: Vec<_> = query.split('&').map(redact_parameter).collect();
            shown.set_query(Some(&redacted.join("&")));
        }
        f.write_str(shown.as_str())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

fn own((name, value): (Cow<'_, str>, Cow<'_, str>)) -> (String, String) {
    (name.into_owned(), value.into_owned())
}

fn set_parameters(url: &mut Url, parameters: &[(String, String)]) {
    url.set_query(None);
    if !parameters.is_empty() {
        url.query_pairs_mut().extend_pairs(parameters);
    }
}

fn speaks_of_a_password(name: &str) -> bool {
    name.to_lowercase().contains("password")
}

fn redact_parameter(parameter: &str) -> String {
    let name = parameter.split_once('=').map_or(parameter, |(name, _)| name);
    if speaks_of_a_password(&decode(name)) { format!("{name}=***") } else { parameter.to_owned() }
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> DatabaseUrl {
        text.parse().unwrap()
    }

    #[test]
    fn the_password_is_never_shown() {
        for text in [
            "postgres://u:secret@host/db",
            "postgresql://u:se%63ret@host:6543/db?sslmode=require",
            "postgres://host/db?user=u&password=secret",
            "postgres://host/db?sslpassword=secret&PASSWORD=secret",
        ] {
            let url = url(text);
            for shown in [url.to_string(), format!("{url:?}")] {
                assert!(!shown.contains("secret") && !shown.contains("se%63ret"), "{shown}");
                assert!(shown.contains("***"), "{shown}");
            }
        }
    }

    #[test]
    fn an_error_does_not_repeat_the_text() {
        for text in ["postgres://u:secret@host:notaport/db", "mysql://u:secret@host/db", "secret"] {
            let error = text.parse::<DatabaseUrl>().unwrap_err();
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn parts_are_decoded() {
        let url = url("postgres://us%40er:p%2Fw%3D1+@db.example:6543/my%20db?sslmode=require");
        assert_eq!(url.user().as_deref(), Some("us@er"));
        assert_eq!(url.password().as_deref(), Some("p/w=1+"));
        assert_eq!(url.host(), "db.example");
        assert_eq!(url.port(), 6543);
        assert_eq!(url.database(), "my db");
        assert_eq!(url.parameter("sslmode").as_deref(), Some("require"));
    }

    #[test]
    fn a_socket_is_a_host() {
        let url = url("postgres://app@localhost/app?host=/run/postgresql&port=6000");
        assert_eq!(url.host(), "/run/postgresql");
        assert_eq!(url.port(), 6000);
        assert!(url.is_local());
    }

    #[test]
    fn another_database_keeps_everything_else() {
        let other = url("postgres://u:p@h:1/a?sslmode=require&dbname=a").with_database("b/c ?#%");
        assert_eq!(other.database(), "b/c ?#%");
        assert_eq!(other.password().as_deref(), Some("p"));
        assert_eq!(other.parameter("sslmode").as_deref(), Some("require"));
    }

    #[test]
    fn only_loopback_and_sockets_are_local() {
        for local in ["postgres://localhost/d", "postgres://127.0.0.9/d", "postgres://[::1]/d"] {
            assert!(url(local).is_local(), "{local}");
        }
        for remote in ["postgres://db/d", "postgres://10.0.0.1/d", "postgres://localhost.example/d"]
        {
            assert!(!url(remote).is_local(), "{remote}");
        }
    }

    #[test]
    fn a_password_that_the_driver_would_log_does_not_reach_it() {
        let url = url("postgres://u:p@h/d?sslpassword=secret&sslmode=require&password=known");
        assert_eq!(url.for_driver(), "postgres://u:p@h/d?sslmode=require&password=known");
    }

    #[test]
    fn a_missing_slash_does_not_turn_a_password_into_a_database() {
        let parsed = "postgres:/u:secret@host/db".parse::<DatabaseUrl>();
        assert_eq!(parsed, Err(InvalidDatabaseUrl::NoHost));
    }

    #[test]
    fn a_database_must_be_named() {
        assert_eq!("postgres://host".parse::<DatabaseUrl>(), Err(InvalidDatabaseUrl::NoDatabase));
    }
}
