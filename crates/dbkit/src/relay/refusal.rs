//! Why there is no session, as a message that every client understands.

use std::fmt;

/// The SQLSTATE for a server that cannot be reached. No server says this of itself.
pub(crate) const UNREACHABLE: &str = "08001";

/// One of our own, for encryption that is demanded and cannot be had.
pub(crate) const NO_ENCRYPTION: &str = "SWTLS";

/// The SQLSTATE for a server that does not say what a server says.
const PROTOCOL_VIOLATION: &str = "08P01";

/// The SQLSTATE for a way to authenticate that is not to be had.
const INVALID_AUTHORIZATION: &str = "28000";

/// No session, and why.
#[derive(Debug)]
pub(super) struct Refusal {
    /// An `ErrorResponse`: the server's own, byte for byte, where it had something to say.
    pub(super) message: Vec<u8>,
    /// Whether it may be otherwise with encryption, or without.
    pub(super) other_way: bool,
    /// Whether these are the server's own words.
    pub(super) is_servers: bool,
}

impl Refusal {
    /// What the server said, before or after it had asked for a password.
    pub(super) fn of_server(message: Vec<u8>, has_asked: bool) -> Self {
        Self { message, other_way: !has_asked, is_servers: true }
    }

    pub(super) fn unreachable(reason: impl fmt::Display) -> Self {
        Self::own(UNREACHABLE, reason)
    }

    /// A failed attempt to encrypt.
    pub(super) fn encryption(reason: impl fmt::Display) -> Self {
        Self { other_way: true, ..Self::own(NO_ENCRYPTION, reason) }
    }

    pub(super) fn protocol(reason: impl fmt::Display) -> Self {
        Self::own(PROTOCOL_VIOLATION, reason)
    }

    /// The server may be somebody else, or wants what we do not have.
    pub(super) fn authentication(reason: impl fmt::Display) -> Self {
        Self::own(INVALID_AUTHORIZATION, reason)
    }

    fn own(code: &str, reason: impl fmt::Display) -> Self {
        // A NUL would end the field.
        let reason = reason.to_string().replace('\0', "");
        let fields = format!("SFATAL\0VFATAL\0C{code}\0M{reason}\0\0");
        let length = u32::try_from(fields.len() + 4).unwrap_or(u32::MAX);
        let message = [b"E", &length.to_be_bytes()[..], fields.as_bytes()].concat();
        Self { message, other_way: false, is_servers: false }
    }
}
