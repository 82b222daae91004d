//! `pricing_tiers`: kinds of tickets for an event.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Kinds of tickets for an event.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "pricing_tiers")]
pub struct Model {
    /// Identifies the kind of ticket; time-ordered (UUID version 7 layout).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The event that the ticket is for.
    #[sea_orm(unique_key = "pricing_tiers_event_id_name_key")]
    pub event_id: Uuid,
    /// What the ticket is called.
    #[sea_orm(column_type = "Text", unique_key = "pricing_tiers_event_id_name_key")]
    pub name: String,
    /// What it costs, in the currency of the event.
    #[sea_orm(column_type = "Decimal(Some((12, 2)))")]
    pub price: Decimal,
    /// How many are for sale.
    pub quantity: i32,
    /// When the sale begins; null for at once.
    pub sales_start_at: Option<DateTimeUtc>,
    /// When the sale ends; null for never.
    pub sales_end_at: Option<DateTimeUtc>,
    /// When the row was written.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// When the row last changed; kept by a trigger.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: DateTimeUtc,
    /// The event that the ticket is for.
    #[sea_orm(belongs_to, from = "event_id", to = "id", on_delete = "Cascade")]
    pub event: BelongsTo<super::event::Entity>,
}

crate::key::fill_id_before_insert!();
