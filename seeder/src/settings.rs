//! What a team may choose about its seeds.

use crate::Password;

/// What a team may choose about its seeds.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The domain of the system users' addresses, `school.example` unless the team has its own.
    pub domain: String,
    /// The password of every persona; `None` leaves them unable to log in.
    pub persona_password: Option<Password>,
    /// The password of every generated user; `None` leaves them unable to log in.
    pub volume_password: Option<Password>,
    /// The passwords of the system users.
    pub system_passwords: SystemPasswords,
    /// Random bytes from which the salts of the system users' passwords are derived. Personas take
    /// theirs from the seed number, so that two developers get the same rows.
    pub salt: [u8; 32],
}

/// The passwords of the system users; `None` leaves an account unable to log in.
#[derive(Clone, Debug, Default)]
pub struct SystemPasswords {
    /// Of `superadmin@`.
    pub superadmin: Option<Password>,
    /// Of `admin@`.
    pub admin: Option<Password>,
    /// Of `principal@`.
    pub principal: Option<Password>,
}

impl Settings {
    /// The domain where a team has none.
    pub const DEFAULT_DOMAIN: &'static str = "school.example";
}

impl Default for Settings {
    /// No passwords at all: good for looking at the rows.
    fn default() -> Self {
        Self {
            domain: Self::DEFAULT_DOMAIN.to_owned(),
            persona_password: None,
            volume_password: None,
            system_passwords: SystemPasswords::default(),
            salt: [0; 32],
        }
    }
}
