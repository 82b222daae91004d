//! `classes`: a subject taught by one teacher in one term.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// A subject taught by one teacher in one term.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "classes")]
pub struct Model {
    /// Identifies the class; time-ordered (UUID version 7 layout).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The name of the class within its term, such as `MATH-7A`.
    #[sea_orm(column_type = "Text", unique_key = "classes_code_term_key")]
    pub code: String,
    /// What is taught.
    pub subject_id: Uuid,
    /// Who teaches.
    pub teacher_id: Uuid,
    /// The year and its part, such as `2026-autumn`.
    #[sea_orm(column_type = "Text", unique_key = "classes_code_term_key")]
    pub term: String,
    /// Where the class meets; null until a room is given.
    #[sea_orm(column_type = "Text")]
    pub room: Option<String>,
    /// How many students may be active at the same time.
    pub capacity: i32,
    /// When the row was written.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// When the row last changed; kept by a trigger.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: DateTimeUtc,
    /// What is taught.
    #[sea_orm(belongs_to, from = "subject_id", to = "id", on_delete = "Restrict")]
    pub subject: BelongsTo<super::subject::Entity>,
    /// Who teaches.
    #[sea_orm(belongs_to, from = "teacher_id", to = "id", on_delete = "Restrict")]
    pub teacher: BelongsTo<super::teacher::Entity>,
    /// The enrollments in the class.
    #[sea_orm(has_many)]
    pub enrollments: HasMany<super::enrollment::Entity>,
    /// The students of the class.
    #[sea_orm(has_many, via = "enrollment")]
    pub students: HasMany<super::student::Entity>,
    /// When the class meets.
    #[sea_orm(has_many)]
    pub schedules: HasMany<super::schedule::Entity>,
    /// The exams of the class.
    #[sea_orm(has_many)]
    pub exams: HasMany<super::exam::Entity>,
}

crate::key::fill_id_before_insert!();
