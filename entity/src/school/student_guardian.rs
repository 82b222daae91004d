//! `student_guardians`: which guardian answers for which student.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::types::GuardianRelationship;

/// Which guardian answers for which student.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "student_guardians")]
pub struct Model {
    /// The student.
    #[sea_orm(primary_key, auto_increment = false)]
    pub student_id: Uuid,
    /// The guardian.
    #[sea_orm(primary_key, auto_increment = false)]
    pub guardian_id: Uuid,
    /// What the guardian is to the student.
    pub relationship: GuardianRelationship,
    /// True for the one guardian who is called first.
    #[sea_orm(default_value = false)]
    pub is_primary: bool,
    /// When the row was written.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// When the row last changed; kept by a trigger.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: DateTimeUtc,
    /// The student.
    #[sea_orm(belongs_to, from = "student_id", to = "id", on_delete = "Cascade")]
    pub student: BelongsTo<super::student::Entity>,
    /// The guardian.
    #[sea_orm(belongs_to, from = "guardian_id", to = "id", on_delete = "Cascade")]
    pub guardian: BelongsTo<super::guardian::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
