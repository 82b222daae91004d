//! Sealing a stream of bytes, and opening it again.

use std::{
    io::{self, BufRead, Read, Write},
    iter,
};

use age::{DecryptError, Decryptor, Encryptor, stream::StreamWriter};

use super::{Identities, Recipients};

/// A writer that seals, or hands on where nothing is to be sealed.
///
/// Unless it is finished, what it wrote cannot be opened as complete.
pub(crate) enum Sealed<W: Write> {
    Open(W),
    Closed(StreamWriter<W>),
}

impl<W: Write> Sealed<W> {
    /// Begins to seal what goes into `inner`.
    pub(crate) fn new(recipients: &Recipients, inner: W) -> io::Result<Self> {
        let encryptor = match recipients {
            Recipients::Everybody => return Ok(Self::Open(inner)),
            Recipients::Keys(keys) => {
                let keys = keys.iter().map(|key| key.key() as &dyn age::Recipient);
                Encryptor::with_recipients(keys).map_err(io::Error::other)?
            }
            Recipients::Passphrase(passphrase) => {
                Encryptor::with_user_passphrase(passphrase.0.clone())
            }
        };
        encryptor.wrap_output(inner).map(Self::Closed)
    }

    /// Writes what says that this is the end.
    pub(crate) fn finish(self) -> io::Result<W> {
        match self {
            Self::Open(inner) => Ok(inner),
            Self::Closed(writer) => writer.finish(),
        }
    }
}

impl<W: Write> Write for Sealed<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Self::Open(inner) => inner.write(buffer),
            Self::Closed(writer) => writer.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Open(inner) => inner.flush(),
            Self::Closed(writer) => writer.flush(),
        }
    }
}

/// Why what is sealed cannot be opened, which may or may not be its own fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// There is nothing to open it with.
    #[error("it is sealed, and no identity is at hand")]
    NoIdentity,
    /// None of the keys is that of a recipient.
    #[error("it is sealed for others: none of the identities opens it")]
    NoneFits,
    /// It needs a passphrase.
    #[error("it is sealed with a passphrase, and none is at hand")]
    NoPassphrase,
    /// The passphrase is another one.
    #[error("the passphrase is wrong")]
    WrongPassphrase,
}

/// Why a sealed stream does not open.
pub(crate) enum NotOpened {
    Key(KeyError),
    Damaged(String),
}

/// Opens what was sealed.
pub(crate) fn open<'a>(
    identities: &Identities,
    source: impl BufRead + 'a,
) -> Result<Box<dyn Read + 'a>, NotOpened> {
    let decryptor =
        Decryptor::new_buffered(source).map_err(|error| NotOpened::Damaged(error.to_string()))?;
    if decryptor.is_scrypt() {
        let Some(passphrase) = &identities.passphrase else {
            return Err(NotOpened::Key(KeyError::NoPassphrase));
        };
        let identity = age::scrypt::Identity::new(passphrase.0.clone());
        return opened(decryptor.decrypt(iter::once(&identity as _)), KeyError::WrongPassphrase);
    }
    if identities.keys.is_empty() {
        return Err(NotOpened::Key(KeyError::NoIdentity));
    }
    let keys = identities.keys.iter().map(|key| key as &dyn age::Identity);
    opened(decryptor.decrypt(keys), KeyError::NoneFits)
}

fn opened<'a>(
    reader: Result<impl Read + 'a, DecryptError>,
    wrong: KeyError,
) -> Result<Box<dyn Read + 'a>, NotOpened> {
    match reader {
        Ok(reader) => Ok(Box::new(reader)),
        Err(
            DecryptError::NoMatchingKeys
            | DecryptError::DecryptionFailed
            | DecryptError::KeyDecryptionFailed,
        ) => Err(NotOpened::Key(wrong)),
        Err(other) => Err(NotOpened::Damaged(other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Passphrase, Recipient};

    fn sealed(recipients: &Recipients, text: &[u8]) -> Vec<u8> {
        let mut writer = Sealed::new(recipients, Vec::new()).unwrap();
        writer.write_all(text).unwrap();
        writer.finish().unwrap()
    }

    fn key() -> (Recipients, Identities) {
        let identity = age::x25519::Identity::generate();
        let recipients = Recipients::Keys(vec![Recipient::of(identity.to_public())]);
        (recipients, Identities { keys: vec![identity], passphrase: None })
    }

    fn read(identities: &Identities, stored: &[u8]) -> Result<Vec<u8>, Option<KeyError>> {
        let mut text = Vec::new();
        match open(identities, stored) {
            Ok(mut reader) => reader.read_to_end(&mut text).map(|_| text).map_err(|_| None),
            Err(NotOpened::Key(error)) => Err(Some(error)),
            Err(NotOpened::Damaged(_)) => Err(None),
        }
    }

    #[test]
    fn what_is_sealed_is_opened_by_its_key_alone() {
        let ((recipients, identities), (_, others)) = (key(), key());
        let stored = sealed(&recipients, b"secret");
        assert_eq!(read(&identities, &stored).unwrap(), b"secret");
        assert_eq!(read(&others, &stored), Err(Some(KeyError::NoneFits)));
        assert_eq!(read(&Identities::default(), &stored), Err(Some(KeyError::NoIdentity)));
    }

    #[test]
    fn a_passphrase_opens_what_it_sealed() {
        let with = |text: &str| Some(Passphrase::from(text.to_owned()));
        let stored = sealed(&Recipients::Passphrase(with("right").unwrap()), b"secret");
        let open = |phrase| read(&Identities::default().with_passphrase(phrase), &stored);
        assert_eq!(open(with("right")).unwrap(), b"secret");
        assert_eq!(open(with("wrong")), Err(Some(KeyError::WrongPassphrase)));
        assert_eq!(open(None), Err(Some(KeyError::NoPassphrase)));
    }

    #[test]
    fn what_was_not_finished_does_not_open_as_complete() {
        let (recipients, identities) = key();
        let mut stored = Vec::new();
        let mut writer = Sealed::new(&recipients, &mut stored).unwrap();
        writer.write_all(&vec![7; 200_000]).unwrap();
        drop(writer);
        assert_eq!(read(&identities, &stored), Err(None));
    }
}
