//! The school: people, classes, and what happens in them.
//!
//! Twenty students share a class, and each is enrolled once.

pub(crate) mod attendance;
pub(crate) mod class;
pub(crate) mod enrollment;
pub(crate) mod exam;
pub(crate) mod exam_result;
pub(crate) mod guardian;
pub(crate) mod student;
pub(crate) mod teacher;

use chrono::Weekday;
use entity::{
    prelude::{
        Attendance, Class, Enrollment, Exam, ExamResult, Guardian, Student, Subject, Teacher,
    },
    school::{class as classes, student as students, subject as subjects, types},
};
use seeding_engine::{Factory, Space, World};

use self::{
    attendance::Attendances,
    class::{Class as Lesson, ClassSpaces},
    enrollment::Enrollment as Taken,
    exam::EXAMS_PER_CLASS,
    exam_result::ExamResults,
    guardian::Guardians,
    student::Students,
    teacher::Teachers,
};
use super::{FACTORY, access, space};
use crate::{
    calendar::{day, instant, term},
    people,
    reference::{SUBJECTS, subject_key},
};

const STUDENTS_PER_CLASS: u64 = 20;
const DAYS_PER_ENROLLMENT: u64 = 8;

/// Teachers, each with an account: the [`user`](access::user) of the same row.
pub fn teacher(world: World) -> Factory<Teacher> {
    let teachers = Teachers::new(&world, &space("teachers"));
    let user = access::user(world);
    Factory::new(world, move |_, row| {
        teachers.row(row, user.build(row).id, format!("F-{:03}", row + 1))
    })
    .parent(access::user(world), |row| row)
}

/// Students of all grades, without accounts.
pub fn student(world: World) -> Factory<Student> {
    let students = Students::new(&world, &space("students"));
    Factory::new(world, move |_, row| {
        let grade = i16::try_from(row % 12).unwrap_or_default() + 1;
        students.row(row, grade, format!("F-{:04}", row + 1))
    })
}

/// Has finished school.
pub fn graduated(student: &mut students::Model) {
    student.status = types::StudentStatus::Graduated;
    student.grade_level = 12;
}

/// Guardians without accounts.
pub fn guardian(world: World) -> Factory<Guardian> {
    let guardians = Guardians::new(&world, &space("guardians"));
    Factory::new(world, move |_, row| {
        let name = guardians.name(row);
        guardians.row(row, &name, people::email(&name, 'u', format_args!("g{}", row + 1)))
    })
}

/// The subjects of the reference data.
fn subject(world: World) -> Factory<Subject> {
    Factory::new(world, |world, row| {
        let (code, name, description) = SUBJECTS[usize::try_from(row).unwrap_or_default()];
        let since = instant(world, -100, 0);
        subjects::Model {
            id: subject_key(code),
            code: code.to_owned(),
            name: name.to_owned(),
            description: Some(description.to_owned()),
            created_at: since,
            updated_at: since,
        }
    })
}

fn subject_row(row: u64) -> u64 {
    row % SUBJECTS.len() as u64
}

fn lesson(world: &World, row: u64) -> Lesson {
    let (subject, ..) = SUBJECTS[usize::try_from(subject_row(row)).unwrap_or_default()];
    Lesson {
        spaces: ClassSpaces::of(FACTORY),
        row,
        code: format!("{subject}-F{}", row + 1),
        subject,
        teacher: Space::new(&space("teachers")).key(row),
        term: term(world.as_of),
        room: format!("F.{:02}", row + 1),
        meetings: [(Weekday::Mon, 0), (Weekday::Thu, 0)],
    }
}

/// Classes of this term, one of each [`teacher`]; the subject comes from the reference data.
pub fn class(world: World) -> Factory<Class> {
    Factory::new(world, |world, row| lesson(world, row).model(instant(world, -100, 0)))
        .parent(teacher(world), |row| row)
        .parent(subject(world), subject_row)
}

/// Has no place left for anybody but the first.
pub fn tiny(class: &mut classes::Model) {
    class.capacity = 1;
}

/// Students in classes: twenty of row n, n + 1 … in each.
pub fn enrollment(world: World) -> Factory<Enrollment> {
    let students = Students::new(&world, &space("students"));
    let enrollments = Space::new(&space("enrollments"));
    Factory::new(world, move |world, row| {
        let taken = Taken {
            key: enrollments.key(row),
            row,
            class: &lesson(world, row / STUDENTS_PER_CLASS),
            student: students.key(row),
            ability: students.ability(row),
            status: types::EnrollmentStatus::Active,
            from: day(world, -70),
            until: None,
        };
        taken.model()
    })
    .parent(student(world), |row| row)
    .parent(class(world), |row| row / STUDENTS_PER_CLASS)
}

/// Exams, four in each [`class`]: three that have been held, and the final one.
pub fn exam(world: World) -> Factory<Exam> {
    let spaces = ClassSpaces::of(FACTORY);
    Factory::new(world, move |world, row| {
        let sitting = exam::sitting(world, spaces.exams, row);
        exam::exam(&sitting, spaces.classes.key(row / EXAMS_PER_CLASS))
    })
    .parent(class(world), |row| row / EXAMS_PER_CLASS)
}

/// What each [`student`] reached in the first exam of the class.
pub fn exam_result(world: World) -> Factory<ExamResult> {
    let students = Students::new(&world, &space("students"));
    let results = ExamResults::new(&world, &space("exam_results"));
    let exams = ClassSpaces::of(FACTORY).exams;
    let exam_row = |row: u64| row / STUDENTS_PER_CLASS * EXAMS_PER_CLASS;
    Factory::new(world, move |world, row| {
        let sitting = exam::sitting(world, exams, exam_row(row));
        results.row(row, &sitting, students.key(row), students.ability(row))
    })
    .parent(student(world), |row| row)
    .parent(exam(world), exam_row)
}

/// Who was in class: eight days of each [`enrollment`].
pub fn attendance(world: World) -> Factory<Attendance> {
    let attendances = Attendances::new(&world, &space("attendance"));
    let enrollments = Space::new(&space("enrollments"));
    Factory::new(world, move |world, row| {
        let days = -3 * (row % DAYS_PER_ENROLLMENT).cast_signed() - 1;
        attendances.row(row, enrollments.key(row / DAYS_PER_ENROLLMENT), day(world, days))
    })
    .parent(enrollment(world), |row| row / DAYS_PER_ENROLLMENT)
}
