//! Classes and what happens in them, for a handful of personas as for a whole school.
//!
//! A class, an enrollment and an exam know their row, so that whatever belongs to them finds its
//! own key without a lookup.

pub(crate) mod attendance;
pub(crate) mod exams;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc, Weekday};
use entity::school::{class, enrollment, schedule, types};
use seeding_engine::key;
use uuid::Uuid;

use crate::reference::subject_key;

/// A class of a seed.
#[derive(Clone, Debug)]
pub(crate) struct Class {
    /// The seed that it belongs to, as a part of its key.
    pub(crate) space: &'static str,
    /// Its row there.
    pub(crate) row: u64,
    pub(crate) code: String,
    pub(crate) subject: &'static str,
    pub(crate) teacher: Uuid,
    pub(crate) term: String,
    pub(crate) room: String,
    /// The days on which it meets, each with the hour of the school day, from 0.
    pub(crate) meetings: [(Weekday, u32); 2],
}

impl Class {
    pub(crate) fn key(&self) -> Uuid {
        key(&format!("classes/{}", self.space), self.row)
    }

    pub(crate) fn weekdays(&self) -> [Weekday; 2] {
        self.meetings.map(|(weekday, _)| weekday)
    }

    pub(crate) fn model(&self, since: DateTime<Utc>) -> class::Model {
        class::Model {
            id: self.key(),
            code: self.code.clone(),
            subject_id: subject_key(self.subject),
            teacher_id: self.teacher,
            term: self.term.clone(),
            room: Some(self.room.clone()),
            capacity: 24,
            created_at: since,
            updated_at: since,
        }
    }

    pub(crate) fn schedule(&self, since: DateTime<Utc>) -> Vec<schedule::Model> {
        let space = format!("schedules/{}", self.space);
        let meeting = |(number, (weekday, hour)): (u64, (Weekday, u32))| schedule::Model {
            id: key(&space, self.row * 2 + number),
            class_id: self.key(),
            weekday: weekday_of(weekday),
            starts_at: time(hour, 0),
            ends_at: time(hour, 50),
            created_at: since,
            updated_at: since,
        };
        (0..).zip(self.meetings).map(meeting).collect()
    }
}

/// The school day begins at eight.
fn time(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(8 + hour, minute, 0).unwrap_or_default()
}

fn weekday_of(weekday: Weekday) -> types::Weekday {
    match weekday {
        Weekday::Mon => types::Weekday::Monday,
        Weekday::Tue => types::Weekday::Tuesday,
        Weekday::Wed => types::Weekday::Wednesday,
        Weekday::Thu => types::Weekday::Thursday,
        Weekday::Fri => types::Weekday::Friday,
        Weekday::Sat => types::Weekday::Saturday,
        Weekday::Sun => types::Weekday::Sunday,
    }
}

/// A student in a class.
#[derive(Clone, Debug)]
pub(crate) struct Enrollment<'a> {
    /// The seed that it belongs to, as a part of its key.
    pub(crate) space: &'static str,
    /// Its row there.
    pub(crate) row: u64,
    pub(crate) class: &'a Class,
    pub(crate) student: Uuid,
    pub(crate) status: types::EnrollmentStatus,
    pub(crate) from: NaiveDate,
    pub(crate) until: Option<NaiveDate>,
}

impl Enrollment<'_> {
    pub(crate) fn key(&self) -> Uuid {
        enrollment_key(self.space, self.row)
    }

    /// Whether the student takes part in the class today.
    pub(crate) fn is_active(&self) -> bool {
        self.status == types::EnrollmentStatus::Active
    }

    pub(crate) fn model(&self) -> enrollment::Model {
        let since = self.from.and_time(NaiveTime::MIN).and_utc();
        enrollment::Model {
            id: self.key(),
            student_id: self.student,
            class_id: self.class.key(),
            status: self.status,
            enrolled_on: self.from,
            ended_on: self.until,
            created_at: since,
            updated_at: since,
        }
    }
}

/// The key of the enrollment of row `row` in `space`.
pub(crate) fn enrollment_key(space: &str, row: u64) -> Uuid {
    key(&format!("enrollments/{space}"), row)
}
