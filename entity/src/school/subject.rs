//! `subjects`: what is taught.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What is taught.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "subjects")]
pub struct Model {
    /// Identifies the subject; time-ordered (UUID version 7 layout).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The short name in upper case, such as `MATH`.
    #[sea_orm(column_type = "Text", unique)]
    pub code: String,
    /// The name in the timetable.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// What the subject covers.
    #[sea_orm(column_type = "Text")]
    pub description: Option<String>,
    /// When the row was written.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// When the row last changed; kept by a trigger.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: DateTimeUtc,
    /// The classes that teach the subject.
    #[sea_orm(has_many)]
    pub classes: HasMany<super::class::Entity>,
}

crate::key::fill_id_before_insert!();
