//! `event_musicians`: which musician plays at which event.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Which musician plays at which event.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "event_musicians")]
pub struct Model {
    /// The event.
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_id: Uuid,
    /// The musician.
    #[sea_orm(primary_key, auto_increment = false)]
    pub musician_id: Uuid,
    /// When the musician was put on the programme.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// The event.
    #[sea_orm(belongs_to, from = "event_id", to = "id", on_delete = "Cascade")]
    pub event: BelongsTo<super::event::Entity>,
    /// The musician.
    #[sea_orm(belongs_to, from = "musician_id", to = "id", on_delete = "Restrict")]
    pub musician: BelongsTo<super::musician::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
