//! Where notifications go, and the key that they are signed with.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ring::hmac;
use url::{Host, Url};

/// A key that is shorter could be guessed from one notification.
const SHORTEST_KEY: usize = 16;

/// What the secrets of the specification begin with; the key follows in base64.
const PREFIX: &str = "whsec_";

/// A receiver of notifications. It shows itself as scheme, host and port: what follows may be a token.
#[derive(Clone)]
pub struct Webhook {
    pub(super) url: Url,
    pub(super) key: hmac::Key,
}

/// Why nothing can be sent to an address, without quoting it.
#[derive(Debug, thiserror::Error)]
pub enum InvalidWebhook {
    /// It cannot be read.
    #[error("it is no URL")]
    Url(#[from] url::ParseError),
    /// Neither http nor https.
    #[error("its scheme is `{0}`, and not https")]
    Scheme(String),
    /// Whoever is on the way could read and change what is sent.
    #[error("it would be sent to `{host}` without TLS")]
    Insecure {
        /// The host, which is not this machine.
        host: String,
    },
    /// The secret is no base64 after its prefix.
    #[error("the secret is not in base64 after `{PREFIX}`")]
    Secret,
    /// The secret can be guessed.
    #[error("the secret has {0} bytes, and needs {SHORTEST_KEY}")]
    ShortSecret(usize),
}

impl Webhook {
    /// A receiver at `url`, which must be https unless it is on this machine, that shares `secret`:
    /// `whsec_` and a key in base64, or any text, whose bytes are the key.
    pub fn new(url: &str, secret: &str) -> Result<Self, InvalidWebhook> {
        let url = Url::parse(url)?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => {
                return Err(InvalidWebhook::Insecure {
                    host: url.host_str().unwrap_or_default().to_owned(),
                });
            }
            scheme => return Err(InvalidWebhook::Scheme(scheme.to_owned())),
        }
        let key = match secret.strip_prefix(PREFIX) {
            Some(encoded) => BASE64_STANDARD.decode(encoded).map_err(|_| InvalidWebhook::Secret)?,
            None => secret.as_bytes().to_vec(),
        };
        if key.len() < SHORTEST_KEY {
            return Err(InvalidWebhook::ShortSecret(key.len()));
        }
        Ok(Self { url, key: hmac::Key::new(hmac::HMAC_SHA256, &key) })
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl fmt::Display for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url.origin().ascii_serialization())
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Webhook({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "a secret of 24 characters";

    #[test]
    fn what_leaves_the_machine_is_encrypted() {
        for url in
            ["https://hooks.example/x", "http://127.0.0.1:9/x", "http://[::1]/", "http://localhost"]
        {
            Webhook::new(url, SECRET).unwrap();
        }
        for url in [
            "http://hooks.example/token",
            "http://localhost.example",
            "http://10.0.0.1",
            "http://0.0.0.0",
        ] {
            let refused = Webhook::new(url, SECRET).unwrap_err();
            assert!(matches!(refused, InvalidWebhook::Insecure { .. }), "{url}: {refused}");
            assert!(!refused.to_string().contains("token"), "{refused}");
        }
        for url in ["ftp://127.0.0.1", "file:///etc/passwd", "hooks.example", ""] {
            Webhook::new(url, SECRET).unwrap_err();
        }
    }

    #[test]
    fn a_secret_that_can_be_guessed_is_refused() {
        for secret in ["", "fifteen letters", "whsec_c2hvcnQ=", "whsec_no base64"] {
            Webhook::new("https://hooks.example", secret).unwrap_err();
        }
    }

    #[test]
    fn neither_token_nor_password_nor_secret_is_shown() {
        let url = "https://me:pass@hooks.example:8443/services/token?key=token#token";
        let webhook = Webhook::new(url, SECRET).unwrap();
        assert_eq!(webhook.to_string(), "https://hooks.example:8443");
        assert_eq!(format!("{webhook:?}"), "Webhook(https://hooks.example:8443)");
    }
}
