//! Sending a notification: a few tries, none of which can take long.

use std::time::Duration;

use reqwest::{Client, StatusCode, redirect};
use serde::Serialize;
use tokio::time::{sleep, timeout};

use super::{Notification, Webhook, signature::sign};

/// The version of the document.
const SCHEMA: &str = "seaworthy/notification/1";

/// How long somebody waits for a receiver.
#[derive(Clone, Debug)]
pub struct Patience {
    /// For one try.
    pub each: Duration,
    /// Between two tries; one more try than pauses is made.
    pub pauses: Vec<Duration>,
    /// For everything.
    pub total: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            each: Duration::from_secs(10),
            pauses: vec![Duration::from_secs(1), Duration::from_secs(3)],
            total: Duration::from_secs(30),
        }
    }
}

/// Why a notification did not arrive, without its address.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    /// TLS cannot be spoken on this machine, for want of certificate authorities perhaps.
    #[error("nothing can be sent from this machine")]
    Client(#[source] reqwest::Error),
    /// There is no connection, or it broke.
    #[error("`{receiver}` cannot be reached")]
    Unreachable {
        /// Who should have got it.
        receiver: String,
        /// What the system said.
        #[source]
        source: reqwest::Error,
    },
    /// There was no answer.
    #[error("`{receiver}` does not answer within {limit:?}")]
    TimedOut {
        /// Who should have got it.
        receiver: String,
        /// For how long was waited.
        limit: Duration,
    },
    /// It wants the notification to go elsewhere, where nobody allowed it to go.
    #[error("`{receiver}` redirects ({status}), which is not followed")]
    Redirected {
        /// Who should have got it.
        receiver: String,
        /// The status of the answer.
        status: u16,
    },
    /// It did not take it.
    #[error("`{receiver}` answers with status {status}")]
    Refused {
        /// Who should have got it.
        receiver: String,
        /// The status of the answer.
        status: u16,
    },
}

impl NotSent {
    /// Whether another try can end otherwise.
    fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::TimedOut { .. } => true,
            Self::Refused { status, .. } => matches!(status, 408 | 425 | 429 | 500..),
            Self::Client(_) | Self::Redirected { .. } => false,
        }
    }
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    #[serde(flatten)]
    notification: &'a Notification,
}

/// Sends `notification`, and comes back before `patience` ends, whatever the receiver does.
pub async fn send(
    webhook: &Webhook,
    notification: &Notification,
    patience: &Patience,
) -> Result<(), NotSent> {
    let client = client(patience).map_err(NotSent::Client)?;
    let tries = async {
        let mut pauses = patience.pauses.iter();
        loop {
            let Err(error) = attempt(&client, webhook, notification, patience.each).await else {
                return Ok(());
            };
            match pauses.next() {
                Some(pause) if error.may_pass() => sleep(*pause).await,
                _ => return Err(error),
            }
        }
    };
    let too_long = NotSent::TimedOut { receiver: webhook.to_string(), limit: patience.total };
    timeout(patience.total, tries).await.unwrap_or(Err(too_long))
}

fn client(patience: &Patience) -> reqwest::Result<Client> {
    // Fails if the process has a provider already, which serves as well.
    drop(rustls::crypto::ring::default_provider().install_default());
    Client::builder()
        .user_agent(concat!("seaworthy/", env!("CARGO_PKG_VERSION")))
        .timeout(patience.each)
        .redirect(redirect::Policy::none())
        // A proxy would be read from the environment.
        .no_proxy()
        .build()
}

/// One try. The answer is not read beyond its head: it could be endless.
async fn attempt(
    client: &Client,
    webhook: &Webhook,
    notification: &Notification,
    limit: Duration,
) -> Result<(), NotSent> {
    let receiver = webhook.to_string();
    let document = Document { schema: SCHEMA, notification };
    let body = serde_json::to_vec(&document).expect("a notification has no keys but texts");
    let (id, timestamp) = (notification.id.to_string(), notification.at.timestamp());
    let request = client
        .post(webhook.url.clone())
        .header("content-type", "application/json")
        .header("webhook-signature", sign(&webhook.key, &id, timestamp, &body))
        .header("webhook-id", id)
        .header("webhook-timestamp", timestamp)
        .body(body);
    match request.send().await.map(|answer| answer.status()) {
        Ok(status) => judge(status, receiver),
        Err(error) if error.is_timeout() => Err(NotSent::TimedOut { receiver, limit }),
        Err(error) => Err(NotSent::Unreachable { receiver, source: error.without_url() }),
    }
}

fn judge(status: StatusCode, receiver: String) -> Result<(), NotSent> {
    let code = status.as_u16();
    match () {
        () if status.is_success() => Ok(()),
        () if status.is_redirection() => Err(NotSent::Redirected { receiver, status: code }),
        () => Err(NotSent::Refused { receiver, status: code }),
    }
}
