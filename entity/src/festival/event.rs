//! `events`: what is held at a venue.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::types::EventStatus;

/// What is held at a venue.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "events")]
pub struct Model {
    /// Identifies the event; time-ordered (UUID version 7 layout).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The name in addresses: lower-case words joined by hyphens.
    #[sea_orm(column_type = "Text", unique)]
    pub slug: String,
    /// The name on the programme.
    #[sea_orm(column_type = "Text")]
    pub title: String,
    /// What awaits the visitor.
    #[sea_orm(column_type = "Text")]
    pub description: Option<String>,
    /// Where it is held.
    pub venue_id: Uuid,
    /// Where the event is in its life.
    #[sea_orm(default_value = "draft")]
    pub status: EventStatus,
    /// When it starts.
    pub starts_at: DateTimeUtc,
    /// When it ends.
    pub ends_at: DateTimeUtc,
    /// The zone that its times are shown in, as an IANA name.
    #[sea_orm(column_type = "Text")]
    pub timezone: String,
    /// What tickets are paid in, as three upper-case letters of ISO 4217.
    #[sea_orm(column_type = "Text")]
    pub currency: String,
    /// How many people may come.
    pub capacity: i32,
    /// When registration closes; null while it stays open until the start.
    pub registration_deadline: Option<DateTimeUtc>,
    /// When the row was written.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// When the row last changed; kept by a trigger.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: DateTimeUtc,
    /// Where it is held.
    #[sea_orm(belongs_to, from = "venue_id", to = "id", on_delete = "Restrict")]
    pub venue: BelongsTo<super::venue::Entity>,
    /// Who teaches there.
    #[sea_orm(has_many, via = "event_instructor")]
    pub instructors: HasMany<super::instructor::Entity>,
    /// Who plays there.
    #[sea_orm(has_many, via = "event_musician")]
    pub musicians: HasMany<super::musician::Entity>,
    /// What tickets cost.
    #[sea_orm(has_many)]
    pub pricing_tiers: HasMany<super::pricing_tier::Entity>,
    /// Who comes.
    #[sea_orm(has_many)]
    pub attendances: HasMany<super::event_attendance::Entity>,
    /// What visitors say.
    #[sea_orm(has_many)]
    pub reviews: HasMany<super::review::Entity>,
    /// Who keeps the event in mind.
    #[sea_orm(has_many, via = "saved_event")]
    pub savers: HasMany<crate::access::user::Entity>,
}

crate::key::fill_id_before_insert!();
