//! `schedules`: when a class meets in each week.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::types::Weekday;

/// When a class meets in each week.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "schedules")]
pub struct Model {
    /// Identifies the meeting; time-ordered (UUID version 7 layout).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The class that meets.
    #[sea_orm(unique_key = "schedules_class_id_weekday_starts_at_key")]
    pub class_id: Uuid,
    /// The day of the week.
    #[sea_orm(unique_key = "schedules_class_id_weekday_starts_at_key")]
    pub weekday: Weekday,
    /// The local time at which it starts.
    #[sea_orm(unique_key = "schedules_class_id_weekday_starts_at_key")]
    pub starts_at: Time,
    /// The local time at which it ends.
    pub ends_at: Time,
    /// When the row was written.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// When the row last changed; kept by a trigger.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: DateTimeUtc,
    /// The class that meets.
    #[sea_orm(belongs_to, from = "class_id", to = "id", on_delete = "Cascade")]
    pub class: BelongsTo<super::class::Entity>,
}

crate::key::fill_id_before_insert!();
