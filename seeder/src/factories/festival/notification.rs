//! What users are told.

use chrono::{DateTime, Duration, Utc};
use entity::festival::{notification, types::NotificationKind};
use seeding_engine::{Space, Stream, World};
use serde_json::json;
use uuid::Uuid;

use super::event::Show;
use crate::calendar::instant;

/// The notifications of one space.
pub(crate) struct Notifications {
    today: DateTime<Utc>,
    space: Space,
    read: Stream,
}

impl Notifications {
    pub(crate) fn new(world: &World, space: &str) -> Self {
        Self {
            today: instant(world, 0, 0),
            space: Space::new(space),
            read: world.stream(space, "read"),
        }
    }

    pub(crate) fn space(&self) -> Space {
        self.space
    }

    /// The notification of row `row`: `user` is told at `at` about `show`; three in five have read
    /// it within two days.
    pub(crate) fn row(
        &self,
        row: u64,
        kind: NotificationKind,
        show: &Show,
        user: Uuid,
        at: DateTime<Utc>,
    ) -> notification::Model {
        let mut draw = self.read.at(row);
        let read_at = (at + Duration::minutes(draw.between(5, 2 * 24 * 60))).min(self.today);
        notification::Model {
            id: self.space.key(row),
            user_id: user,
            kind,
            payload: json!({ "event_id": show.key(), "event_title": show.title }),
            read_at: draw.chance(60).then_some(read_at),
            created_at: at,
            updated_at: at,
        }
    }
}
