//! Users.

use entity::access::{types::UserStatus, user};
use seeding_engine::{Space, Stream, World, values::person::Name};
use uuid::Uuid;

use crate::{account, calendar::instant};

const STATUSES: [(u32, UserStatus); 4] = [
    (93, UserStatus::Active),
    (4, UserStatus::Invited),
    (2, UserStatus::Suspended),
    (1, UserStatus::Disabled),
];

/// The users of one space.
pub(crate) struct Users {
    world: World,
    space: Space,
    account: Stream,
}

impl Users {
    pub(crate) fn new(world: &World, space: &str) -> Self {
        let account = world.stream(space, "account");
        Self { world: *world, space: Space::new(space), account }
    }

    pub(crate) fn space(&self) -> Space {
        self.space
    }

    pub(crate) fn key(&self, row: u64) -> Uuid {
        self.space.key(row)
    }

    /// The user of row `row`, who signed up in the last two years; no password lets anybody in.
    pub(crate) fn row(&self, row: u64, name: &Name, email: String) -> user::Model {
        let mut draw = self.account.at(row);
        let since = instant(&self.world, -draw.between(40, 700), draw.between(7 * 60, 20 * 60));
        let status = *draw.weighted(&STATUSES);
        let seen = instant(&self.world, -draw.between(1, 21), draw.between(6 * 60, 22 * 60));
        user::Model {
            status,
            last_login_at: (status != UserStatus::Invited).then_some(seen),
            ..account::user(self.key(row), email, name.full(), since)
        }
    }
}
