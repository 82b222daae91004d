//! `enrollments`: which student takes which class.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::types::EnrollmentStatus;

/// Which student takes which class.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "enrollments")]
pub struct Model {
    /// Identifies the enrollment; time-ordered (UUID version 7 layout).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who takes the class.
    #[sea_orm(unique_key = "enrollments_student_id_class_id_key")]
    pub student_id: Uuid,
    /// The class.
    #[sea_orm(unique_key = "enrollments_student_id_class_id_key")]
    pub class_id: Uuid,
    /// How far the enrollment has come.
    #[sea_orm(default_value = "active")]
    pub status: EnrollmentStatus,
    /// The day of enrollment.
    #[sea_orm(default_expr = "Expr::current_date()")]
    pub enrolled_on: Date,
    /// The last day; null while it goes on.
    pub ended_on: Option<Date>,
    /// When the row was written.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// When the row last changed; kept by a trigger.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: DateTimeUtc,
    /// Who takes the class.
    #[sea_orm(belongs_to, from = "student_id", to = "id", on_delete = "Restrict")]
    pub student: BelongsTo<super::student::Entity>,
    /// The class.
    #[sea_orm(belongs_to, from = "class_id", to = "id", on_delete = "Restrict")]
    pub class: BelongsTo<super::class::Entity>,
    /// The days of the enrollment.
    #[sea_orm(has_many)]
    pub attendances: HasMany<super::attendance::Entity>,
}

crate::key::fill_id_before_insert!();
