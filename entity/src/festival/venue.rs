//! `venues`: places where events are held.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Places where events are held.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "venues")]
pub struct Model {
    /// Identifies the venue; time-ordered (UUID version 7 layout).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The name in addresses: lower-case words joined by hyphens.
    #[sea_orm(column_type = "Text", unique)]
    pub slug: String,
    /// The name of the place.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// Street and number.
    #[sea_orm(column_type = "Text")]
    pub address: Option<String>,
    /// The city.
    #[sea_orm(column_type = "Text")]
    pub city: String,
    /// The country as two upper-case letters of ISO 3166-1.
    #[sea_orm(column_type = "Text")]
    pub country_code: String,
    /// The zone of the place, as an IANA name such as `Europe/Lisbon`.
    #[sea_orm(column_type = "Text")]
    pub timezone: String,
    /// Degrees north, from -90 to 90; null where unknown.
    #[sea_orm(column_type = "Decimal(Some((8, 6)))")]
    pub latitude: Option<Decimal>,
    /// Degrees east, from -180 to 180; null where unknown.
    #[sea_orm(column_type = "Decimal(Some((9, 6)))")]
    pub longitude: Option<Decimal>,
    /// How many people the place holds.
    pub capacity: i32,
    /// When the row was written.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// When the row last changed; kept by a trigger.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: DateTimeUtc,
    /// What is held there.
    #[sea_orm(has_many)]
    pub events: HasMany<super::event::Entity>,
}

crate::key::fill_id_before_insert!();
