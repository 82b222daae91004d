//! How an object store is talked to: whose settings, how long, how often.

use std::sync::Arc;
#[cfg(feature = "web")]
use std::time::Duration;

#[cfg(feature = "web")]
use object_store::{BackoffConfig, RetryConfig};
use object_store::{ObjectStore, ObjectStoreScheme, multipart::MultipartStore};

use super::address::{Address, AddressError};
#[cfg(feature = "web")]
use super::connector::Connector;

/// A client of one bucket: for whole objects, and for those that come in parts.
pub(super) struct Client {
    pub(super) whole: Arc<dyn ObjectStore>,
    pub(super) parts: Arc<dyn MultipartStore>,
}

/// The standard variable for how often something is tried, with what stands for it.
#[cfg(feature = "web")]
const MAX_ATTEMPTS: (&str, usize) = ("AWS_MAX_ATTEMPTS", 8);

/// After so long nothing is tried once more.
#[cfg(feature = "web")]
const PATIENCE: Duration = Duration::from_mins(1);

impl Client {
    /// Makes one from the variables that the makers of these stores have agreed on.
    pub(super) fn new(
        address: &Address,
        variables: &[(String, String)],
    ) -> Result<Self, AddressError> {
        match address.scheme {
            ObjectStoreScheme::AmazonS3 => s3(address, variables),
            ObjectStoreScheme::GoogleCloudStorage => gcs(address, variables),
            _ => azure(address, variables),
        }
    }

    #[cfg(feature = "web")]
    fn of<S: ObjectStore + MultipartStore>(store: S) -> Self {
        let store = Arc::new(store);
        Self { whole: Arc::clone(&store) as Arc<dyn ObjectStore>, parts: store }
    }
}

#[cfg(feature = "s3")]
fn s3(address: &Address, variables: &[(String, String)]) -> Result<Client, AddressError> {
    use object_store::aws::{AmazonS3Builder, Checksum};

    let builder = AmazonS3Builder::new()
        .with_url(&address.text)
        .with_retry(retries(variables))
        .with_checksum_algorithm(Checksum::SHA256)
        // One request an object, so that a refusal is known to be about that one; and not every store
        // that speaks this protocol has the other way.
        .with_disable_bulk_delete(true)
        .with_http_connector(Connector::new(variables).never_overwriting());
    let builder =
        configured(builder, "AWS_", variables, |builder, name, value| match name.parse() {
            Ok(key) => builder.with_config(key, value),
            Err(_) => builder,
        });
    builder.build().map(Client::of).map_err(|error| broken(address, &error))
}

#[cfg(feature = "gcs")]
fn gcs(address: &Address, variables: &[(String, String)]) -> Result<Client, AddressError> {
    use object_store::gcp::GoogleCloudStorageBuilder;

    let builder = GoogleCloudStorageBuilder::new()
        .with_url(&address.text)
        .with_retry(retries(variables))
        .with_http_connector(Connector::new(variables));
    let builder =
        configured(builder, "GOOGLE_", variables, |builder, name, value| match name.parse() {
            Ok(key) => builder.with_config(key, value),
            Err(_) => builder,
        });
    builder.build().map(Client::of).map_err(|error| broken(address, &error))
}

#[cfg(feature = "azure")]
fn azure(address: &Address, variables: &[(String, String)]) -> Result<Client, AddressError> {
    use object_store::azure::MicrosoftAzureBuilder;

    let builder = MicrosoftAzureBuilder::new()
        .with_url(&address.text)
        .with_retry(retries(variables))
        .with_http_connector(Connector::new(variables));
    let builder =
        configured(builder, "AZURE_", variables, |builder, name, value| match name.parse() {
            Ok(key) => builder.with_config(key, value),
            Err(_) => builder,
        });
    builder.build().map(Client::of).map_err(|error| broken(address, &error))
}

#[cfg(not(feature = "s3"))]
fn s3(_: &Address, _: &[(String, String)]) -> Result<Client, AddressError> {
    Err(AddressError::NotBuilt("S3"))
}

#[cfg(not(feature = "gcs"))]
fn gcs(_: &Address, _: &[(String, String)]) -> Result<Client, AddressError> {
    Err(AddressError::NotBuilt("Google Cloud Storage"))
}

#[cfg(not(feature = "azure"))]
fn azure(_: &Address, _: &[(String, String)]) -> Result<Client, AddressError> {
    Err(AddressError::NotBuilt("Azure Blob Storage"))
}

/// Gives a builder all variables that begin like that and that it knows.
#[cfg(feature = "web")]
fn configured<B>(
    builder: B,
    beginning: &str,
    variables: &[(String, String)],
    set: impl Fn(B, &str, &str) -> B,
) -> B {
    let own = variables.iter().filter(|(name, _)| name.starts_with(beginning));
    own.fold(builder, |builder, (name, value)| set(builder, &name.to_ascii_lowercase(), value))
}

#[cfg(feature = "web")]
fn retries(variables: &[(String, String)]) -> RetryConfig {
    let (name, usual) = MAX_ATTEMPTS;
    let attempts = variables.iter().find(|(own, _)| own == name);
    let attempts = attempts.and_then(|(_, value)| value.parse().ok()).unwrap_or(usual);
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(10),
            base: 2.0,
        },
        max_retries: attempts.saturating_sub(1),
        retry_timeout: PATIENCE,
    }
}

/// What a builder says names settings and never their values, but for the bucket's.
#[cfg(feature = "web")]
fn broken(address: &Address, error: &object_store::Error) -> AddressError {
    let cause =
        std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    AddressError::Settings { address: address.text.clone(), cause }
}
