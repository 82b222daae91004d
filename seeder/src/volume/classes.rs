//! A timetable without collisions, and who takes which class.

use chrono::Weekday;
use entity::school::types::EnrollmentStatus;
use seeding_engine::World;

use super::{
    SPACE,
    people::{enrolled, grade, student_key, teacher_key},
};
use crate::{
    calendar::{day, term},
    school::{Class, Enrollment},
};

const GRADES: [i16; 3] = [7, 8, 9];

/// What every grade takes, with the teachers of the first two grades and of the third.
const CORE: [(&str, [u64; 2]); 5] =
    [("MATH", [0, 5]), ("ENG", [1, 6]), ("SCI", [2, 7]), ("HIST", [3, 3]), ("PE", [4, 4])];

const WEEK: [Weekday; 5] = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];

/// The enrollments in electives come after those in core classes.
const FIRST_ELECTIVE: u64 = 1_000;

/// Nobody is waitlisted: the newest migration, which adds that status, can be rolled back only while
/// no row has it, and a team tries that on a seeded database first.
const STATUSES: [(u32, EnrollmentStatus); 2] =
    [(98, EnrollmentStatus::Active), (2, EnrollmentStatus::Withdrawn)];

/// One class for each grade and core subject.
pub(super) fn classes(world: &World) -> Vec<Class> {
    let all = (0_usize..)
        .zip(GRADES)
        .flat_map(|grade| (0_usize..).zip(CORE).map(move |core| (grade, core)));
    all.map(|((grade_at, grade), (subject_at, (subject, teachers)))| Class {
        space: SPACE,
        row: (grade_at * CORE.len() + subject_at) as u64,
        code: format!("{subject}-{grade}B"),
        subject,
        teacher: teacher_key(teachers[usize::from(grade_at == 2)]),
        term: term(world.as_of),
        room: if subject == "PE" {
            "Gym".to_owned()
        } else {
            format!("{}.{:02}", grade_at + 1, subject_at + 1)
        },
        meetings: meetings(grade_at, subject_at),
    })
    .collect()
}

/// Two days apart, in two hours that belong to the grade: nobody, and no teacher who teaches one
/// subject in several grades, is ever in two places.
fn meetings(grade_at: usize, subject_at: usize) -> [(Weekday, u32); 2] {
    let hour = u32::try_from(grade_at * 2).unwrap_or_default();
    [(WEEK[subject_at % 5], hour), (WEEK[(subject_at + 2) % 5], hour + 1)]
}

/// Every student takes the core classes of the grade; those of grade 7 choose an elective.
pub(super) fn enrollments<'a>(
    world: &World,
    own: &'a [Class],
    electives: &'a [Class],
) -> Vec<Enrollment<'a>> {
    let core = enrolled().flat_map(|student| {
        let suffix = format!("-{}B", grade(student));
        let taken = own.iter().filter(move |class| class.code.ends_with(&suffix));
        (0..).zip(taken).map(move |(number, class)| {
            let row = student * CORE.len() as u64 + number;
            let status = *world.draw("enrollments/volume", "status", row).weighted(&STATUSES);
            enrollment(world, row, class, student, status)
        })
    });
    let chosen = enrolled().filter(|student| grade(*student) == GRADES[0]).map(|student| {
        let row = FIRST_ELECTIVE + student;
        let class = world.draw("enrollments/volume", "elective", row).choose(electives);
        enrollment(world, row, class, student, EnrollmentStatus::Active)
    });
    core.chain(chosen).collect()
}

fn enrollment<'a>(
    world: &World,
    row: u64,
    class: &'a Class,
    student: u64,
    status: EnrollmentStatus,
) -> Enrollment<'a> {
    let mut draw = world.draw("enrollments/volume", "days", row);
    let from = day(world, -draw.between(60, 90));
    let withdrawn = day(world, -draw.between(30, 50));
    let until = (status == EnrollmentStatus::Withdrawn).then_some(withdrawn);
    Enrollment { space: SPACE, row, class, student: student_key(student), status, from, until }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn nobody_is_in_two_places() {
        let world = World { seed: 1, as_of: "2026-03-02".parse().unwrap() };
        let classes = classes(&world);
        let mut seen = BTreeSet::new();
        for class in &classes {
            let grade = class.code.split_once('-').unwrap().1;
            for (weekday, hour) in class.meetings {
                for busy in [grade.to_owned(), class.teacher.to_string(), class.room.clone()] {
                    let slot = format!("{busy} {weekday} {hour}");
                    assert!(seen.insert(slot.clone()), "{slot}");
                }
            }
        }
        assert_eq!(classes.len(), 15);
    }
}
