//! Many plausible rows, by the cell: enough that lists scroll and charts have a shape, or as many
//! as one likes.
//!
//! A cell is a school in the middle of a term, a festival with a season of events, and what their
//! users leave behind. It refers to nothing but itself, reference data and the demo rows.

mod cell;
mod classes;
mod festival;
mod log_in;
mod people;
mod popular;
mod school;
mod season;
mod traces;
mod visitors;

use std::sync::Arc;

use crate::Settings;
use sea_orm::EntityTrait;
use seeding_engine::{Content, Generated, Kind, Seed, Space};

/// Schools in the middle of a term.
pub fn school(settings: &Settings) -> Seed {
    let password = settings.volume_password.clone();
    Seed {
        id: "volume.school",
        description: "schools in the middle of a term, one a cell",
        kind: Kind::Volume,
        version: 2,
        environments: Kind::Volume.environments(),
        requires: &["demo.personas"],
        content: Content::tables(move |world| school::tables(world, password.as_ref())),
    }
}

/// Festivals: a season of events, and what visitors do with it.
pub fn festival(settings: &Settings) -> Seed {
    let password = settings.volume_password.clone();
    Seed {
        id: "volume.festival",
        description: "seasons of events and their visitors, one a cell",
        kind: Kind::Volume,
        version: 2,
        environments: Kind::Volume.environments(),
        requires: &["demo.festival"],
        content: Content::tables(move |world| season::tables(world, password.as_ref())),
    }
}

/// What the users of the schools and of the festivals leave behind.
pub fn traces() -> Seed {
    Seed {
        id: "volume.traces",
        description: "preferences, logins and an audit log",
        kind: Kind::Volume,
        version: 2,
        environments: Kind::Volume.environments(),
        requires: &["system.users", "volume.festival", "volume.school"],
        content: Content::tables(traces::tables),
    }
}

/// The rows that `rows` makes of `maker`, in the table of `E` at keys of `space`.
fn by_cell<E, M>(
    maker: &Arc<M>,
    key: E::Column,
    (space, stride): (Space, u64),
    rows: impl Fn(&M, u64) -> Vec<E::Model> + Send + Sync + 'static,
) -> Generated
where
    E: EntityTrait,
    M: Send + Sync + 'static,
{
    let maker = Arc::clone(maker);
    Generated::of::<E>(key, space, stride, move |cell| rows(&maker, cell))
}

#[cfg(test)]
mod tests;
