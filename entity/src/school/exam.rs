//! `exams`: graded work of a class.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::types::ExamKind;

/// Graded work of a class.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "exams")]
pub struct Model {
    /// Identifies the exam; time-ordered (UUID version 7 layout).
    #[sea_orm(primary_key, auto_increment = false, unique_key = "exams_id_max_score_key")]
    pub id: Uuid,
    /// The class that is examined.
    pub class_id: Uuid,
    /// What the exam is called.
    #[sea_orm(column_type = "Text")]
    pub title: String,
    /// What the exam is for.
    pub kind: ExamKind,
    /// The most points that can be reached.
    #[sea_orm(column_type = "Decimal(Some((6, 2)))", unique_key = "exams_id_max_score_key")]
    pub max_score: Decimal,
    /// The day of the exam.
    pub held_on: Date,
    /// When the row was written.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// When the row last changed; kept by a trigger.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: DateTimeUtc,
    /// The class that is examined.
    #[sea_orm(belongs_to, from = "class_id", to = "id", on_delete = "Cascade")]
    pub class: BelongsTo<super::class::Entity>,
    /// What the students reached.
    #[sea_orm(has_many)]
    pub results: HasMany<super::exam_result::Entity>,
}

crate::key::fill_id_before_insert!();
