//! The tables of the schools.

use std::sync::Arc;

use entity::{
    access::{user, user_role},
    prelude::{
        Attendance, Class, Enrollment, Exam, ExamResult, Guardian, Schedule, Student,
        StudentGuardian, Teacher, User, UserRole,
    },
    school::{
        attendance, class, enrollment, exam, exam_result, guardian, schedule, student,
        student_guardian, teacher,
    },
};
use seeding_engine::{Generated, World};

use crate::Password;

use super::{
    by_cell,
    classes::{
        ATTENDANCE_STRIDE, CLASS_STRIDE, Classes, ENROLLMENT_STRIDE, EXAM_STRIDE, RESULT_STRIDE,
        SCHEDULE_STRIDE,
    },
    log_in::LogIn,
    people::{GUARDIAN_STRIDE, People, STUDENT_STRIDE, TEACHER_STRIDE, roles},
};

/// A school in every cell.
pub(super) struct School {
    pub(super) people: People,
    pub(super) classes: Classes,
    log_in: LogIn,
}

impl School {
    pub(super) fn new(world: &World, password: Option<&Password>) -> Self {
        Self {
            people: People::new(world),
            classes: Classes::new(world),
            log_in: LogIn::new(password, world),
        }
    }
}

/// The tables of the schools, parents before children.
pub(super) fn tables(world: &World, password: Option<&Password>) -> Vec<Generated> {
    let school = Arc::new(School::new(world, password));
    people(&school).into_iter().chain(lessons(&school)).collect()
}

fn people(school: &Arc<School>) -> Vec<Generated> {
    let people = &school.people;
    let teacher_users = (people.teacher_users.space(), TEACHER_STRIDE);
    let student_users = (people.student_users.space(), STUDENT_STRIDE);
    let guardian_users = (people.guardian_users.space(), GUARDIAN_STRIDE);
    let teachers = (people.teachers.space(), TEACHER_STRIDE);
    let students = (people.students.space(), STUDENT_STRIDE);
    let guardians = (people.guardians.space(), GUARDIAN_STRIDE);
    let user_id = user_role::Column::UserId;
    vec![
        by_cell::<User, _>(school, user::Column::Id, teacher_users, |school, cell| {
            school.log_in.give(school.people.teacher_users(cell))
        }),
        by_cell::<User, _>(school, user::Column::Id, student_users, |school, cell| {
            school.log_in.give(school.people.student_users(cell))
        }),
        by_cell::<User, _>(school, user::Column::Id, guardian_users, |school, cell| {
            school.log_in.give(school.people.guardian_users(cell))
        }),
        by_cell::<UserRole, _>(school, user_id, teacher_users, |school, cell| {
            roles(&school.people.teacher_users(cell), "TEACHER")
        }),
        by_cell::<UserRole, _>(school, user_id, student_users, |school, cell| {
            roles(&school.people.student_users(cell), "STUDENT")
        }),
        by_cell::<UserRole, _>(school, user_id, guardian_users, |school, cell| {
            roles(&school.people.guardian_users(cell), "PARENT")
        }),
        by_cell::<Teacher, _>(school, teacher::Column::Id, teachers, |school, cell| {
            school.people.teachers(cell)
        }),
        by_cell::<Student, _>(school, student::Column::Id, students, |school, cell| {
            school.people.students(cell)
        }),
        by_cell::<Guardian, _>(school, guardian::Column::Id, guardians, |school, cell| {
            school.people.guardians(cell)
        }),
        by_cell::<StudentGuardian, _>(
            school,
            student_guardian::Column::StudentId,
            students,
            |school, cell| school.people.families(cell),
        ),
    ]
}

fn lessons(school: &Arc<School>) -> Vec<Generated> {
    let Classes { spaces, enrollments, attendances, results, .. } = &school.classes;

    let classes = (spaces.classes, CLASS_STRIDE);
    let schedules = (spaces.schedules, SCHEDULE_STRIDE);
    let enrollments = (*enrollments, ENROLLMENT_STRIDE);
    let exams = (spaces.exams, EXAM_STRIDE);
    let results = (results.space(), RESULT_STRIDE);
    let attendances = (attendances.space(), ATTENDANCE_STRIDE);
    vec![
        by_cell::<Class, _>(school, class::Column::Id, classes, |school, cell| {
            school.classes.classes(&school.people, cell)
        }),
        by_cell::<Schedule, _>(school, schedule::Column::Id, schedules, |school, cell| {
            school.classes.schedules(&school.people, cell)
        }),
        by_cell::<Enrollment, _>(school, enrollment::Column::Id, enrollments, |school, cell| {
            school.classes.enrollments(&school.people, cell)
        }),
        by_cell::<Exam, _>(school, exam::Column::Id, exams, |school, cell| {
            school.classes.exams(&school.people, cell)
        }),
        by_cell::<ExamResult, _>(school, exam_result::Column::Id, results, |school, cell| {
            school.classes.results(&school.people, cell)
        }),
        by_cell::<Attendance, _>(school, attendance::Column::Id, attendances, |school, cell| {
            school.classes.attendance(&school.people, cell)
        }),
    ]
}
