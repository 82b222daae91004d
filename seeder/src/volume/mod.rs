//! Many plausible rows: enough that lists scroll and charts have a shape.
//!
//! The numbers of rows are fixed here; a larger engine for them is another matter.

mod classes;
mod engagement;
mod people;
mod programme;
mod traces;
mod visitors;

use entity::prelude::{
    Attendance, AuditLog, Class, Enrollment, Event, EventAttendance, EventInstructor,
    EventMusician, Exam, ExamResult, Guardian, InstructorFollow, MusicianFollow, Notification,
    PricingTier, Review, SavedEvent, Schedule, Session, Student, StudentGuardian, Teacher, User,
    UserPreference, UserRole,
};
use seeding_engine::{Kind, Rows, Seed, World};

use crate::{
    calendar::instant,
    festival::programme as shows,
    personas,
    school::{attendance::attendance, exams},
};

/// The part of a key that tells these rows from others of the same table.
const SPACE: &str = "volume";

/// A small school in the middle of a term.
pub fn school() -> Seed {
    Seed {
        id: "volume.school",
        description: "a small school in the middle of a term",
        kind: Kind::Volume,
        version: 1,
        environments: Kind::Volume.environments(),
        requires: &["demo.personas"],
        rows: Box::new(school_rows),
    }
}

fn school_rows(world: &World) -> Vec<Rows> {
    let since = instant(world, -100, 0);
    let (own, electives) = (classes::classes(world), personas::electives(world));
    let enrollments = classes::enrollments(world, &own, &electives);
    vec![
        Rows::of::<User>(people::users(world)).filled(),
        Rows::of::<UserRole>(people::roles(world)).filled(),
        Rows::of::<Teacher>(people::teachers(world)).filled(),
        Rows::of::<Student>(people::students(world)).filled(),
        Rows::of::<Guardian>(people::guardians(world)).filled(),
        Rows::of::<StudentGuardian>(people::families(world)).filled(),
        Rows::of::<Class>(own.iter().map(|class| class.model(since))).filled(),
        Rows::of::<Schedule>(own.iter().flat_map(|class| class.schedule(since))).filled(),
        Rows::of::<Enrollment>(enrollments.iter().map(crate::school::Enrollment::model)).filled(),
        Rows::of::<Exam>(own.iter().flat_map(|class| exams::exams(world, class))).filled(),
        Rows::of::<ExamResult>(exams::results(world, &enrollments)).filled(),
        Rows::of::<Attendance>(attendance(world, &enrollments)).filled(),
    ]
}

/// Visitors and what they do with a season of events.
pub fn festival() -> Seed {
    Seed {
        id: "volume.festival",
        description: "visitors and what they do with a season of events",
        kind: Kind::Volume,
        version: 1,
        environments: Kind::Volume.environments(),
        requires: &["demo.festival"],
        rows: Box::new(festival_rows),
    }
}

fn festival_rows(world: &World) -> Vec<Rows> {
    let shows = programme::shows(world);
    let plans = engagement::plans(world, &shows);
    vec![
        Rows::of::<User>(visitors::users(world)).filled(),
        Rows::of::<InstructorFollow>(visitors::instructor_follows(world)).filled(),
        Rows::of::<MusicianFollow>(visitors::musician_follows(world)).filled(),
        Rows::of::<Event>(shows.iter().map(shows::Show::model)).filled(),
        Rows::of::<EventInstructor>(programme::instructors(world, &shows)).filled(),
        Rows::of::<EventMusician>(programme::musicians(world, &shows)).filled(),
        Rows::of::<PricingTier>(shows.iter().flat_map(shows::Show::tiers)).filled(),
        Rows::of::<SavedEvent>(engagement::saved(&plans)).filled(),
        Rows::of::<EventAttendance>(engagement::attendances(&plans)).filled(),
        Rows::of::<Review>(engagement::reviews(world, &plans)).filled(),
        Rows::of::<Notification>(engagement::notifications(world, &plans)).filled(),
    ]
}

/// What the users of the school and of the festival leave behind.
pub fn traces() -> Seed {
    Seed {
        id: "volume.traces",
        description: "preferences, logins and an audit log",
        kind: Kind::Volume,
        version: 1,
        environments: Kind::Volume.environments(),
        requires: &["system.users", "volume.festival", "volume.school"],
        rows: Box::new(|world| {
            vec![
                Rows::of::<UserPreference>(traces::preferences(world)).filled(),
                Rows::of::<Session>(traces::sessions(world)).filled(),
                Rows::of::<AuditLog>(traces::audit_logs(world)).filled(),
            ]
        }),
    }
}
