//! Logins.

use chrono::Duration;
use entity::access::session;
use seeding_engine::{Space, Stream, World, values::internet};
use uuid::Uuid;

use crate::calendar::instant;

/// The sessions of one space.
pub(crate) struct Sessions {
    world: World,
    space: Space,
    session: Stream,
}

impl Sessions {
    pub(crate) fn new(world: &World, space: &str) -> Self {
        Self { world: *world, space: Space::new(space), session: world.stream(space, "session") }
    }

    pub(crate) fn space(&self) -> Space {
        self.space
    }

    pub(crate) fn key(&self, row: u64) -> Uuid {
        self.space.key(row)
    }

    /// The session of row `row`, begun by `user` in the last month; one in six was ended by hand.
    pub(crate) fn row(&self, row: u64, user: Uuid) -> session::Model {
        let mut draw = self.session.at(row);
        let since = instant(&self.world, -draw.between(1, 30), draw.between(6 * 60, 22 * 60));
        let revoked_at = since + Duration::minutes(draw.between(1, 90));
        session::Model {
            id: self.key(row),
            user_id: user,
            token_hash: internet::hexadecimal(&mut draw, 64),
            ip: Some(internet::ip(&mut draw).into()),
            user_agent: Some(internet::user_agent(&mut draw).to_owned()),
            expires_at: since + Duration::days(30),
            revoked_at: draw.chance(16).then_some(revoked_at),
            created_at: since,
            updated_at: since,
        }
    }
}
