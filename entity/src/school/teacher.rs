//! `teachers`: people who teach.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// People who teach.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "teachers")]
pub struct Model {
    /// Identifies the teacher; time-ordered (UUID version 7 layout).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The account of the teacher.
    #[sea_orm(unique)]
    pub user_id: Uuid,
    /// The number in the personnel files.
    #[sea_orm(column_type = "Text", unique)]
    pub employee_no: String,
    /// The department that the teacher belongs to.
    #[sea_orm(column_type = "Text")]
    pub department: String,
    /// The first day of employment.
    pub hired_on: Date,
    /// When the row was written.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// When the row last changed; kept by a trigger.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: DateTimeUtc,
    /// The account of the teacher.
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Restrict")]
    pub user: BelongsTo<crate::access::user::Entity>,
    /// The classes that the teacher gives.
    #[sea_orm(has_many)]
    pub classes: HasMany<super::class::Entity>,
}

crate::key::fill_id_before_insert!();
