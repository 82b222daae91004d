//! Who was in class.

use chrono::{Duration, NaiveTime};
use entity::school::{attendance, types::AttendanceStatus};
use seeding_engine::{World, key};

use super::Enrollment;
use crate::calendar::{RECORDED_DAYS, recorded_days};

/// How often which status comes, in percent.
const STATUSES: [(u32, AttendanceStatus); 4] = [
    (92, AttendanceStatus::Present),
    (3, AttendanceStatus::Late),
    (3, AttendanceStatus::Absent),
    (2, AttendanceStatus::Excused),
];

const EXCUSES: [&str; 4] =
    ["Doctor's appointment", "Ill, note from the parents", "Music competition", "Family occasion"];

/// A row for every recorded day on which the class of an active one of `enrollments` met.
pub(crate) fn attendance(world: &World, enrollments: &[Enrollment<'_>]) -> Vec<attendance::Model> {
    let active = enrollments.iter().filter(|enrollment| enrollment.is_active());
    active.flat_map(|enrollment| of_enrollment(world, enrollment)).collect()
}

fn of_enrollment(world: &World, enrollment: &Enrollment<'_>) -> Vec<attendance::Model> {
    let space = format!("attendance/{}", enrollment.space);
    let days = recorded_days(world, &enrollment.class.weekdays());
    days.into_iter()
        .map(|(number, day)| {
            let row = enrollment.row * RECORDED_DAYS.unsigned_abs() + number;
            let status = *world.draw(&space, "status", row).weighted(&STATUSES);
            let note = (status == AttendanceStatus::Excused)
                .then(|| (*world.draw(&space, "note", row).choose(&EXCUSES)).to_owned());
            // Recorded in the evening.
            let at = day.and_time(NaiveTime::MIN).and_utc() + Duration::hours(18);
            attendance::Model {
                id: key(&space, row),
                enrollment_id: enrollment.key(),
                day,
                status,
                note,
                created_at: at,
                updated_at: at,
            }
        })
        .collect()
}
