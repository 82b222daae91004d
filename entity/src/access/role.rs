//! `roles`: named sets of permissions.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Named sets of permissions.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "roles")]
pub struct Model {
    /// Identifies the role; time-ordered (UUID version 7 layout).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The name in upper case that code refers to, such as `TEACHER`.
    #[sea_orm(column_type = "Text", unique)]
    pub name: String,
    /// Who should hold the role.
    #[sea_orm(column_type = "Text")]
    pub description: String,
    /// When the row was written.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// When the row last changed; kept by a trigger.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: DateTimeUtc,
    /// What the role may do.
    #[sea_orm(has_many, via = "role_permission")]
    pub permissions: HasMany<super::permission::Entity>,
    /// Who holds the role.
    #[sea_orm(has_many, via = "user_role")]
    pub users: HasMany<super::user::Entity>,
}

crate::key::fill_id_before_insert!();
