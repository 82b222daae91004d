//! Teachers, students and their guardians.

use entity::{
    access::{types::UserStatus, user, user_role},
    school::{guardian, student, student_guardian, teacher, types::StudentStatus},
};
use seeding_engine::{World, values::person::Name};
use uuid::Uuid;

use super::cell::{Number, register};
use crate::{
    account,
    factories::{
        access::user::Users,
        school::{guardian::Guardians, student::Students, teacher::Teachers},
    },
    people::{self, Names},
};

const TEACHERS: u64 = 8;
const STUDENTS: u64 = 60;

/// How many rows a cell has for teachers, students and guardians, and for their accounts.
pub(super) const TEACHER_STRIDE: u64 = 8;
pub(super) const STUDENT_STRIDE: u64 = 64;
pub(super) const GUARDIAN_STRIDE: u64 = STUDENT_STRIDE * 2;

/// The last students of the register have left the classes, each in another way.
const FORMER: [(u64, StudentStatus); 3] = [
    (STUDENTS - 3, StudentStatus::OnLeave),
    (STUDENTS - 2, StudentStatus::Graduated),
    (STUDENTS - 1, StudentStatus::Withdrawn),
];

/// The people of the schools, one school a cell.
pub(super) struct People {
    pub(super) teachers: Teachers,
    pub(super) students: Students,
    pub(super) guardians: Guardians,
    pub(super) teacher_users: Users,
    pub(super) student_users: Users,
    pub(super) guardian_users: Users,
    teacher_names: Names,
}

/// The students who take classes, by their rows in the cell.
pub(super) fn enrolled() -> std::ops::Range<u64> {
    0..STUDENTS - FORMER.len() as u64
}

/// The grade that the student of row `local` is in: one in three in each of 7, 8 and 9.
pub(super) fn grade(local: u64) -> i16 {
    [7, 8, 9][usize::try_from(local % 3).unwrap_or_default()]
}

/// The rows of guardians, each with its student's: everybody has a first one, three in five a
/// second one.
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

impl People {
    pub(super) fn new(world: &World) -> Self {
        Self {
            teachers: Teachers::new(world, "teachers/volume"),
            students: Students::new(world, "students/volume"),
            guardians: Guardians::new(world, "guardians/volume"),
            teacher_users: Users::new(world, "users/volume-teachers"),
            student_users: Users::new(world, "users/volume-students"),
            guardian_users: Users::new(world, "users/volume-guardians"),
            teacher_names: Names::new(world, "teachers/volume"),
        }
    }

    pub(super) fn teacher(&self, cell: u64, local: u64) -> Uuid {
        self.teachers.key(cell * TEACHER_STRIDE + local)
    }

    /// The name of the guardian in row `local`; the first one has the family name of the child.
    fn guardian_name(&self, cell: u64, student: u64, local: u64) -> Name {
        let own = self.guardians.name(cell * GUARDIAN_STRIDE + local);
        if local.is_multiple_of(2) {
            let child = self.students.name(cell * STUDENT_STRIDE + student);
            Name { family: child.family, ..own }
        } else {
            own
        }
    }

    pub(super) fn teacher_users(&self, cell: u64) -> Vec<user::Model> {
        let user = |local| {
            let row = cell * TEACHER_STRIDE + local;
            let name = self.teacher_names.name(row);
            let email = people::email(&name, 't', Number::new(cell, local));
            user::Model { status: UserStatus::Active, ..self.teacher_users.row(row, &name, email) }
        };
        (0..TEACHERS).map(user).collect()
    }

    pub(super) fn student_users(&self, cell: u64) -> Vec<user::Model> {
        let user = |local| {
            let row = cell * STUDENT_STRIDE + local;
            let name = self.students.name(row);
            let email = people::email(&name, 's', Number::new(cell, local));
            self.student_users.row(row, &name, email)
        };
        (0..STUDENTS).filter(|local| has_account(*local)).map(user).collect()
    }

    pub(super) fn guardian_users(&self, cell: u64) -> Vec<user::Model> {
        let user = |(student, local)| {
            let name = self.guardian_name(cell, student, local);
            let email = people::email(&name, 'g', Number::new(cell, local));
            self.guardian_users.row(cell * GUARDIAN_STRIDE + local, &name, email)
        };
        guardian_rows().filter(|(_, local)| guardian_has_account(*local)).map(user).collect()
    }

    pub(super) fn teachers(&self, cell: u64) -> Vec<teacher::Model> {
        let teacher = |local| {
            let row = cell * TEACHER_STRIDE + local;
            self.teachers.row(row, self.teacher_users.key(row), register('T', cell, local, 3))
        };
        (0..TEACHERS).map(teacher).collect()
    }

    pub(super) fn students(&self, cell: u64) -> Vec<student::Model> {
        (0..STUDENTS).map(|local| self.student(cell, local)).collect()
    }

    fn student(&self, cell: u64, local: u64) -> student::Model {
        let row = cell * STUDENT_STRIDE + local;
        let former = FORMER.iter().find(|(former, _)| *former == local);
        let status = former.map_or(StudentStatus::Active, |(_, status)| *status);
        let grade = if status == StudentStatus::Graduated { 12 } else { grade(local) };
        student::Model {
            user_id: has_account(local).then(|| self.student_users.key(row)),
            status,
            ..self.students.row(row, grade, register('S', cell, local, 4))
        }
    }

    pub(super) fn guardians(&self, cell: u64) -> Vec<guardian::Model> {
        let guardian = |(student, local)| {
            let row = cell * GUARDIAN_STRIDE + local;
            let name = self.guardian_name(cell, student, local);
            let email = people::email(&name, 'g', Number::new(cell, local));
            guardian::Model {
                user_id: guardian_has_account(local).then(|| self.guardian_users.key(row)),
                ..self.guardians.row(row, &name, email)
            }
        };
        guardian_rows().map(guardian).collect()
    }

    pub(super) fn families(&self, cell: u64) -> Vec<student_guardian::Model> {
        let family = |(student, local): (u64, u64)| student_guardian::Model {
            is_primary: local.is_multiple_of(2),
            ..self.guardians.family(
                cell * GUARDIAN_STRIDE + local,
                self.students.key(cell * STUDENT_STRIDE + student),
            )
        };
        guardian_rows().map(family).collect()
    }
}

/// The role `role` for each of `users`.
pub(super) fn roles(users: &[user::Model], role: &str) -> Vec<user_role::Model> {
    users.iter().map(|user| account::holds(user, role)).collect()
}
