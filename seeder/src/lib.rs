//! The seeds of the reference domains.
//!
//! [`seeds`] lists them all; which of them apply where, and how they are written, is the business
//! of [`seeding_engine`]. A team with other domains replaces this crate together with `entity` and
//! `migration`.
//!
//! | seed | kind | rows |
//! |---|---|---|
//! | `reference.access` | reference | roles, permissions and which role holds which |
//! | `reference.subjects` | reference | what the school teaches |
//! | `system.users` | system | the accounts that a new installation needs |
//! | `demo.personas` | demo | people to log in as, with families and classes |
//! | `demo.festival` | demo | venues, artists, events in every status, and three fans |
//! | `volume.school` | volume | a small school in the middle of a term |
//! | `volume.festival` | volume | visitors and what they do with a season of events |
//! | `volume.traces` | volume | what the users of both leave behind: preferences, logins, an audit log |

mod account;
mod calendar;
pub mod festival;
pub mod password;
mod people;
pub mod personas;
pub mod reference;
mod school;
mod settings;
pub mod system;
pub mod volume;

pub use password::Password;
pub use settings::{Settings, SystemPasswords};

use seeding_engine::Seed;

/// Every seed of the reference domains.
pub fn seeds(settings: &Settings) -> Vec<Seed> {
    vec![
        reference::access(),
        reference::subjects(),
        system::users(settings),
        personas::seed(settings),
        festival::seed(settings),
        volume::school(),
        volume::festival(),
        volume::traces(),
    ]
}

#[cfg(test)]
mod tests;
