//! Where the server is, and how it is to be spoken to: what libpq would read from its variables.

use std::{fmt, path::PathBuf};

use crate::password::Password;

/// The server, the password, and what is demanded of the connection.
///
/// Only what libpq knows of a single server; `Debug` hides the password.
pub struct Access {
    pub(super) host: String,
    pub(super) address: Option<String>,
    pub(super) port: u16,
    pub(super) mode: Mode,
    pub(super) trust: Trust,
    pub(super) binding: Binding,
    pub(super) methods: Methods,
    pub(super) password: Password,
}

/// `sslmode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
    /// No such mode.
    Unknown,
}

/// Files that TLS needs; those that nobody named are where libpq looks for them.
#[derive(Debug)]
pub(super) struct Trust {
    pub(super) roots: Option<PathBuf>,
    pub(super) revoked: Option<PathBuf>,
    pub(super) certificate: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
    /// Whether the authorities of the web count, as they do for our driver.
    pub(super) web: bool,
    /// Whether TLS 1.2 is too old.
    pub(super) newest: bool,
}

/// `channel_binding`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binding {
    Disable,
    Prefer,
    Require,
}

/// `require_auth`: the ways to authenticate that are allowed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Methods {
    listed: Vec<String>,
    are_forbidden: bool,
}

impl Access {
    /// Reads libpq's variables, such as `PGHOST`, and `HOME`, where its files are by default.
    pub fn new(variable: impl Fn(&str) -> Option<String>, password: Password) -> Self {
        let given = |name: &str| variable(name).filter(|value| !value.is_empty());
        let home = given("HOME").map(|home| PathBuf::from(home).join(".postgresql"));
        let file = |name: &str, default: &str| {
            given(name).map(PathBuf::from).or_else(|| Some(home.as_ref()?.join(default)))
        };
        Self {
            host: given("PGHOST").unwrap_or_else(|| "localhost".to_owned()),
            address: given("PGHOSTADDR"),
            port: given("PGPORT").and_then(|port| port.parse().ok()).unwrap_or(5432),
            mode: Mode::of(given("PGSSLMODE").as_deref()),
            trust: Trust {
                roots: file("PGSSLROOTCERT", "root.crt"),
                revoked: file("PGSSLCRL", "root.crl"),
                certificate: file("PGSSLCERT", "postgresql.crt"),
                key: file("PGSSLKEY", "postgresql.key"),
                web: false,
                newest: given("PGSSLMINPROTOCOLVERSION").as_deref() == Some("TLSv1.3"),
            },
            binding: Binding::of(given("PGCHANNELBINDING").as_deref()),
            methods: Methods::of(&given("PGREQUIREAUTH").unwrap_or_default()),
            password,
        }
    }

    /// Trusts the authorities of the web as well, as our driver does.
    pub(crate) fn like_the_driver(mut self) -> Self {
        self.trust.web = true;
        self
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Whether the server is reached by a socket, where nothing is ever encrypted.
    pub(super) fn is_socket(&self) -> bool {
        self.address.is_none() && self.host.starts_with('/')
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (host, port, mode) = (&self.host, self.port, self.mode);
        write!(f, "Access {{ host: {host:?}, port: {port}, mode: {mode:?}, password: *** }}")
    }
}

impl Mode {
    fn of(text: Option<&str>) -> Self {
        match text {
            Some("disable") => Self::Disable,
            Some("allow") => Self::Allow,
            None | Some("prefer") => Self::Prefer,
            Some("require") => Self::Require,
            Some("verify-ca") => Self::VerifyCa,
            Some("verify-full") => Self::VerifyFull,
            Some(_) => Self::Unknown,
        }
    }
}

impl Binding {
    fn of(text: Option<&str>) -> Self {
        match text {
            Some("disable") => Self::Disable,
            None | Some("prefer") => Self::Prefer,
            // What is not understood is better demanded than forgotten.
            Some(_) => Self::Require,
        }
    }
}

impl Methods {
    /// `md5,scram-sha-256`, or what is forbidden: `!password,!md5`; empty allows all.
    fn of(text: &str) -> Self {
        let listed = text.split(',').map(str::trim).filter(|method| !method.is_empty());
        Self {
            listed: listed.map(|method| method.trim_start_matches('!').to_owned()).collect(),
            are_forbidden: text.trim_start().starts_with('!') || text.trim().is_empty(),
        }
    }

    pub(super) fn allow(&self, method: &str) -> bool {
        self.listed.iter().any(|listed| listed == method) != self.are_forbidden
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(variables: &[(&str, &str)]) -> Access {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Access::new(variable, Password::new("secret".to_owned()))
    }

    #[test]
    fn files_are_where_they_are_named_or_where_libpq_looks() {
        let Trust { roots, certificate, .. } =
            access(&[("HOME", "/home/me"), ("PGSSLCERT", "/c"), ("PGSSLROOTCERT", "")]).trust;
        assert_eq!(roots, Some("/home/me/.postgresql/root.crt".into()));
        assert_eq!(certificate, Some("/c".into()));
        assert_eq!(access(&[]).trust.roots, None);
    }

    #[test]
    fn a_password_is_not_shown() {
        assert!(!format!("{:?}", access(&[("PGHOST", "h")])).contains("secret"));
    }

    #[test]
    fn an_address_is_no_socket_whatever_the_host_is_called() {
        assert!(access(&[("PGHOST", "/run")]).is_socket());
        assert!(!access(&[("PGHOST", "/run"), ("PGHOSTADDR", "::1")]).is_socket());
    }

    #[test]
    fn ways_to_authenticate_are_listed_or_forbidden() {
        for (text, allowed) in [
            ("", [true, true, true]),
            ("scram-sha-256", [false, false, true]),
            (" md5 , scram-sha-256", [false, true, true]),
            ("!password", [false, true, true]),
            ("!password,!md5", [false, false, true]),
        ] {
            let methods = Methods::of(text);
            let found = ["password", "md5", "scram-sha-256"].map(|method| methods.allow(method));
            assert_eq!(found, allowed, "{text}");
        }
    }
}
