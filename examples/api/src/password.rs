//! Whether a password is the right one, without telling by the time it takes whether there is one.

use std::time::Duration;

use argon2::{ARGON2ID_IDENT, Argon2, PasswordVerifier as _, password_hash::phc::PasswordHash};
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

use crate::problem::Problem;

/// One hash costs about 19 MiB and a processor; a flood of logins must not take all there is.
static TURNS: Semaphore = Semaphore::const_new(8);

/// How long a login waits for its turn.
const LIMIT: Duration = Duration::from_secs(5);

/// Compares a password with what the database stores, on a thread that may block.
///
/// Where nothing is stored, or nothing that a password can match, the work is done all the same.
pub(crate) async fn verify(password: String, stored: Option<String>) -> Result<bool, Problem> {
    let turn = timeout(LIMIT, TURNS.acquire()).await.map_err(|_| Problem::unavailable())?;
    let work = move || {
        // The thread goes on when the client has left, so the turn ends with the work.
        let _turn = turn;
        matches(&password, stored.as_deref())
    };
    spawn_blocking(work).await.map_err(|error| Problem::internal(&error))
}

fn matches(password: &str, stored: Option<&str>) -> bool {
    let hash = stored
        .and_then(|stored| PasswordHash::new(stored).ok())
        .filter(|hash| hash.algorithm == ARGON2ID_IDENT && hash.hash.is_some());
    if let Some(hash) = hash {
        Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
    } else {
        let mut unused = [0; 32];
        // Only the time it takes is of use.
        let _ = Argon2::default().hash_password_into(password.as_bytes(), &[0; 16], &mut unused);
        false
    }
}

#[cfg(test)]
mod tests {
    use argon2::PasswordHasher as _;

    use super::*;

    fn stored(password: &str) -> String {
        let hash =
            Argon2::default().hash_password_with_salt(password.as_bytes(), b"a fixed salt 16b");
        hash.unwrap().to_string()
    }

    #[test]
    fn only_the_password_itself_matches() {
        let stored = stored("correct horse");
        assert!(matches("correct horse", Some(&stored)));
        for wrong in ["", "correct horse ", "Correct horse"] {
            assert!(!matches(wrong, Some(&stored)), "{wrong}");
        }
    }

    #[test]
    fn an_account_without_a_password_matches_nothing() {
        for stored in [None, Some("!"), Some(""), Some("correct horse")] {
            for password in ["", "!", "correct horse"] {
                assert!(!matches(password, stored), "{stored:?} {password}");
            }
        }
    }

    #[test]
    fn another_algorithm_matches_nothing() {
        let other = stored("correct horse").replace("$argon2id$", "$argon2i$");
        assert!(!matches("correct horse", Some(&other)));
    }
}
