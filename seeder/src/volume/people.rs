//! Teachers, students and their guardians.

use entity::{
    access::{types::UserStatus, user, user_role},
    school::{
        guardian, student, student_guardian, teacher,
        types::{GuardianRelationship, StudentStatus},
    },
};
use seeding_engine::{World, key};
use uuid::Uuid;

use crate::{
    account,
    calendar::{day, instant},
    people::{self, Name},
};

const TEACHERS: u64 = 8;
const STUDENTS: u64 = 60;

/// The last students of the register have left the classes, each in another way.
const FORMER: [(u64, StudentStatus); 3] = [
    (STUDENTS - 3, StudentStatus::OnLeave),
    (STUDENTS - 2, StudentStatus::Graduated),
    (STUDENTS - 1, StudentStatus::Withdrawn),
];

const DEPARTMENTS: [&str; 5] = ["Mathematics", "Languages", "Science", "Humanities", "Sports"];

const STATUSES: [(u32, UserStatus); 4] = [
    (93, UserStatus::Active),
    (4, UserStatus::Invited),
    (2, UserStatus::Suspended),
    (1, UserStatus::Disabled),
];

const RELATIONSHIPS: [(u32, GuardianRelationship); 6] = [
    (44, GuardianRelationship::Mother),
    (42, GuardianRelationship::Father),
    (6, GuardianRelationship::Grandparent),
    (2, GuardianRelationship::Sibling),
    (4, GuardianRelationship::LegalGuardian),
    (2, GuardianRelationship::Other),
];

pub(super) fn teacher_key(row: u64) -> Uuid {
    key("teachers/volume", row)
}

pub(super) fn student_key(row: u64) -> Uuid {
    key("students/volume", row)
}

fn guardian_key(row: u64) -> Uuid {
    key("guardians/volume", row)
}

/// The students who take classes, by their rows.
pub(super) fn enrolled() -> std::ops::Range<u64> {
    0..STUDENTS - FORMER.len() as u64
}

/// The grade that the student of row `row` is in: one in three in each of 7, 8 and 9.
pub(super) fn grade(row: u64) -> i16 {
    [7, 8, 9][usize::try_from(row % 3).unwrap_or_default()]
}

/// The rows of guardians: everybody has a first one, three in five a second one.
fn guardian_rows() -> impl Iterator<Item = (u64, u64)> {
    let second = |student: u64| student % 5 < 3;
    (0..STUDENTS)
        .flat_map(|student| [(student, student * 2), (student, student * 2 + 1)])
        .filter(move |(student, row)| row % 2 == 0 || second(*student))
}

/// Every other student and every third first guardian has an account, as well as every teacher.
fn has_account(student: u64) -> bool {
    student.is_multiple_of(2)
}

fn guardian_has_account(row: u64) -> bool {
    row.is_multiple_of(6)
}

fn student_name(world: &World, row: u64) -> Name {
    people::name(world, "students/volume", row)
}

/// A guardian usually has the family name of the child.
fn guardian_name(world: &World, student: u64, row: u64) -> Name {
    let own = people::name(world, "guardians/volume", row);
    if row.is_multiple_of(2) {
        Name { family: student_name(world, student).family, ..own }
    } else {
        own
    }
}

/// The account of row `row` of `space`; a space has the tag that its addresses have.
pub(super) fn user(world: &World, space: &str, tag: char, row: u64, name: &Name) -> user::Model {
    let mut draw = world.draw(space, "account", row);
    let since = instant(world, -draw.between(40, 700), draw.between(7 * 60, 20 * 60));
    let status = *draw.weighted(&STATUSES);
    let seen = instant(world, -draw.between(1, 21), draw.between(6 * 60, 22 * 60));
    user::Model {
        status,
        last_login_at: (status != UserStatus::Invited).then_some(seen),
        ..account::user(key(space, row), people::email(name, tag, row), name.full(), since)
    }
}

fn teacher_users(world: &World) -> impl Iterator<Item = user::Model> {
    (0..TEACHERS).map(|row| {
        let name = people::name(world, "teachers/volume", row);
        let user = user(world, "users/volume-teachers", 't', row, &name);
        user::Model { status: UserStatus::Active, ..user }
    })
}

fn student_users(world: &World) -> impl Iterator<Item = user::Model> {
    (0..STUDENTS)
        .filter(|row| has_account(*row))
        .map(|row| user(world, "users/volume-students", 's', row, &student_name(world, row)))
}

fn guardian_users(world: &World) -> impl Iterator<Item = user::Model> {
    guardian_rows().filter(|(_, row)| guardian_has_account(*row)).map(|(student, row)| {
        let name = guardian_name(world, student, row);
        user(world, "users/volume-guardians", 'g', row, &name)
    })
}

pub(super) fn users(world: &World) -> Vec<user::Model> {
    teacher_users(world).chain(student_users(world)).chain(guardian_users(world)).collect()
}

pub(super) fn roles(world: &World) -> Vec<user_role::Model> {
    let teachers = teacher_users(world).map(|user| account::holds(&user, "TEACHER"));
    let students = student_users(world).map(|user| account::holds(&user, "STUDENT"));
    let guardians = guardian_users(world).map(|user| account::holds(&user, "PARENT"));
    teachers.chain(students).chain(guardians).collect()
}

pub(super) fn teachers(world: &World) -> Vec<teacher::Model> {
    (0..TEACHERS)
        .map(|row| {
            let mut draw = world.draw("teachers/volume", "career", row);
            let department = usize::try_from(row).unwrap_or_default() % DEPARTMENTS.len();
            let since = instant(world, -700, 0);
            teacher::Model {
                id: teacher_key(row),
                user_id: key("users/volume-teachers", row),
                employee_no: format!("T-{:03}", row + 1),
                department: DEPARTMENTS[department].to_owned(),
                hired_on: draw.date_between(day(world, -365 * 15), day(world, -710)),
                created_at: since,
                updated_at: since,
            }
        })
        .collect()
}

pub(super) fn students(world: &World) -> Vec<student::Model> {
    (0..STUDENTS)
        .map(|row| {
            let name = student_name(world, row);
            let former = FORMER.iter().find(|(former, _)| *former == row);
            let status = former.map_or(StudentStatus::Active, |(_, status)| *status);
            let grade_level = if status == StudentStatus::Graduated { 12 } else { grade(row) };
            let youngest = day(world, -365 * (6 + i64::from(grade_level)));
            let oldest = youngest - chrono::Duration::days(364);
            let since = instant(world, -400, 0);
            student::Model {
                id: student_key(row),
                user_id: has_account(row).then(|| key("users/volume-students", row)),
                student_no: format!("S-{:04}", row + 1),
                given_name: name.given,
                family_name: name.family,
                birth_date: world
                    .draw("students/volume", "birth_date", row)
                    .date_between(oldest, youngest),
                grade_level,
                status,
                created_at: since,
                updated_at: since,
            }
        })
        .collect()
}

pub(super) fn guardians(world: &World) -> Vec<guardian::Model> {
    guardian_rows()
        .map(|(student, row)| {
            let name = guardian_name(world, student, row);
            let since = instant(world, -400, 0);
            guardian::Model {
                id: guardian_key(row),
                user_id: guardian_has_account(row).then(|| key("users/volume-guardians", row)),
                email: Some(people::email(&name, 'g', row)),
                phone: Some(people::phone(&mut world.draw("guardians/volume", "phone", row))),
                given_name: name.given,
                family_name: name.family,
                created_at: since,
                updated_at: since,
            }
        })
        .collect()
}

pub(super) fn families(world: &World) -> Vec<student_guardian::Model> {
    guardian_rows()
        .map(|(student, row)| {
            let mut draw = world.draw("student_guardians/volume", "relationship", row);
            let since = instant(world, -400, 0);
            student_guardian::Model {
                student_id: student_key(student),
                guardian_id: guardian_key(row),
                relationship: *draw.weighted(&RELATIONSHIPS),
                is_primary: row.is_multiple_of(2),
                created_at: since,
                updated_at: since,
            }
        })
        .collect()
}
