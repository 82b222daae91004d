//! Who comes to an event.

use chrono::{DateTime, Utc};
use entity::festival::{event_attendance, types::EventAttendanceStatus};
use seeding_engine::Space;
use uuid::Uuid;

use super::event::Show;

/// The attendances of one space.
#[derive(Clone, Copy)]
pub(crate) struct EventAttendances(Space);

impl EventAttendances {
    pub(crate) fn new(space: &str) -> Self {
        Self(Space::new(space))
    }

    pub(crate) fn space(self) -> Space {
        self.0
    }

    /// The attendance of row `row`: since `since`, `user` is as far with `show` as `status` says.
    pub(crate) fn row(
        self,
        row: u64,
        show: &Show,
        user: Uuid,
        status: EventAttendanceStatus,
        since: DateTime<Utc>,
    ) -> event_attendance::Model {
        event_attendance::Model {
            id: self.0.key(row),
            event_id: show.key(),
            user_id: user,
            status,
            created_at: since,
            updated_at: since,
        }
    }
}
