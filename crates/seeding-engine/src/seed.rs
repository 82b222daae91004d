//! What a seed is: rows that belong together, and where they may go.

use std::fmt;

use dbkit::Environment;
use serde::Serialize;

use crate::{Generated, Rows, World};

/// What a seed's rows are good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// What the code relies on: roles, permissions, subjects.
    Reference,
    /// The accounts that a new installation needs.
    System,
    /// A small world made by hand, to look at and to log in to.
    Demo,
    /// A situation made by hand, which is there only while somebody looks into it: no part of a
    /// run that nobody asks for it by name.
    Scenario,
    /// Many plausible rows.
    Volume,
}

impl Kind {
    /// Where seeds of this kind may run unless they say otherwise.
    ///
    /// Staging is a rehearsal of production, so it starts as production does.
    pub const fn environments(self) -> &'static [Environment] {
        match self {
            Self::Reference | Self::System => &Environment::ALL,
            Self::Demo | Self::Scenario | Self::Volume => {
                &[Environment::Development, Environment::Testing]
            }
        }
    }

    /// Whether the rows are invented, so that they depend on a [`World`].
    pub const fn is_generated(self) -> bool {
        matches!(self, Self::Demo | Self::Scenario | Self::Volume)
    }

    /// The name by which people know it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::System => "system",
            Self::Demo => "demo",
            Self::Scenario => "scenario",
            Self::Volume => "volume",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Makes a seed's rows. Must be pure: the same world, the same rows.
pub type MakeRows = Box<dyn Fn(&World) -> Vec<Rows> + Send + Sync>;

/// Makes what generates a seed's tables, parents before children. Must be pure as well.
pub type MakeTables = Box<dyn Fn(&World) -> Vec<Generated> + Send + Sync>;

/// What a seed consists of.
pub enum Content {
    /// A number of rows that fits in memory, parents before children.
    Rows(MakeRows),
    /// Any number of rows, by the cell.
    Tables(MakeTables),
}

impl Content {
    /// Rows that are all made at once.
    pub fn rows(make: impl Fn(&World) -> Vec<Rows> + Send + Sync + 'static) -> Self {
        Self::Rows(Box::new(make))
    }

    /// Rows that are made by the cell.
    pub fn tables(make: impl Fn(&World) -> Vec<Generated> + Send + Sync + 'static) -> Self {
        Self::Tables(Box::new(make))
    }
}

/// Rows that belong together.
pub struct Seed {
    /// Its name in commands and in the history; never changes.
    pub id: &'static str,
    /// What it brings, in a few words.
    pub description: &'static str,
    /// What its rows are good for.
    pub kind: Kind,
    /// Goes up whenever its rows change on purpose.
    pub version: u32,
    /// Where it may run; usually [`Kind::environments`].
    pub environments: &'static [Environment],
    /// The seeds whose rows it refers to.
    pub requires: &'static [&'static str],
    /// Its rows.
    pub content: Content,
}

impl Seed {
    /// The rows that are made all at once; none where its tables are generated.
    pub fn rows(&self, world: &World) -> Vec<Rows> {
        match &self.content {
            Content::Rows(make) => make(world),
            Content::Tables(_) => Vec::new(),
        }
    }

    /// What generates its tables; nothing where its rows are made all at once.
    pub fn tables(&self, world: &World) -> Vec<Generated> {
        match &self.content {
            Content::Rows(_) => Vec::new(),
            Content::Tables(make) => make(world),
        }
    }

    /// Whether it may run in `environment`. Invented rows never reach production, whatever
    /// [`Seed::environments`] says.
    pub fn may_run_in(&self, environment: Environment) -> bool {
        let invented = self.kind.is_generated() && environment == Environment::Production;
        !invented && self.environments.contains(&environment)
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seed")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invented_rows_never_reach_production_even_if_the_seed_allows_it() {
        for kind in [Kind::Demo, Kind::Scenario, Kind::Volume] {
            let seed = Seed {
                id: "careless",
                description: "",
                kind,
                version: 1,
                environments: &Environment::ALL,
                requires: &[],
                content: Content::rows(|_| Vec::new()),
            };
            assert!(!seed.may_run_in(Environment::Production));
            assert!(seed.may_run_in(Environment::Staging));
        }
    }

    #[test]
    fn only_reference_and_system_rows_reach_staging_and_production_by_default() {
        for environment in [Environment::Staging, Environment::Production] {
            assert!(Kind::Reference.environments().contains(&environment));
            assert!(Kind::System.environments().contains(&environment));
            assert!(!Kind::Demo.environments().contains(&environment));
            assert!(!Kind::Scenario.environments().contains(&environment));
            assert!(!Kind::Volume.environments().contains(&environment));
        }
    }
}
