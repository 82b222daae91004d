//! `instructors`: people who teach at events.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// People who teach at events.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "instructors")]
pub struct Model {
    /// Identifies the instructor; time-ordered (UUID version 7 layout).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The name in addresses: lower-case words joined by hyphens.
    #[sea_orm(column_type = "Text", unique)]
    pub slug: String,
    /// The name on the programme.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// Who the instructor is, in a few sentences.
    #[sea_orm(column_type = "Text")]
    pub bio: Option<String>,
    /// What the instructor teaches, in lower case.
    #[sea_orm(
        column_type = "Array(RcOrArc::new(ColumnType::Text))",
        default_expr = r#"Expr::cust("'{}'")"#
    )]
    pub specialties: Vec<String>,
    /// Addresses by network, as an object of strings.
    #[sea_orm(column_type = "JsonBinary", default_expr = r#"Expr::cust("'{}'")"#)]
    pub social_links: Json,
    /// True when somebody has checked that the person is who they say.
    #[sea_orm(default_value = false)]
    pub verified: bool,
    /// When the row was written.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// When the row last changed; kept by a trigger.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: DateTimeUtc,
    /// Where the instructor teaches.
    #[sea_orm(has_many, via = "event_instructor")]
    pub events: HasMany<super::event::Entity>,
    /// Who follows the instructor.
    #[sea_orm(has_many, via = "instructor_follow")]
    pub followers: HasMany<crate::access::user::Entity>,
}

crate::key::fill_id_before_insert!();
