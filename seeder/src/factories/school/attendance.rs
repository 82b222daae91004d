//! Who was in class on which day.

use chrono::{Duration, NaiveDate, NaiveTime};
use entity::school::{attendance, types::AttendanceStatus};
use seeding_engine::{Space, Stream, World};
use uuid::Uuid;

/// How often which status comes, in percent.
const STATUSES: [(u32, AttendanceStatus); 4] = [
    (92, AttendanceStatus::Present),
    (3, AttendanceStatus::Late),
    (3, AttendanceStatus::Absent),
    (2, AttendanceStatus::Excused),
];

const EXCUSES: [&str; 4] =
    ["Doctor's appointment", "Ill, note from the parents", "Music competition", "Family occasion"];

/// The attendance of one space.
pub(crate) struct Attendances {
    space: Space,
    status: Stream,
}

impl Attendances {
    pub(crate) fn new(world: &World, space: &str) -> Self {
        Self { space: Space::new(space), status: world.stream(space, "status") }
    }

    pub(crate) fn space(&self) -> Space {
        self.space
    }

    /// The attendance of row `row`: of the student who is enrolled with `enrollment`, on `day`.
    pub(crate) fn row(&self, row: u64, enrollment: Uuid, day: NaiveDate) -> attendance::Model {
        let mut draw = self.status.at(row);
        let status = *draw.weighted(&STATUSES);
        let excused = status == AttendanceStatus::Excused;
        // Recorded in the evening.
        let at = day.and_time(NaiveTime::MIN).and_utc() + Duration::hours(18);
        attendance::Model {
            id: self.space.key(row),
            enrollment_id: enrollment,
            day,
            status,
            note: excused.then(|| (*draw.choose(&EXCUSES)).to_owned()),
            created_at: at,
            updated_at: at,
        }
    }
}
