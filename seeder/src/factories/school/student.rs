//! Students.

use chrono::Duration;
use entity::school::{student, types::StudentStatus};
use seeding_engine::{Space, Stream, World, draw::distribution::Bell, values::person::Name};
use uuid::Uuid;

use crate::{
    calendar::{day, instant},
    people::Names,
};

/// What students reach in an ordinary exam, in percent: a bell that leans to the good side.
const ABILITY: Bell = Bell { mean: 68, deviation: 11, least: 25, most: 98 };

/// The students of one space.
pub(crate) struct Students {
    world: World,
    space: Space,
    names: Names,
    birth_date: Stream,
    ability: Stream,
}

impl Students {
    pub(crate) fn new(world: &World, space: &str) -> Self {
        Self {
            world: *world,
            space: Space::new(space),
            names: Names::new(world, space),
            birth_date: world.stream(space, "birth_date"),
            ability: world.stream(space, "ability"),
        }
    }

    pub(crate) fn space(&self) -> Space {
        self.space
    }

    pub(crate) fn key(&self, row: u64) -> Uuid {
        self.space.key(row)
    }

    pub(crate) fn name(&self, row: u64) -> Name {
        self.names.name(row)
    }

    /// The percentage that the student of row `row` reaches in an ordinary exam.
    pub(crate) fn ability(&self, row: u64) -> i64 {
        ABILITY.number(&mut self.ability.at(row))
    }

    /// The student of row `row`, of the usual age for `grade`, without an account.
    pub(crate) fn row(&self, row: u64, grade: i16, student_no: String) -> student::Model {
        let Name { given, family } = self.name(row);
        let youngest = day(&self.world, -365 * (6 + i64::from(grade)));
        let oldest = youngest - Duration::days(364);
        let since = instant(&self.world, -400, 0);
        student::Model {
            id: self.key(row),
            user_id: None,
            student_no,
            given_name: given.to_owned(),
            family_name: family.to_owned(),
            birth_date: self.birth_date.at(row).date_between(oldest, youngest),
            grade_level: grade,
            status: StudentStatus::Active,
            created_at: since,
            updated_at: since,
        }
    }
}
