//! `attendance`: whether a student was in class on a day; the largest table of the school.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::types::AttendanceStatus;

/// Whether a student was in class on a day; the largest table of the school.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "attendance")]
pub struct Model {
    /// Identifies the record; time-ordered (UUID version 7 layout).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who should have been in which class.
    #[sea_orm(unique_key = "attendance_enrollment_id_day_key")]
    pub enrollment_id: Uuid,
    /// The day of the class.
    #[sea_orm(unique_key = "attendance_enrollment_id_day_key")]
    pub day: Date,
    /// Whether the student was there.
    pub status: AttendanceStatus,
    /// Why, where somebody wrote it down.
    #[sea_orm(column_type = "Text")]
    pub note: Option<String>,
    /// When the row was written.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// When the row last changed; kept by a trigger.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: DateTimeUtc,
    /// Who should have been in which class.
    #[sea_orm(belongs_to, from = "enrollment_id", to = "id", on_delete = "Cascade")]
    pub enrollment: BelongsTo<super::enrollment::Entity>,
}

crate::key::fill_id_before_insert!();
