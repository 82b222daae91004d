//! A password that is not shown and does not stay in memory.

use zeroize::Zeroizing;

/// A role's password. It has neither `Debug` nor `Display`, and its memory is overwritten when it is dropped.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes a password over.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The password itself, for whoever has to send it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it has a line break, which a password file of libpq cannot hold.
    pub fn has_line_break(&self) -> bool {
        self.0.contains(['\n', '\r'])
    }

    /// Whether PostgreSQL can have such a password at all: a NUL would end it.
    pub fn has_nul(&self) -> bool {
        self.0.contains('\0')
    }

    /// Whether `SASLprep` refuses it, for a control character or one that is newer than Unicode 3.2.
    ///
    /// PostgreSQL then takes the password as it is; our driver does not connect.
    pub(crate) fn is_unprepared(&self) -> bool {
        stringprep::saslprep(&self.0).is_err()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_saslprep_refuses_is_known() {
        for text in ["a\nb", "a\rb", "a\tb", "\u{1f600}"] {
            assert!(Password::new(text.to_owned()).is_unprepared(), "{text:?}");
        }
        for text in ["", r"s3cr3t: \'@%/#? ü漢", "a\u{a0}b"] {
            assert!(!Password::new(text.to_owned()).is_unprepared(), "{text:?}");
        }
    }
}
