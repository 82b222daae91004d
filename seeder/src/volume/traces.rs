//! What users leave behind: preferences, logins, and a log of who did what.

use std::sync::Arc;

use entity::{
    access::{audit_log, session, types::UserStatus, user, user_preference},
    prelude::{AuditLog, Session, UserPreference},
};
use seeding_engine::{Draw, Generated, Stream, World};
use serde_json::json;

use super::{
    by_cell,
    classes::{Classes, ENROLLMENTS_PER_STUDENT},
    people::{GUARDIAN_STRIDE, People, STUDENT_STRIDE, TEACHER_STRIDE, enrolled, grade},
    visitors::{VISITOR_STRIDE, VISITORS, Visitors},
};
use crate::{
    factories::access::{
        audit_log::{AuditLogs, Change},
        session::Sessions,
        user::Users,
        user_preference::UserPreferences,
    },
    personas::PERSONAS,
    system::SYSTEM_USERS,
};

const AUDIT_LOGS: u64 = 160;
const SESSIONS_PER_USER: u64 = 4;

/// How many rows a cell has for users of all kinds, for their sessions, and for the log.
const USER_STRIDE: u64 = 512;
const SESSION_STRIDE: u64 = USER_STRIDE * SESSIONS_PER_USER;
const AUDIT_LOG_STRIDE: u64 = 256;

/// Where the rows of each kind of user begin in a cell: teachers at zero, then these.
const STUDENTS_FROM: u64 = TEACHER_STRIDE;
const GUARDIANS_FROM: u64 = STUDENTS_FROM + STUDENT_STRIDE;
const VISITORS_FROM: u64 = GUARDIANS_FROM + GUARDIAN_STRIDE;
const _: () = assert!(VISITORS_FROM + VISITOR_STRIDE <= USER_STRIDE, "a cell has too many users");

/// What users leave behind, in every cell.
pub(super) fn tables(world: &World) -> Vec<Generated> {
    let traces = Arc::new(Traces::new(world));
    let preferences = (traces.preferences.space(), USER_STRIDE);
    let sessions = (traces.sessions.space(), SESSION_STRIDE);
    let audit_logs = (traces.audit_logs.space(), AUDIT_LOG_STRIDE);
    vec![
        by_cell::<UserPreference, _>(
            &traces,
            user_preference::Column::Id,
            preferences,
            Traces::preferences,
        ),
        by_cell::<Session, _>(&traces, session::Column::Id, sessions, Traces::sessions),
        by_cell::<AuditLog, _>(&traces, audit_log::Column::Id, audit_logs, Traces::audit_logs),
    ]
}

/// What the users of schools and festivals leave behind.
struct Traces {
    people: People,
    classes: Classes,
    visitors: Visitors,
    preferences: UserPreferences,
    sessions: Sessions,
    audit_logs: AuditLogs,
    logins: Stream,
    entry: Stream,
}

impl Traces {
    fn new(world: &World) -> Self {
        Self {
            people: People::new(world),
            classes: Classes::new(world),
            visitors: Visitors::new(world),
            preferences: UserPreferences::new(world, "user_preferences/volume"),
            sessions: Sessions::new(world, "sessions/volume"),
            audit_logs: AuditLogs::new(world, "audit_logs/volume"),
            logins: world.stream("sessions/volume", "count"),
            entry: world.stream("audit_logs/volume", "entry"),
        }
    }

    /// Every user of a cell, each with a row that no other user of any cell has.
    fn users(&self, cell: u64) -> Vec<(u64, user::Model)> {
        let People { teacher_users, student_users, guardian_users, .. } = &self.people;
        let kinds = [
            (0, TEACHER_STRIDE, teacher_users, self.people.teacher_users(cell)),
            (STUDENTS_FROM, STUDENT_STRIDE, student_users, self.people.student_users(cell)),
            (GUARDIANS_FROM, GUARDIAN_STRIDE, guardian_users, self.people.guardian_users(cell)),
            (VISITORS_FROM, VISITOR_STRIDE, &self.visitors.users, self.visitors.users(cell)),
        ];
        let rows = |(from, stride, kind, users): (u64, u64, &Users, Vec<user::Model>)| {
            let (first, space) = (cell * stride, kind.space());
            users.into_iter().filter_map(move |user| {
                let local = space.row(user.id)? - first;
                Some((cell * USER_STRIDE + from + local, user))
            })
        };
        kinds.into_iter().flat_map(rows).collect()
    }

    fn preferences(&self, cell: u64) -> Vec<user_preference::Model> {
        self.users(cell).iter().map(|(row, user)| self.preferences.row(*row, user)).collect()
    }

    /// One to three logins of everybody who may log in.
    fn sessions(&self, cell: u64) -> Vec<session::Model> {
        let users = self.users(cell).into_iter();
        users
            .filter(|(_, user)| user.status == UserStatus::Active)
            .flat_map(|(row, user)| {
                let count = *self.logins.at(row).weighted(&[(50, 1), (35, 2), (15, 3)]);
                (0..count).map(move |number| (row * SESSIONS_PER_USER + number, user.id))
            })
            .map(|(row, user)| self.sessions.row(row, user))
            .collect()
    }

    /// Things that the office and the teachers did in the last four weeks.
    fn audit_logs(&self, cell: u64) -> Vec<audit_log::Model> {
        let actors = [
            SYSTEM_USERS[1].key(),
            SYSTEM_USERS[2].key(),
            PERSONAS[0].key(),
            self.people.teacher_users.key(cell * TEACHER_STRIDE),
        ];
        let entry = |local| {
            let row = cell * AUDIT_LOG_STRIDE + local;
            let mut draw = self.entry.at(row);
            let change = self.change(&mut draw, cell);
            self.audit_logs.row(row, *draw.choose(&actors), change)
        };
        (0..AUDIT_LOGS).map(entry).collect()
    }

    fn change(&self, draw: &mut Draw, cell: u64) -> Change {
        let local = draw.below(enrolled().end);
        let student = cell * STUDENT_STRIDE + local;
        match draw.below(100) {
            0..40 => Change {
                action: "enrollment.create",
                table: "enrollments",
                row: self.classes.enrollments.key(student * ENROLLMENTS_PER_STUDENT),
                before: None,
                after: Some(json!({ "status": "active" })),
            },
            40..65 => Change {
                action: "student.update",
                table: "students",
                row: self.people.students.key(student),
                before: Some(json!({ "grade_level": grade(local) - 1 })),
                after: Some(json!({ "grade_level": grade(local) })),
            },
            65..85 => Change {
                action: "user.suspend",
                table: "users",
                row: self.visitors.users.key(cell * VISITOR_STRIDE + draw.below(VISITORS)),
                before: Some(json!({ "status": "active" })),
                after: Some(json!({ "status": "suspended" })),
            },
            _ => Change {
                action: "session.revoke",
                table: "sessions",
                row: self.sessions.key(cell * SESSION_STRIDE),
                before: None,
                after: None,
            },
        }
    }
}
