//! `exam_results`: what a student reached in an exam.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What a student reached in an exam.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "exam_results")]
pub struct Model {
    /// Identifies the result; time-ordered (UUID version 7 layout).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The exam.
    #[sea_orm(unique_key = "exam_results_exam_id_student_id_key")]
    pub exam_id: Uuid,
    /// Who was examined.
    #[sea_orm(unique_key = "exam_results_exam_id_student_id_key")]
    pub student_id: Uuid,
    /// The points reached, from zero to `max_score`.
    #[sea_orm(column_type = "Decimal(Some((6, 2)))")]
    pub score: Decimal,
    /// The maximum of the exam; follows the exam through the foreign key, so that a check can
    /// compare.
    #[sea_orm(column_type = "Decimal(Some((6, 2)))")]
    pub max_score: Decimal,
    /// What the teacher adds.
    #[sea_orm(column_type = "Text")]
    pub remarks: Option<String>,
    /// When the row was written.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// When the row last changed; kept by a trigger.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: DateTimeUtc,
    /// Who was examined.
    #[sea_orm(belongs_to, from = "student_id", to = "id", on_delete = "Restrict")]
    pub student: BelongsTo<super::student::Entity>,
    /// The exam.
    #[sea_orm(
        belongs_to,
        from = "(exam_id, max_score)",
        to = "(id, max_score)",
        on_update = "Cascade",
        on_delete = "Cascade"
    )]
    pub exam: BelongsTo<super::exam::Entity>,
}

crate::key::fill_id_before_insert!();
