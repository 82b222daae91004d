//! What a school writes down of its enrollments: who was in class, and who reached what.

use entity::school::{attendance, exam, exam_result};
use seeding_engine::World;

use crate::{
    calendar::{RECORDED_DAYS, recorded_days},
    factories::school::{
        attendance::Attendances,
        class::Class,
        enrollment::Enrollment,
        exam::{self as exams, EXAMS_PER_CLASS},
        exam_result::ExamResults,
    },
};

/// How many rows the attendance of an enrollment takes: the power of two above [`RECORDED_DAYS`].
pub(crate) const DAYS_PER_ENROLLMENT: u64 = RECORDED_DAYS.unsigned_abs().next_power_of_two();

/// How many rows the exam results of an enrollment take.
pub(crate) const RESULTS_PER_ENROLLMENT: u64 = EXAMS_PER_CLASS;

/// The exams of `classes`.
pub(crate) fn exams(world: &World, classes: &[Class]) -> Vec<exam::Model> {
    let of_class = |class: &Class| {
        let key = class.key();
        class.sittings(world).map(move |sitting| exams::exam(&sitting, key))
    };
    classes.iter().flat_map(of_class).collect()
}

/// A row for every recorded day on which the class of an active one of `enrollments` met.
pub(crate) fn attendance(
    world: &World,
    attendances: &Attendances,
    enrollments: &[Enrollment<'_>],
) -> Vec<attendance::Model> {
    let active = enrollments.iter().filter(|enrollment| enrollment.is_active());
    active
        .flat_map(|enrollment| {
            let first = enrollment.row * DAYS_PER_ENROLLMENT;
            recorded_days(world, enrollment.class.weekdays())
                .map(move |(number, day)| attendances.row(first + number, enrollment.key, day))
        })
        .collect()
}

/// The results of all active `enrollments` in the exams that have been held.
pub(crate) fn results(
    world: &World,
    results: &ExamResults,
    enrollments: &[Enrollment<'_>],
) -> Vec<exam_result::Model> {
    let active = enrollments.iter().filter(|enrollment| enrollment.is_active());
    active
        .flat_map(|enrollment| {
            let (student, ability) = (enrollment.student, enrollment.ability);
            let first = enrollment.row * RESULTS_PER_ENROLLMENT;
            let held = enrollment.class.sittings(world).filter(|exam| exam.held_on < world.as_of);
            held.map(move |exam| (first + exam.number, exam))
                .filter(|(row, _)| results.was_there(*row))
                .map(move |(row, exam)| results.row(row, &exam, student, ability))
        })
        .collect()
}
