//! Entries of the log of who did what.

use chrono::{DateTime, Utc};
use entity::access::audit_log;
use sea_orm::entity::prelude::Json;
use seeding_engine::{Draw, Space, Stream, World};
use uuid::Uuid;

use crate::calendar::instant;

/// What somebody did to a row.
pub(crate) struct Change {
    pub(crate) action: &'static str,
    pub(crate) table: &'static str,
    pub(crate) row: Uuid,
    pub(crate) before: Option<Json>,
    pub(crate) after: Option<Json>,
}

/// The entries of one space.
pub(crate) struct AuditLogs {
    world: World,
    space: Space,
    requests: Space,
    time: Stream,
}

impl AuditLogs {
    pub(crate) fn new(world: &World, space: &str) -> Self {
        Self {
            world: *world,
            space: Space::new(space),
            requests: Space::new(&format!("requests of {space}")),
            time: world.stream(space, "time"),
        }
    }

    pub(crate) fn space(&self) -> Space {
        self.space
    }

    /// The entry of row `row`: in the last four weeks `actor` did `change`.
    pub(crate) fn row(&self, row: u64, actor: Uuid, change: Change) -> audit_log::Model {
        audit_log::Model {
            id: self.space.key(row),
            actor_id: Some(actor),
            action: change.action.to_owned(),
            entity_type: change.table.to_owned(),
            entity_id: Some(change.row),
            before: change.before,
            after: change.after,
            correlation_id: Some(self.requests.key(request(row))),
            created_at: self.time_of(&mut self.time.at(request(row))),
        }
    }

    /// In office hours.
    fn time_of(&self, draw: &mut Draw) -> DateTime<Utc> {
        instant(&self.world, -draw.between(1, 28), draw.between(7 * 60, 19 * 60))
    }
}

/// One request in four did two things.
fn request(row: u64) -> u64 {
    row - u64::from(row % 4 == 3)
}
