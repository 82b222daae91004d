//! The world that invented rows describe: a seed number and a day.

use chrono::NaiveDate;
use serde::Serialize;

use crate::{Draw, Stream};

/// What every invented row is a function of, beside its table and its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct World {
    /// Which of the many possible worlds.
    pub seed: i64,
    /// The day that is today in it: "last week" and "next month" are counted from here.
    pub as_of: NaiveDate,
}

/// Why a world cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorldError {
    /// The database holds rows of another seed number; keys are the same in both, so the result
    /// would be a mixture of the two.
    #[error("the database holds rows of seed {recorded}, not of seed {asked}")]
    OtherSeed {
        /// The seed number of the rows that are there.
        recorded: i64,
        /// The seed number that was asked for.
        asked: i64,
    },
    /// The rows were made by another version of the generator, which draws other values.
    #[error("the database holds rows of generator version {recorded}; this is version {current}")]
    OtherGenerator {
        /// The version that made the rows.
        recorded: u32,
        /// The version that would add to them.
        current: u32,
    },
    /// The database holds rows that are told from another day.
    #[error("the database holds rows as of {recorded}, not as of {asked}")]
    OtherDay {
        /// The day of the rows that are there.
        recorded: NaiveDate,
        /// The day that was asked for.
        asked: NaiveDate,
    },
}

impl World {
    /// The seed number where nobody asks for another.
    pub const DEFAULT_SEED: i64 = 42;

    /// The draws for the value `purpose` of row `row` of `table`.
    pub fn draw(&self, table: &str, purpose: &str, row: u64) -> Draw {
        Draw::new(self.seed, table, purpose, row)
    }

    /// The draws for the value `purpose` of all rows of `table`.
    pub fn stream(&self, table: &str, purpose: &str) -> Stream {
        Stream::new(self.seed, table, purpose)
    }

    /// Decides on a world: the one whose rows are `present`, else what was asked for, else
    /// seed [`World::DEFAULT_SEED`] as of `today`.
    pub(crate) fn choose(
        present: Option<Self>,
        seed: Option<i64>,
        as_of: Option<NaiveDate>,
        today: NaiveDate,
    ) -> Result<Self, WorldError> {
        let Some(present) = present else {
            let seed = seed.unwrap_or(Self::DEFAULT_SEED);
            return Ok(Self { seed, as_of: as_of.unwrap_or(today) });
        };
        if let Some(asked) = seed.filter(|asked| *asked != present.seed) {
            return Err(WorldError::OtherSeed { recorded: present.seed, asked });
        }
        if let Some(asked) = as_of.filter(|asked| *asked != present.as_of) {
            return Err(WorldError::OtherDay { recorded: present.as_of, asked });
        }
        Ok(present)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
    }

    const TODAY: u32 = 31;

    fn choose(
        present: Option<(i64, u32)>,
        seed: Option<i64>,
        as_of: Option<u32>,
    ) -> Result<(i64, NaiveDate), WorldError> {
        let present = present.map(|(seed, as_of)| World { seed, as_of: day(as_of) });
        World::choose(present, seed, as_of.map(day), day(TODAY))
            .map(|world| (world.seed, world.as_of))
    }

    #[test]
    fn an_empty_database_takes_what_is_asked_for() {
        assert_eq!(choose(None, None, None), Ok((World::DEFAULT_SEED, day(TODAY))));
        assert_eq!(choose(None, Some(7), Some(1)), Ok((7, day(1))));
    }

    #[test]
    fn a_filled_database_keeps_its_world() {
        assert_eq!(choose(Some((7, 1)), None, None), Ok((7, day(1))));
        assert_eq!(choose(Some((7, 1)), Some(7), Some(1)), Ok((7, day(1))));
    }

    #[test]
    fn two_worlds_are_never_mixed() {
        let other_seed = WorldError::OtherSeed { recorded: 7, asked: 8 };
        assert_eq!(choose(Some((7, 1)), Some(8), None), Err(other_seed));
        let other_day = WorldError::OtherDay { recorded: day(1), asked: day(2) };
        assert_eq!(choose(Some((7, 1)), None, Some(2)), Err(other_day));
    }
}
