//! Users and what they leave behind.

pub(crate) mod audit_log;
pub(crate) mod session;
pub(crate) mod user;
pub(crate) mod user_preference;

use entity::{
    access::{types::UserStatus, user as users},
    prelude::{AuditLog, Session, User},
};
use seeding_engine::{Factory, World};
use serde_json::json;

use self::{
    audit_log::{AuditLogs, Change},
    session::Sessions,
    user::Users,
};
use super::space;
use crate::people::{self, Names};

/// Active users whom no password lets in.
pub fn user(world: World) -> Factory<User> {
    let users = Users::new(&world, &space("users"));
    let names = Names::new(&world, &space("users"));
    Factory::new(world, move |_, row| {
        let name = names.name(row);
        let email = people::email(&name, 'u', row + 1);
        users::Model { status: UserStatus::Active, ..users.row(row, &name, email) }
    })
}

/// Has not accepted the invitation yet.
pub fn invited(user: &mut users::Model) {
    user.status = UserStatus::Invited;
    user.last_login_at = None;
}

/// May not log in for now.
pub fn suspended(user: &mut users::Model) {
    user.status = UserStatus::Suspended;
}

/// May never log in again.
pub fn disabled(user: &mut users::Model) {
    user.status = UserStatus::Disabled;
}

/// Logins, one of each [`user`].
pub fn session(world: World) -> Factory<Session> {
    let sessions = Sessions::new(&world, &space("sessions"));
    let users = Users::new(&world, &space("users"));
    Factory::new(world, move |_, row| sessions.row(row, users.key(row)))
        .parent(user(world), |row| row)
}

/// Entries of the log: a [`user`] changed the own account.
pub fn audit_log(world: World) -> Factory<AuditLog> {
    let logs = AuditLogs::new(&world, &space("audit_logs"));
    let users = Users::new(&world, &space("users"));
    Factory::new(world, move |_, row| {
        let user = users.key(row);
        let after = Some(json!({ "status": "active" }));
        let change =
            Change { action: "user.update", table: "users", row: user, before: None, after };
        logs.row(row, user, change)
    })
    .parent(user(world), |row| row)
}
