//! Exams.

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use entity::school::{exam, types::ExamKind};
use sea_orm::entity::prelude::Decimal;
use seeding_engine::{Space, World};
use uuid::Uuid;

use crate::calendar::day;

/// The exams of every class: kind, title, highest score, days from today.
const EXAMS: [(ExamKind, &str, i64, i64); 4] = [
    (ExamKind::Quiz, "Short test", 20, -20),
    (ExamKind::Midterm, "Midterm exam", 100, -9),
    (ExamKind::Project, "Project", 50, -3),
    (ExamKind::Final, "Final exam", 100, 24),
];

/// How many rows the exams of a class take.
pub(crate) const EXAMS_PER_CLASS: u64 = EXAMS.len() as u64;

/// An exam, as far as its results are concerned.
pub(crate) struct Sitting {
    pub(crate) key: Uuid,
    /// Its number among the exams of the class.
    pub(crate) number: u64,
    pub(crate) max_score: i64,
    pub(crate) held_on: NaiveDate,
}

/// The exam of row `row` of `space`: each class has as many as [`EXAMS_PER_CLASS`], one after the
/// other.
pub(crate) fn sitting(world: &World, space: Space, row: u64) -> Sitting {
    let number = row % EXAMS_PER_CLASS;
    let (_, _, max_score, days) = EXAMS[usize::try_from(number).unwrap_or_default()];
    Sitting { key: space.key(row), number, max_score, held_on: day(world, days) }
}

/// The row of `sitting`, which is an exam of `class`.
pub(crate) fn exam(sitting: &Sitting, class: Uuid) -> exam::Model {
    let (kind, title, ..) =
        EXAMS[usize::try_from(sitting.number).unwrap_or_default() % EXAMS.len()];
    let announced_at = announced_at(sitting.held_on);
    exam::Model {
        id: sitting.key,
        class_id: class,
        title: title.to_owned(),
        kind,
        max_score: Decimal::new(sitting.max_score * 100, 2),
        held_on: sitting.held_on,
        created_at: announced_at,
        updated_at: announced_at,
    }
}

fn announced_at(held_on: NaiveDate) -> DateTime<Utc> {
    (held_on - Duration::days(30)).and_time(NaiveTime::MIN).and_utc()
}
