//! Exams, and what students reach in them.

use chrono::{Duration, NaiveDate, NaiveTime};
use entity::school::{exam, exam_result, types::ExamKind};
use sea_orm::entity::prelude::Decimal;
use seeding_engine::{Draw, World, key};
use uuid::Uuid;

use super::{Class, Enrollment};
use crate::calendar::day;

/// The exams of every class: kind, title, highest score, days from today.
const EXAMS: [(ExamKind, &str, i64, i64); 4] = [
    (ExamKind::Quiz, "Short test", 20, -20),
    (ExamKind::Midterm, "Midterm exam", 100, -9),
    (ExamKind::Project, "Project", 50, -3),
    (ExamKind::Final, "Final exam", 100, 24),
];

/// How many of a hundred students reach which ten percent of the score: a bell that leans to the
/// good side.
const BANDS: [(u32, u64); 8] =
    [(2, 20), (5, 30), (9, 40), (16, 50), (25, 60), (23, 70), (14, 80), (6, 90)];

const REMARKS: [&str; 4] = [
    "Well argued throughout",
    "Careful with the units",
    "Much better than last time",
    "Please come and see me",
];

struct Exam {
    key: Uuid,
    number: u64,
    max_score: i64,
    held_on: NaiveDate,
}

fn exams_of(world: &World, class: &Class) -> impl Iterator<Item = Exam> {
    let space = format!("exams/{}", class.space);
    let (world, row) = (*world, class.row * 4);
    (0..).zip(EXAMS).map(move |(number, (_, _, max_score, days))| Exam {
        key: key(&space, row + number),
        number,
        max_score,
        held_on: day(&world, days),
    })
}

/// The exams of `class`.
pub(crate) fn exams(world: &World, class: &Class) -> Vec<exam::Model> {
    let announced = |held_on: NaiveDate| (held_on - Duration::days(30)).and_time(NaiveTime::MIN);
    exams_of(world, class)
        .zip(EXAMS)
        .map(|(exam, (kind, title, ..))| exam::Model {
            id: exam.key,
            class_id: class.key(),
            title: title.to_owned(),
            kind,
            max_score: Decimal::new(exam.max_score * 100, 2),
            held_on: exam.held_on,
            created_at: announced(exam.held_on).and_utc(),
            updated_at: announced(exam.held_on).and_utc(),
        })
        .collect()
}

/// The results of all active `enrollments` in the exams that have been held; now and then somebody
/// has missed one.
pub(crate) fn results(world: &World, enrollments: &[Enrollment<'_>]) -> Vec<exam_result::Model> {
    let active = enrollments.iter().filter(|enrollment| enrollment.is_active());
    active.flat_map(|enrollment| results_of(world, enrollment)).collect()
}

fn results_of(world: &World, enrollment: &Enrollment<'_>) -> Vec<exam_result::Model> {
    let space = format!("exam_results/{}", enrollment.space);
    exams_of(world, enrollment.class)
        .filter(|exam| exam.held_on < world.as_of)
        .filter_map(|exam| {
            let row = enrollment.row * 4 + exam.number;
            let missed = world.draw(&space, "missed", row).chance(4);
            let mut draw = world.draw(&space, "score", row);
            let graded = (exam.held_on + Duration::days(2)).and_time(NaiveTime::MIN).and_utc();
            (!missed).then(|| exam_result::Model {
                id: key(&space, row),
                exam_id: exam.key,
                student_id: enrollment.student,
                score: score(&mut draw, exam.max_score),
                max_score: Decimal::new(exam.max_score * 100, 2),
                remarks: draw.chance(12).then(|| (*draw.choose(&REMARKS)).to_owned()),
                created_at: graded,
                updated_at: graded,
            })
        })
        .collect()
}

/// A score up to `max`, in halves of a point.
fn score(draw: &mut Draw, max: i64) -> Decimal {
    let percent = *draw.weighted(&BANDS) + draw.below(10);
    let half_points = max * i64::try_from(percent).unwrap_or_default() * 2 / 100;
    Decimal::new(half_points * 5, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bands_make_a_hundred_students() {
        assert_eq!(BANDS.iter().map(|(students, _)| students).sum::<u32>(), 100);
    }

    #[test]
    fn scores_stay_within_the_exam_and_lean_to_the_good_side() {
        let mut scores: Vec<Decimal> =
            (0..1_000).map(|row| score(&mut Draw::new(1, "t", "score", row), 100)).collect();
        scores.sort_unstable();
        assert!(scores[0] >= Decimal::ZERO && scores[999] <= Decimal::ONE_HUNDRED);
        assert!((Decimal::from(60)..Decimal::from(70)).contains(&scores[500]), "{}", scores[500]);
    }
}
