//! HTTP for object stores: rustls with `ring`, limits on every wait, and nothing from the environment.

use std::time::Duration;

use async_trait::async_trait;
use object_store::{
    ClientConfigKey, ClientOptions, HeaderValue,
    client::{HttpClient, HttpConnector, HttpError, HttpRequest, HttpResponse, HttpService},
};
use reqwest::{NoProxy, Proxy, redirect};

/// For a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// For an answer after a request was begun, and for the next piece of one: a part must be sent by then.
const ANSWER: Duration = Duration::from_mins(1);

/// Makes clients.
#[derive(Clone, Debug)]
pub(super) struct Connector {
    proxy: Option<String>,
    no_proxy: Option<String>,
    never_overwrites: bool,
}

impl Connector {
    /// The proxy is that of the variables that all programs follow.
    pub(super) fn new(variables: &[(String, String)]) -> Self {
        let named = |names: &[&str]| {
            let found = variables.iter().find(|(name, _)| names.contains(&name.as_str()));
            found.map(|(_, value)| value.clone())
        };
        Self {
            proxy: named(&["HTTPS_PROXY", "https_proxy"]),
            no_proxy: named(&["NO_PROXY", "no_proxy"]),
            never_overwrites: false,
        }
    }

    /// Sees to it that an upload in parts never ends in the place of another object.
    ///
    /// `object_store` makes a single put conditional, but has no such mode for the end of an upload in parts,
    /// although S3 knows it. The header is not among those that a signature must cover. Elsewhere, names that
    /// nobody else has must do.
    #[cfg(feature = "s3")]
    pub(super) fn never_overwriting(self) -> Self {
        Self { never_overwrites: true, ..self }
    }

    fn client(&self, options: &ClientOptions) -> reqwest::Result<reqwest::Client> {
        // Fails if the process has a provider already, which serves as well.
        drop(rustls::crypto::ring::default_provider().install_default());
        let may_be_plain = options.get_config_value(&ClientConfigKey::AllowHttp);
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("seaworthy/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .read_timeout(ANSWER)
            .https_only(may_be_plain.as_deref() != Some("true"))
            .redirect(redirect::Policy::none())
            // A proxy would be read from the environment.
            .no_proxy();
        if let Some(proxy) = &self.proxy {
            let without = self.no_proxy.as_deref().and_then(NoProxy::from_string);
            builder = builder.proxy(Proxy::https(proxy)?.no_proxy(without));
        }
        builder.build()
    }
}

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = self.client(options).map_err(|error| object_store::Error::Generic {
            store: "HTTP",
            source: Box::new(error.without_url()),
        })?;
        Ok(if self.never_overwrites {
            HttpClient::new(Creating(client))
        } else {
            HttpClient::new(client)
        })
    }
}

/// Adds the condition that nothing is there yet.
#[derive(Debug)]
struct Creating(reqwest::Client);

#[async_trait]
impl HttpService for Creating {
    async fn call(&self, mut request: HttpRequest) -> Result<HttpResponse, HttpError> {
        if ends_an_upload(&request) {
            request.headers_mut().insert("if-none-match", HeaderValue::from_static("*"));
        }
        self.0.call(request).await
    }
}

fn ends_an_upload(request: &HttpRequest) -> bool {
    let query = request.uri().query().unwrap_or_default();
    request.method().as_str() == "POST"
        && query.split('&').any(|pair| pair.starts_with("uploadId="))
}
