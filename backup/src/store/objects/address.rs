//! What a URL of an object store stands for.

use object_store::{ObjectStoreScheme, path::Path};
use url::Url;

/// Why a text names no object store that can be used. None of these says what is secret.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// It is no URL.
    #[error("`{0}` is no URL")]
    NotAUrl(String),
    /// What it begins with is unknown.
    #[error("`{0}://` is no object store: it is `s3://`, `gs://` or `az://`")]
    UnknownScheme(String),
    /// A password in a URL gets into logs.
    #[error("the URL of the object store has a user or a password in it")]
    Secret,
    /// This program was built without it.
    #[error("this program was built without {0}")]
    NotBuilt(&'static str),
    /// The variables that belong to it make no sense.
    #[error("cannot set up the object store `{address}`: {cause}")]
    Settings {
        /// The store.
        address: String,
        /// What is wrong with them.
        cause: String,
    },
}

/// A URL of an object store, taken apart.
#[derive(Debug)]
pub(super) struct Address {
    /// The URL without what could be secret and without a slash at the end.
    pub(super) text: String,
    /// Who keeps it.
    pub(super) scheme: ObjectStoreScheme,
    /// What all keys begin with.
    pub(super) prefix: Path,
}

impl Address {
    pub(super) fn parse(text: &str) -> Result<Self, AddressError> {
        let Ok(url) = Url::parse(text) else {
            let shown = text.split(['?', '@']).next_back().unwrap_or_default();
            return Err(AddressError::NotAUrl(shown.to_owned()));
        };
        let unknown = || AddressError::UnknownScheme(url.scheme().to_owned());
        // `abfss://container@account.host` has a container there, and nothing is secret about it.
        let is_secret = url.password().is_some()
            || (!url.username().is_empty() && !url.scheme().starts_with("abfs"));
        if is_secret {
            return Err(AddressError::Secret);
        }
        let (scheme, prefix) = ObjectStoreScheme::parse(&url).map_err(|_| unknown())?;
        match scheme {
            ObjectStoreScheme::AmazonS3
            | ObjectStoreScheme::GoogleCloudStorage
            | ObjectStoreScheme::MicrosoftAzure => {}
            _ => return Err(unknown()),
        }
        let text = url.as_str().split(['?', '#']).next().unwrap_or_default();
        Ok(Self { text: text.trim_end_matches('/').to_owned(), scheme, prefix })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_a_bucket_and_what_keys_begin_with() {
        let address = Address::parse("s3://bucket/some/where/?x=secret").unwrap();
        assert_eq!(address.text, "s3://bucket/some/where");
        assert_eq!(address.prefix.as_ref(), "some/where");
        assert_eq!(Address::parse("gs://bucket").unwrap().prefix.as_ref(), "");
        assert!(Address::parse("abfss://box@account.dfs.core.windows.net/x").is_ok());
    }

    #[test]
    fn a_secret_in_a_url_is_refused_and_not_repeated() {
        for url in ["s3://key:secret@bucket/p", "https://secret@x.r2.cloudflarestorage.com/b"] {
            let error = Address::parse(url).unwrap_err();
            assert!(matches!(error, AddressError::Secret), "{error}");
        }
        for url in ["s3:// key:secret@bucket", "://secret@x"] {
            assert!(!Address::parse(url).unwrap_err().to_string().contains("secret"));
        }
    }

    #[test]
    fn what_is_no_object_store_is_said() {
        for url in ["ftp://host/path", "memory:///x", "https://example.org/x", "file:///x"] {
            let error = Address::parse(url).unwrap_err();
            assert!(matches!(error, AddressError::UnknownScheme(_)), "{error}");
        }
    }
}
