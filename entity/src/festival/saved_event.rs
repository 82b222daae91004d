//! `saved_events`: which user keeps which event in mind.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Which user keeps which event in mind.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "saved_events")]
pub struct Model {
    /// Who saved it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// What was saved.
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_id: Uuid,
    /// When the event was saved.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// Who saved it.
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Cascade")]
    pub user: BelongsTo<crate::access::user::Entity>,
    /// What was saved.
    #[sea_orm(belongs_to, from = "event_id", to = "id", on_delete = "Cascade")]
    pub event: BelongsTo<super::event::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
