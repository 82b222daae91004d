//! What the code relies on, the same everywhere: it follows the code, and nobody else's rows are
//! touched. A role, permission or assignment that disappears from the code stays in the database.

pub mod permissions;
mod subjects;

pub use permissions::access;
pub use subjects::{SUBJECTS, subjects};

use seeding_engine::named_key;
use uuid::Uuid;

/// The key of the role called `name`.
pub(crate) fn role_key(name: &str) -> Uuid {
    named_key("roles", name)
}

/// The key of the subject with the code `code`.
pub(crate) fn subject_key(code: &str) -> Uuid {
    named_key("subjects", code)
}
