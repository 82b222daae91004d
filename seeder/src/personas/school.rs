//! What the personas do at school: two families, and the classes that they meet in.

use chrono::{Datelike as _, NaiveDate, Weekday};
use entity::school::{
    guardian, student, student_guardian, teacher,
    types::{EnrollmentStatus, GuardianRelationship, StudentStatus},
};
use seeding_engine::{Space, World, key, named_key};
use uuid::Uuid;

use crate::{
    calendar::{day, instant, previous_term, term},
    factories::school::{
        class::{Class, ClassSpaces},
        enrollment::Enrollment,
        student::Students,
    },
    people::DOMAIN,
};

const STUDENTS: &str = "students/personas";

/// A child of one of the families.
struct Child {
    /// The persona; the youngest has no account.
    persona: Option<&'static str>,
    given_name: &'static str,
    family_name: &'static str,
    grade: i16,
    /// Month and day.
    birthday: (u32, u32),
}

#[rustfmt::skip]
const CHILDREN: [Child; 3] = [
    Child { persona: Some("sam.student"), given_name: "Sam", family_name: "Okafor", grade: 7, birthday: (5, 14) },
    Child { persona: Some("sara.student"), given_name: "Sara", family_name: "Lindgren", grade: 7, birthday: (9, 2) },
    Child { persona: None, given_name: "Sunny", family_name: "Okafor", grade: 2, birthday: (11, 23) },
];

/// A parent with an account.
struct Parent {
    persona: &'static str,
    given_name: &'static str,
    family_name: &'static str,
    phone: &'static str,
    relationship: GuardianRelationship,
    /// Rows of [`CHILDREN`].
    children: &'static [u64],
}

static PARENTS: [Parent; 2] = [
    Parent {
        persona: "paula.parent",
        given_name: "Paula",
        family_name: "Okafor",
        phone: "+12025550101",
        relationship: GuardianRelationship::Mother,
        children: &[0, 2],
    },
    Parent {
        persona: "peter.parent",
        given_name: "Peter",
        family_name: "Lindgren",
        phone: "+12025550102",
        relationship: GuardianRelationship::Father,
        children: &[1],
    },
];

fn user(name: &str) -> Uuid {
    named_key("users", name)
}

fn teacher_key(name: &str) -> Uuid {
    named_key("teachers", name)
}

fn student_key(row: u64) -> Uuid {
    key(STUDENTS, row)
}

/// The term that the world's today is in.
pub(crate) fn current_term(world: &World) -> String {
    term(world.as_of)
}

pub(super) fn teachers(world: &World) -> Vec<teacher::Model> {
    let since = instant(world, -120, 0);
    let teacher =
        |(name, employee_no, department, years): (&str, &str, &str, i64)| teacher::Model {
            id: teacher_key(name),
            user_id: user(name),
            employee_no: employee_no.to_owned(),
            department: department.to_owned(),
            hired_on: day(world, -365 * years - 40),
            created_at: since,
            updated_at: since,
        };
    [("tess.teacher", "P-001", "Mathematics", 9), ("theo.teacher", "P-002", "Arts", 4)]
        .map(teacher)
        .into()
}

pub(super) fn students(world: &World) -> Vec<student::Model> {
    let since = instant(world, -120, 0);
    let student = |(row, child): (u64, &Child)| {
        // Who enters the first grade turns six in that year.
        let year = world.as_of.year() - 5 - i32::from(child.grade);
        let (month, day) = child.birthday;
        student::Model {
            id: student_key(row),
            user_id: child.persona.map(user),
            student_no: format!("P-{:03}", row + 1),
            given_name: child.given_name.to_owned(),
            family_name: child.family_name.to_owned(),
            birth_date: NaiveDate::from_ymd_opt(year, month, day).unwrap_or(world.as_of),
            grade_level: child.grade,
            status: StudentStatus::Active,
            created_at: since,
            updated_at: since,
        }
    };
    (0..).zip(&CHILDREN).map(student).collect()
}

pub(super) fn guardians(world: &World) -> Vec<guardian::Model> {
    let since = instant(world, -120, 0);
    let guardian = |parent: &Parent| guardian::Model {
        id: named_key("guardians", parent.persona),
        user_id: Some(user(parent.persona)),
        given_name: parent.given_name.to_owned(),
        family_name: parent.family_name.to_owned(),
        email: Some(format!("{}@{DOMAIN}", parent.persona)),
        phone: Some(parent.phone.to_owned()),
        created_at: since,
        updated_at: since,
    };
    PARENTS.iter().map(guardian).collect()
}

pub(super) fn families(world: &World) -> Vec<student_guardian::Model> {
    let since = instant(world, -120, 0);
    let family = |parent: &'static Parent| {
        parent.children.iter().map(move |child| student_guardian::Model {
            student_id: student_key(*child),
            guardian_id: named_key("guardians", parent.persona),
            relationship: parent.relationship,
            is_primary: true,
            created_at: since,
            updated_at: since,
        })
    };
    PARENTS.iter().flat_map(family).collect()
}

/// Two electives that others may join, a class for the little ones, and one of last term.
pub(super) fn classes(world: &World) -> Vec<Class> {
    let spaces = ClassSpaces::of("personas");
    let class = |row, code: &str, subject, teacher, room: &str, meetings| Class {
        spaces,
        row,
        code: code.to_owned(),
        subject,
        teacher: teacher_key(teacher),
        term: current_term(world),
        room: room.to_owned(),
        meetings,
    };
    let afternoon = [(Weekday::Wed, 6), (Weekday::Fri, 6)];
    let last_term = Class {
        term: previous_term(world.as_of),
        ..class(3, "CS-6A", "CS", "tess.teacher", "2.04", afternoon)
    };
    vec![
        class(0, "CS-7A", "CS", "tess.teacher", "2.04", afternoon),
        class(1, "ART-7A", "ART", "theo.teacher", "Studio", afternoon),
        class(2, "MATH-2A", "MATH", "tess.teacher", "0.01", [(Weekday::Mon, 1), (Weekday::Thu, 1)]),
        last_term,
    ]
}

/// The classes that students of grade 7 choose between.
pub(crate) fn electives(world: &World) -> Vec<Class> {
    classes(world).into_iter().take(2).collect()
}

/// Sam takes computer science, Sara art, Sunny learns to count; last term Sam and Sara were
/// together.
pub(super) fn enrollments<'a>(world: &World, classes: &'a [Class]) -> Vec<Enrollment<'a>> {
    use EnrollmentStatus::{Active, Completed};
    let enrollments = Space::new("enrollments/personas");
    let students = Students::new(world, STUDENTS);
    [(0, 0, Active), (1, 1, Active), (2, 2, Active), (0, 3, Completed), (1, 3, Completed)]
        .into_iter()
        .zip(0..)
        .map(|((student, class, status), row)| {
            let (from, until) =
                if status == Completed { (-260, Some(day(world, -130))) } else { (-70, None) };
            Enrollment {
                key: enrollments.key(row),
                row,
                class: &classes[class],
                student: students.key(student),
                ability: students.ability(student),
                status,
                from: day(world, from),
                until,
            }
        })
        .collect()
}
