//! `guardians`: grown-ups who answer for students.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Grown-ups who answer for students.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "guardians")]
pub struct Model {
    /// Identifies the guardian; time-ordered (UUID version 7 layout).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The account of the guardian; null for those without one.
    #[sea_orm(unique)]
    pub user_id: Option<Uuid>,
    /// The given name.
    #[sea_orm(column_type = "Text")]
    pub given_name: String,
    /// The family name.
    #[sea_orm(column_type = "Text")]
    pub family_name: String,
    /// The address to write to, in lower case.
    #[sea_orm(column_type = "Text")]
    pub email: Option<String>,
    /// The number to call, as E.164: a plus sign and digits.
    #[sea_orm(column_type = "Text")]
    pub phone: Option<String>,
    /// When the row was written.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// When the row last changed; kept by a trigger.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: DateTimeUtc,
    /// The account of the guardian.
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "SetNull")]
    pub user: BelongsTo<Option<crate::access::user::Entity>>,
    /// The students whom the guardian answers for.
    #[sea_orm(has_many, via = "student_guardian")]
    pub students: HasMany<super::student::Entity>,
}

crate::key::fill_id_before_insert!();
