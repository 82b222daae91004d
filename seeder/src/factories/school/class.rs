//! Classes and when they meet.

use chrono::{DateTime, NaiveTime, Utc, Weekday};
use entity::school::{class, schedule, types};
use seeding_engine::{Space, World};
use uuid::Uuid;

use super::exam::{EXAMS_PER_CLASS, Sitting, sitting};
use crate::reference::subject_key;

/// How many rows the meetings of a class take.
pub(crate) const MEETINGS_PER_CLASS: u64 = 2;

/// Where the classes of a seed, their meetings and their exams have their keys.
#[derive(Clone, Copy)]
pub(crate) struct ClassSpaces {
    pub(crate) classes: Space,
    pub(crate) schedules: Space,
    pub(crate) exams: Space,
}

impl ClassSpaces {
    /// The spaces of the seed `seed`.
    pub(crate) fn of(seed: &str) -> Self {
        let space = |table| Space::new(&format!("{table}/{seed}"));
        Self { classes: space("classes"), schedules: space("schedules"), exams: space("exams") }
    }
}

/// A class. It knows its row, so that whatever belongs to it finds its own key without a lookup.
#[derive(Clone)]
pub(crate) struct Class {
    pub(crate) spaces: ClassSpaces,
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
        self.spaces.classes.key(self.row)
    }

    pub(crate) fn weekdays(&self) -> [Weekday; 2] {
        self.meetings.map(|(weekday, _)| weekday)
    }

    pub(crate) fn sittings(&self, world: &World) -> impl Iterator<Item = Sitting> + use<> {
        let (world, exams, first) = (*world, self.spaces.exams, self.row * EXAMS_PER_CLASS);
        (first..first + EXAMS_PER_CLASS).map(move |row| sitting(&world, exams, row))
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
        let meeting = |(number, (weekday, hour)): (u64, (Weekday, u32))| schedule::Model {
            id: self.spaces.schedules.key(self.row * MEETINGS_PER_CLASS + number),
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
