//! `user_roles`: which user holds which role.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Which user holds which role.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "user_roles")]
pub struct Model {
    /// The user.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// The role that the user holds.
    #[sea_orm(primary_key, auto_increment = false)]
    pub role_id: Uuid,
    /// When the role was granted.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub granted_at: DateTimeUtc,
    /// Who granted the role; null for the system itself or a deleted user.
    pub granted_by: Option<Uuid>,
    /// The user.
    #[sea_orm(
        belongs_to,
        relation_enum = "User",
        from = "user_id",
        to = "id",
        on_delete = "Cascade"
    )]
    pub user: BelongsTo<super::user::Entity>,
    /// The role that the user holds.
    #[sea_orm(belongs_to, from = "role_id", to = "id", on_delete = "Cascade")]
    pub role: BelongsTo<super::role::Entity>,
    /// Who granted the role.
    #[sea_orm(
        belongs_to,
        relation_enum = "GrantedBy",
        from = "granted_by",
        to = "id",
        on_delete = "SetNull"
    )]
    pub granter: BelongsTo<Option<super::user::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Two keys lead to users; the one that makes the link is `user_id`. The macro cannot know that.
impl Related<super::user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::User.def()
    }
}
