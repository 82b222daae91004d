//! `event_instructors`: which instructor teaches at which event.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Which instructor teaches at which event.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "event_instructors")]
pub struct Model {
    /// The event.
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_id: Uuid,
    /// The instructor.
    #[sea_orm(primary_key, auto_increment = false)]
    pub instructor_id: Uuid,
    /// When the instructor was put on the programme.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// The event.
    #[sea_orm(belongs_to, from = "event_id", to = "id", on_delete = "Cascade")]
    pub event: BelongsTo<super::event::Entity>,
    /// The instructor.
    #[sea_orm(belongs_to, from = "instructor_id", to = "id", on_delete = "Restrict")]
    pub instructor: BelongsTo<super::instructor::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
