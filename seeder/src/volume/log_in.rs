//! Whether bulk users can log in: no password lets them in, unless the team asks for one.
//!
//! They all share one hash. A hash of its own for each would take 15 ms a user: 100 000 users, 25
//! minutes.

use entity::access::user;
use seeding_engine::World;

use crate::{Password, password};

/// The hash that bulk users have.
pub(super) struct LogIn(Option<String>);

impl LogIn {
    /// The hash of `password`, the same whenever the seed number is.
    pub(super) fn new(password: Option<&Password>, world: &World) -> Self {
        Self(password.and_then(|password| password::shared(password, world.seed)))
    }

    /// Gives the hash to `users`.
    pub(super) fn give(&self, mut users: Vec<user::Model>) -> Vec<user::Model> {
        if let Some(hash) = &self.0 {
            for user in &mut users {
                user.password_hash.clone_from(hash);
            }
        }
        users
    }
}

#[cfg(test)]
mod tests {
    use argon2::{
        Argon2,
        password_hash::{PasswordVerifier as _, phc::PasswordHash},
    };

    use super::*;
    use crate::volume::people::People;

    #[test]
    fn bulk_users_can_log_in_only_where_it_is_asked_for() {
        let world = World { seed: 1, as_of: "2026-03-02".parse().unwrap() };
        let users = || People::new(&world).student_users(0);
        assert!(
            LogIn::new(None, &world).give(users()).iter().all(|user| user.password_hash == "!")
        );
        let asked = LogIn::new(Some(&Password::new("secret")), &world).give(users());
        let hash = PasswordHash::new(&asked[0].password_hash).unwrap();
        assert!(Argon2::default().verify_password(b"secret", &hash).is_ok());
        assert!(asked.iter().all(|user| user.password_hash == asked[0].password_hash));
    }
}
