//! `reviews`: what visitors say about an event.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What visitors say about an event.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "reviews")]
pub struct Model {
    /// Identifies the review; time-ordered (UUID version 7 layout).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What is reviewed.
    #[sea_orm(unique_key = "reviews_event_id_user_id_key")]
    pub event_id: Uuid,
    /// Who reviews.
    #[sea_orm(unique_key = "reviews_event_id_user_id_key")]
    pub user_id: Uuid,
    /// From 1, poor, to 5, excellent.
    pub rating: i16,
    /// The review in words.
    #[sea_orm(column_type = "Text")]
    pub body: Option<String>,
    /// When the row was written.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub created_at: DateTimeUtc,
    /// When the row last changed; kept by a trigger.
    #[sea_orm(default_expr = "Expr::current_timestamp()")]
    pub updated_at: DateTimeUtc,
    /// What is reviewed.
    #[sea_orm(belongs_to, from = "event_id", to = "id", on_delete = "Cascade")]
    pub event: BelongsTo<super::event::Entity>,
    /// Who reviews.
    #[sea_orm(belongs_to, from = "user_id", to = "id", on_delete = "Cascade")]
    pub user: BelongsTo<crate::access::user::Entity>,
}

crate::key::fill_id_before_insert!();
