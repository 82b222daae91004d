//! Rows of the access domain that more than one seed needs.

use chrono::{DateTime, Utc};
use entity::access::{types::UserStatus, user, user_role};
use uuid::Uuid;

use crate::{password::UNUSABLE, reference};

/// An active user whom no password lets in.
pub(crate) fn user(
    id: Uuid,
    email: String,
    full_name: String,
    since: DateTime<Utc>,
) -> user::Model {
    let display_name = full_name.split(' ').next().unwrap_or(&full_name).to_owned();
    user::Model {
        id,
        email,
        full_name,
        password_hash: UNUSABLE.to_owned(),
        status: UserStatus::Active,
        is_system: false,
        last_login_at: None,
        created_at: since,
        updated_at: since,
        created_by: None,
        updated_by: None,
        display_name,
    }
}

/// The role `role`, held by `user` from the day the account was made.
pub(crate) fn holds(user: &user::Model, role: &str) -> user_role::Model {
    let (user_id, role_id) = (user.id, reference::role_key(role));
    user_role::Model { user_id, role_id, granted_at: user.created_at, granted_by: user.created_by }
}
