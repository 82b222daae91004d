//! What students reach in exams.

use chrono::{Duration, NaiveTime};
use entity::school::exam_result;
use sea_orm::entity::prelude::Decimal;
use seeding_engine::{Draw, Space, Stream, World, draw::distribution::Bell};
use uuid::Uuid;

use super::exam::Sitting;

const REMARKS: [&str; 4] = [
    "Well argued throughout",
    "Careful with the units",
    "Much better than last time",
    "Please come and see me",
];

/// The results of one space.
pub(crate) struct ExamResults {
    space: Space,
    score: Stream,
    missed: Stream,
}

impl ExamResults {
    pub(crate) fn new(world: &World, space: &str) -> Self {
        Self {
            space: Space::new(space),
            score: world.stream(space, "score"),
            missed: world.stream(space, "missed"),
        }
    }

    pub(crate) fn space(&self) -> Space {
        self.space
    }

    /// Whether the result of row `row` is there: now and then somebody has missed an exam.
    pub(crate) fn was_there(&self, row: u64) -> bool {
        !self.missed.at(row).chance(4)
    }

    /// The result of row `row`: what `student`, who ordinarily reaches `ability` percent, got in
    /// `exam`.
    pub(crate) fn row(
        &self,
        row: u64,
        exam: &Sitting,
        student: Uuid,
        ability: i64,
    ) -> exam_result::Model {
        let mut draw = self.score.at(row);
        let graded = (exam.held_on + Duration::days(2)).and_time(NaiveTime::MIN).and_utc();
        exam_result::Model {
            id: self.space.key(row),
            exam_id: exam.key,
            student_id: student,
            score: score(&mut draw, ability, exam.max_score),
            max_score: Decimal::new(exam.max_score * 100, 2),
            remarks: draw.chance(12).then(|| (*draw.choose(&REMARKS)).to_owned()),
            created_at: graded,
            updated_at: graded,
        }
    }
}

/// A score up to `max`, in halves of a point, around `ability` percent.
fn score(draw: &mut Draw, ability: i64, max: i64) -> Decimal {
    let percent = Bell { mean: ability, deviation: 8, least: 0, most: 100 }.number(draw);
    let half_points = max * percent * 2 / 100;
    Decimal::new(half_points * 50, 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_stay_within_the_exam_and_around_what_the_student_can_do() {
        for (ability, expected) in [(38, 38), (68, 68), (98, 97)] {
            let mut scores: Vec<Decimal> = (0..1_000)
                .map(|row| score(&mut Draw::new(1, "t", "score", row), ability, 100))
                .collect();
            scores.sort_unstable();
            assert!(scores[0] >= Decimal::ZERO && scores[999] <= Decimal::ONE_HUNDRED);
            assert!((scores[500] - Decimal::from(expected)).abs() <= Decimal::TWO);
        }
    }

    #[test]
    fn a_score_is_in_halves_of_a_point() {
        let scores = (0..200).map(|row| score(&mut Draw::new(1, "t", "score", row), 68, 20));
        assert!(scores.into_iter().all(|score| (score * Decimal::TWO).fract().is_zero()));
    }
}
