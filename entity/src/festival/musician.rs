//! `musicians`: people and groups who play at events.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// People and groups who play at events.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "musicians")]
pub struct Model {
    /// Identifies the musician; time-ordered (UUID version 7 layout).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The name in addresses: lower-case words joined by hyphens.
    #[sea_orm(column_type = "Text", unique)]
    pub slug: String,
    /// The name on the programme.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// Who the musician is, in a few sentences.
    #[sea_orm(column_type = "Text")]
    pub bio: Option<String>,
    /// What the musician plays, in lower case.
    #[sea_orm(
        column_type = "Array(RcOrArc::new(ColumnType::Text))",
        default_expr = r#"Expr::cust("'{}'")"#
    )]
    pub genres: Vec<String>,
    /// What it is played on, in lower case.
    #[sea_orm(
        column_type = "Array(RcOrArc::new(ColumnType::Text))",
        default_expr = r#"Expr::cust("'{}'")"#
    )]
    pub instruments: Vec<String>,
    /// When the row was written.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// When the row last changed; kept by a trigger.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: DateTimeUtc,
    /// Where the musician plays.
    #[sea_orm(has_many, via = "event_musician")]
    pub events: HasMany<super::event::Entity>,
    /// Who follows the musician.
    #[sea_orm(has_many, via = "musician_follow")]
    pub followers: HasMany<crate::access::user::Entity>,
}

crate::key::fill_id_before_insert!();
