//! Passwords on their way to the database, where only their hash arrives.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{
        self,
        phc::{Output, ParamsString, PasswordHash, Salt},
    },
};
use sea_orm::Set;
use seeding_engine::CompletionError;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use entity::access::user;

/// What stands in the place of a hash where no password can match.
pub const UNUSABLE: &str = "!";

/// A password; never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Takes a password from the caller.
    pub fn new(password: impl Into<String>) -> Self {
        Self(password.into())
    }

    /// The password itself, to hash it or to show it once to who asked for it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Where salts come from: bytes that together with a user's key make a salt of its own.
pub(crate) struct Salts([u8; 32]);

impl Salts {
    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Salts that are the same whenever the seed number is.
    pub(crate) fn from_seed(seed: i64) -> Self {
        Self(Sha256::digest(format!("salts of seed {seed}")).into())
    }

    fn of(&self, user: Uuid) -> [u8; 16] {
        let digest = Sha256::new().chain_update(self.0).chain_update(user).finalize();
        std::array::from_fn(|index| digest[index])
    }
}

/// Sets the hash of `password` in a user that is about to be created. No password, no change.
///
/// A hash takes about 20 ms, so it is made for users that do not exist yet, and never in bulk.
pub(crate) fn set(
    user: &mut user::ActiveModel,
    password: Option<&Password>,
    salts: &Salts,
) -> Result<(), CompletionError> {
    let (Some(password), Some(id)) = (password, user.id.try_as_ref()) else { return Ok(()) };
    user.password_hash = Set(hash(password, &salts.of(*id))?);
    Ok(())
}

/// The hash that many share, the same whenever the seed number is.
pub(crate) fn shared(password: &Password, seed: i64) -> Option<String> {
    hash(password, &Salts::from_seed(seed).of(Uuid::nil())).ok()
}

/// The memory of every hash, one after the other. A block of 19 MiB for each, given back to the
/// allocator between others, would leave holes and grow.
static MEMORY: Mutex<Vec<Block>> = Mutex::new(Vec::new());

fn hash(password: &Password, salt: &[u8]) -> Result<String, password_hash::Error> {
    let argon2 = Argon2::default();
    let mut memory = MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
    memory.resize(argon2.params().block_count(), Block::default());
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    argon2.hash_password_into_with_memory(
        password.0.as_bytes(),
        salt,
        &mut output,
        &mut **memory,
    )?;
    let hash = PasswordHash {
        algorithm: Algorithm::default().ident(),
        version: Some(Version::default().into()),
        params: ParamsString::try_from(argon2.params())?,
        salt: Some(Salt::new(salt)?),
        hash: Some(Output::new(&output)?),
    };
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::PasswordVerifier as _;

    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        assert_eq!(format!("{:?}", Password::new("secret")), "Password(…)");
    }

    #[test]
    fn a_hash_fits_its_password_and_no_other() {
        let hash = hash(&Password::new("secret"), &Salts::from_seed(1).of(Uuid::nil())).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let parsed = PasswordHash::new(&hash).unwrap();
        assert!(Argon2::default().verify_password(b"secret", &parsed).is_ok());
        assert!(Argon2::default().verify_password(b"Secret", &parsed).is_err());
        assert!(PasswordHash::new(UNUSABLE).is_err());
    }

    #[test]
    fn no_two_users_share_a_salt() {
        let salts = Salts::from_bytes([7; 32]);
        assert_ne!(salts.of(Uuid::from_u128(1)), salts.of(Uuid::from_u128(2)));
        assert_ne!(Salts::from_seed(1).of(Uuid::nil()), Salts::from_seed(2).of(Uuid::nil()));
        assert_eq!(Salts::from_seed(1).of(Uuid::nil()), Salts::from_seed(1).of(Uuid::nil()));
    }
}
