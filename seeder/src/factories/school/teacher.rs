//! Teachers.

use entity::school::teacher;
use seeding_engine::{Space, Stream, World};
use uuid::Uuid;

use crate::calendar::{day, instant};

const DEPARTMENTS: [&str; 5] = ["Mathematics", "Languages", "Science", "Humanities", "Sports"];

/// The teachers of one space.
pub(crate) struct Teachers {
    world: World,
    space: Space,
    career: Stream,
}

impl Teachers {
    pub(crate) fn new(world: &World, space: &str) -> Self {
        Self { world: *world, space: Space::new(space), career: world.stream(space, "career") }
    }

    pub(crate) fn space(&self) -> Space {
        self.space
    }

    pub(crate) fn key(&self, row: u64) -> Uuid {
        self.space.key(row)
    }

    /// The teacher of row `row`, who logs in as `user` and came to the school in the last 15 years.
    pub(crate) fn row(&self, row: u64, user: Uuid, employee_no: String) -> teacher::Model {
        let mut draw = self.career.at(row);
        let department = usize::try_from(row % DEPARTMENTS.len() as u64).unwrap_or_default();
        let since = instant(&self.world, -700, 0);
        teacher::Model {
            id: self.key(row),
            user_id: user,
            employee_no,
            department: DEPARTMENTS[department].to_owned(),
            hired_on: draw.date_between(day(&self.world, -365 * 15), day(&self.world, -710)),
            created_at: since,
            updated_at: since,
        }
    }
}
