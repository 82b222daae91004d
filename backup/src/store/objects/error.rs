//! What goes wrong with an object store, in one clear line and without any secret.

use std::{error::Error as _, io};

/// Why an object store did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
#[error("{}: {cause}", trouble.sentence(place))]
pub struct ObjectError {
    place: String,
    trouble: Trouble,
    cause: String,
}

/// What to do about it is a question of which of these it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Nobody answers, or not in time.
    Unreachable,
    /// The bucket is not there.
    NoSuchBucket,
    /// It does not know us.
    Credentials,
    /// It knows us, and does not let us; or nobody may, as where objects are locked.
    Denied,
    /// The object is not there.
    NotFound,
    /// The object is there already.
    Exists,
    /// Anything else.
    Other,
}

impl Trouble {
    fn sentence(self, place: &str) -> String {
        match self {
            Self::Unreachable => format!("cannot reach the object store of `{place}`"),
            Self::NoSuchBucket => format!("there is no bucket for `{place}`"),
            Self::Credentials => format!("the credentials for `{place}` are not accepted"),
            Self::Denied => format!("the object store does not allow it in `{place}`"),
            Self::NotFound => format!("`{place}` is not there"),
            Self::Exists => format!("`{place}` is there already"),
            Self::Other => format!("cannot use `{place}`"),
        }
    }

    /// Whether it would be the same for any object.
    pub(crate) const fn is_of_all(self) -> bool {
        matches!(self, Self::Unreachable | Self::NoSuchBucket | Self::Credentials)
    }

    const fn kind(self) -> io::ErrorKind {
        match self {
            Self::Unreachable => io::ErrorKind::HostUnreachable,
            Self::Credentials | Self::Denied => io::ErrorKind::PermissionDenied,
            Self::NotFound => io::ErrorKind::NotFound,
            Self::Exists => io::ErrorKind::AlreadyExists,
            Self::NoSuchBucket | Self::Other => io::ErrorKind::Other,
        }
    }
}

impl ObjectError {
    /// What `store` said about an object of its own, or about all of them.
    pub(super) fn new(store: &str, object: &str, error: &object_store::Error) -> Self {
        let said = Said::by(error);
        let trouble = said.trouble(error);
        let place = if trouble.is_of_all() { store } else { object };
        Self { place: place.to_owned(), trouble, cause: said.cause() }
    }

    /// Which kind of trouble it is.
    pub const fn trouble(&self) -> Trouble {
        self.trouble
    }

    /// The one in an error of the system, if it comes from an object store.
    pub fn within(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

impl From<ObjectError> for io::Error {
    fn from(error: ObjectError) -> Self {
        Self::new(error.trouble.kind(), error)
    }
}

/// What the store, or the way to it, said last.
struct Said {
    text: String,
    code: Option<String>,
}

impl Said {
    fn by(error: &object_store::Error) -> Self {
        let mut last: &dyn std::error::Error = error;
        let mut deepest = error.source();
        while let Some(source) = deepest {
            (last, deepest) = (source, source.source());
        }
        let text = last.to_string();
        let code = element(&text, "Code").map(str::to_owned);
        Self { text, code }
    }

    /// Stores answer with a status and a document; the code in that says more.
    fn trouble(&self, error: &object_store::Error) -> Trouble {
        match self.code.as_deref() {
            Some("NoSuchBucket" | "ContainerNotFound") => return Trouble::NoSuchBucket,
            Some(
                "InvalidAccessKeyId"
                | "SignatureDoesNotMatch"
                | "NotSignedUp"
                | "ExpiredToken"
                | "InvalidToken"
                | "AuthenticationFailed",
            ) => return Trouble::Credentials,
            _ => {}
        }
        match error {
            object_store::Error::NotFound { .. } => Trouble::NotFound,
            object_store::Error::AlreadyExists { .. }
            | object_store::Error::Precondition { .. } => Trouble::Exists,
            object_store::Error::Unauthenticated { .. } => Trouble::Credentials,
            object_store::Error::PermissionDenied { .. } => Trouble::Denied,
            // Whoever answers has said something with a status.
            object_store::Error::Generic { .. } if !self.is_answer() => Trouble::Unreachable,
            _ => Trouble::Other,
        }
    }

    fn is_answer(&self) -> bool {
        self.code.is_some() || self.text.contains("status code")
    }

    fn cause(&self) -> String {
        match (&self.code, element(&self.text, "Message")) {
            (Some(code), Some(message)) => format!("{code}: {message}"),
            (Some(code), None) => code.clone(),
            (None, _) => self.text.trim().trim_end_matches(':').to_owned(),
        }
    }
}

/// The text of the first `<name>` in a document.
fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, wrap: fn(Box<io::Error>) -> object_store::Error) -> ObjectError {
        ObjectError::new(
            "s3://b/p",
            "s3://b/p/x",
            &wrap(Box::new(io::Error::other(text.to_owned()))),
        )
    }

    #[test]
    fn the_code_in_an_answer_says_what_it_is() {
        let wrap =
            |source: Box<io::Error>| object_store::Error::NotFound { path: "x".to_owned(), source };
        let text =
            "status code: 404: <Error><Code>NoSuchBucket</Code><Message>No.</Message></Error>";
        let error = said(text, wrap);
        assert_eq!(error.trouble(), Trouble::NoSuchBucket);
        assert_eq!(error.to_string(), "there is no bucket for `s3://b/p`: NoSuchBucket: No.");
        assert_eq!(said("status code: 404: ", wrap).trouble(), Trouble::NotFound);
    }

    #[test]
    fn what_nobody_answered_is_unreachable() {
        let wrap = |source: Box<io::Error>| object_store::Error::Generic { store: "S3", source };
        assert_eq!(said("connection refused", wrap).trouble(), Trouble::Unreachable);
        assert_eq!(said("non-2xx status code: 500", wrap).trouble(), Trouble::Other);
        let error = io::Error::from(said("connection refused", wrap));
        assert_eq!(error.kind(), io::ErrorKind::HostUnreachable);
        assert!(ObjectError::within(&error).is_some());
    }
}
