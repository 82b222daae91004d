//! `permissions`: single things that a role may do.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Single things that a role may do.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "permissions")]
pub struct Model {
    /// Identifies the permission; time-ordered (UUID version 7 layout).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Module and action in upper case, such as `STUDENT_READ`.
    #[sea_orm(column_type = "Text", unique)]
    pub code: String,
    /// The part of the system, in lower case, such as `student`.
    #[sea_orm(column_type = "Text", unique_key = "permissions_module_action_key")]
    pub module: String,
    /// What may be done there, in lower case, such as `read`.
    #[sea_orm(column_type = "Text", unique_key = "permissions_module_action_key")]
    pub action: String,
    /// What the permission allows, for the person who grants it.
    #[sea_orm(column_type = "Text")]
    pub description: String,
    /// When the row was written.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// When the row last changed; kept by a trigger.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: DateTimeUtc,
    /// The roles that hold the permission.
    #[sea_orm(has_many, via = "role_permission")]
    pub roles: HasMany<super::role::Entity>,
}

crate::key::fill_id_before_insert!();
