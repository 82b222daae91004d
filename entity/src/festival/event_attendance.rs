//! `event_attendances`: who comes to an event.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::types::EventAttendanceStatus;

/// Who comes to an event.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "event_attendances")]
pub struct Model {
    /// Identifies the attendance; time-ordered (UUID version 7 layout).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The event.
    #[sea_orm(unique_key = "event_attendances_event_id_user_id_key")]
    pub event_id: Uuid,
    /// Who comes.
    #[sea_orm(unique_key = "event_attendances_event_id_user_id_key")]
    pub user_id: Uuid,
    /// How far it has come.
    #[sea_orm(default_value = "interested")]
    pub status: EventAttendanceStatus,
    /// When the row was written.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// When the row last changed; kept by a trigger.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: DateTimeUtc,
    /// The event.
    #[sea_orm(belongs_to, from = "event_id", to = "id", on_delete = "Cascade")]
    pub event: BelongsTo<super::event::Entity>,
    /// Who comes.
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Cascade")]
    pub user: BelongsTo<crate::access::user::Entity>,
}

crate::key::fill_id_before_insert!();
