//! The seeds of the reference domains.
//!
//! [`seeds`] lists them all; which of them apply where, and how they are written, is the business
//! of [`seeding_engine`]. A team with other domains replaces this crate together with `entity` and
//! `migration`.
//!
//! For tests, [`factories`] make single rows of every entity.
//!
//! | seed | kind | rows |
//! |---|---|---|
//! | `reference.access` | reference | roles, permissions and which role holds which |
//! | `reference.subjects` | reference | what the school teaches |
//! | `system.users` | system | the accounts that a new installation needs |
//! | `demo.personas` | demo | people to log in as, with families and classes |
//! | `demo.festival` | demo | venues, artists, events in every status, and three fans |
//! | `scenario.power-user` and others | scenario | situations to look into, see [`scenarios`] |
//! | `volume.school` | volume | schools in the middle of a term, one a cell |
//! | `volume.festival` | volume | seasons of events and their visitors, one a cell |
//! | `volume.traces` | volume | what the users of both leave behind: preferences, logins, an audit log |

mod account;
mod calendar;
pub mod factories;
pub mod festival;
pub mod password;
mod people;
pub mod personas;
mod records;
pub mod reference;
pub mod scenarios;
mod settings;
pub mod system;
pub mod volume;

pub use password::Password;
pub use settings::{Settings, SystemPasswords};

use seeding_engine::Seed;

/// Every seed of the reference domains.
pub fn seeds(settings: &Settings) -> Vec<Seed> {
    let mut seeds = vec![
        reference::access(),
        reference::subjects(),
        system::users(settings),
        personas::seed(settings),
        festival::seed(settings),
    ];
    seeds.extend(scenarios::seeds(settings));
    seeds.extend([volume::school(settings), volume::festival(settings), volume::traces()]);
    seeds
}

#[cfg(test)]
mod described;
#[cfg(test)]
mod tests;
