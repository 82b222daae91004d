//! `users`: people and system accounts that can act in the system.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::types::UserStatus;

/// People and system accounts that can act in the system.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "users")]
pub struct Model {
    /// Identifies the user; time-ordered (UUID version 7 layout).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The address to log in with, in lower case.
    #[sea_orm(column_type = "Text", unique)]
    pub email: String,
    /// The name as the person writes it.
    #[sea_orm(column_type = "Text")]
    pub full_name: String,
    /// The password as a PHC string; `!` where no password can match.
    #[sea_orm(column_type = "Text")]
    #[serde(skip_serializing)]
    pub password_hash: String,
    /// Whether the account may be used.
    #[sea_orm(default_value = "active")]
    pub status: UserStatus,
    /// True for accounts that the system needs and nobody may delete.
    #[sea_orm(default_value = false)]
    pub is_system: bool,
    /// When the user last logged in; null before the first time.
    pub last_login_at: Option<DateTimeUtc>,
    /// When the row was written.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// When the row last changed; kept by a trigger.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: DateTimeUtc,
    /// Who created the user; null for the first ones and for sign-ups.
    pub created_by: Option<Uuid>,
    /// Who changed the user last; null when nobody has.
    pub updated_by: Option<Uuid>,
    /// The name shown beside what the user does; at first the first word of `full_name`.
    #[sea_orm(column_type = "Text")]
    pub display_name: String,
    /// Who created the user.
    #[sea_orm(
        self_ref,
        relation_enum = "CreatedBy",
        from = "created_by",
        to = "id",
        on_delete = "SetNull"
    )]
    pub creator: BelongsTo<Option<Entity>>,
    /// Who changed the user last.
    #[sea_orm(
        self_ref,
        relation_enum = "UpdatedBy",
        from = "updated_by",
        to = "id",
        on_delete = "SetNull"
    )]
    pub updater: BelongsTo<Option<Entity>>,
    /// The roles that the user holds.
    #[sea_orm(has_many, via = "user_role::User")]
    pub roles: HasMany<super::role::Entity>,
    /// The sessions of the user.
    #[sea_orm(has_many)]
    pub sessions: HasMany<super::session::Entity>,
    /// How the user wants the interface.
    #[sea_orm(has_one)]
    pub preference: HasOne<super::user_preference::Entity>,
    /// What the user has done.
    #[sea_orm(has_many)]
    pub audit_logs: HasMany<super::audit_log::Entity>,
    /// The teacher that the user is.
    #[sea_orm(has_one)]
    pub teacher: HasOne<crate::school::teacher::Entity>,
    /// The student that the user is.
    #[sea_orm(has_one)]
    pub student: HasOne<crate::school::student::Entity>,
    /// The guardian that the user is.
    #[sea_orm(has_one)]
    pub guardian: HasOne<crate::school::guardian::Entity>,
    /// The events that the user attends.
    #[sea_orm(has_many)]
    pub event_attendances: HasMany<crate::festival::event_attendance::Entity>,
    /// The events that the user keeps in mind.
    #[sea_orm(has_many)]
    pub saved_events: HasMany<crate::festival::saved_event::Entity>,
    /// The instructors that the user follows.
    #[sea_orm(has_many)]
    pub instructor_follows: HasMany<crate::festival::instructor_follow::Entity>,
    /// The musicians that the user follows.
    #[sea_orm(has_many)]
    pub musician_follows: HasMany<crate::festival::musician_follow::Entity>,
    /// The reviews that the user wrote.
    #[sea_orm(has_many)]
    pub reviews: HasMany<crate::festival::review::Entity>,
    /// What the user was told.
    #[sea_orm(has_many)]
    pub notifications: HasMany<crate::festival::notification::Entity>,
}

crate::key::fill_id_before_insert!();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_hash_is_never_serialised() -> serde_json::Result<()> {
        let user = Model {
            id: Uuid::nil(),
            email: "user@school.example".to_owned(),
            full_name: "Some User".to_owned(),
            password_hash: "$argon2id$secret".to_owned(),
            status: UserStatus::Active,
            is_system: false,
            last_login_at: None,
            created_at: DateTimeUtc::UNIX_EPOCH,
            updated_at: DateTimeUtc::UNIX_EPOCH,
            created_by: None,
            updated_by: None,
            display_name: "Some".to_owned(),
        };
        for json in [serde_json::to_string(&user)?, serde_json::to_string(&user.into_ex())?] {
            assert!(json.contains("user@school.example"));
            assert!(!json.contains("secret") && !json.contains("password_hash"), "{json}");
        }
        Ok(())
    }
}
