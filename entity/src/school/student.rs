//! `students`: people who are taught.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::types::StudentStatus;

/// People who are taught.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "students")]
pub struct Model {
    /// Identifies the student; time-ordered (UUID version 7 layout).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The account of the student; null for those without one.
    #[sea_orm(unique)]
    pub user_id: Option<Uuid>,
    /// The number in the school register.
    #[sea_orm(column_type = "Text", unique)]
    pub student_no: String,
    /// The given name.
    #[sea_orm(column_type = "Text")]
    pub given_name: String,
    /// The family name.
    #[sea_orm(column_type = "Text")]
    pub family_name: String,
    /// The day of birth.
    pub birth_date: Date,
    /// The year of schooling, from 1 to 12.
    pub grade_level: i16,
    /// Where the student stands with the school.
    #[sea_orm(default_value = "active")]
    pub status: StudentStatus,
    /// When the row was written.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// When the row last changed; kept by a trigger.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: DateTimeUtc,
    /// The account of the student.
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "SetNull")]
    pub user: BelongsTo<Option<crate::access::user::Entity>>,
    /// Who answers for the student.
    #[sea_orm(has_many, via = "student_guardian")]
    pub guardians: HasMany<super::guardian::Entity>,
    /// The enrollments of the student.
    #[sea_orm(has_many)]
    pub enrollments: HasMany<super::enrollment::Entity>,
    /// The classes that the student is enrolled in.
    #[sea_orm(has_many, via = "enrollment")]
    pub classes: HasMany<super::class::Entity>,
    /// The results of the student.
    #[sea_orm(has_many)]
    pub exam_results: HasMany<super::exam_result::Entity>,
}

crate::key::fill_id_before_insert!();
