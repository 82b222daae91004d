//! `GET /events`: the published events with their venues, for everybody.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use chrono::{DateTime, Utc};
use entity::{
    festival::{event, types::EventStatus, venue},
    prelude::Event,
};
use sea_orm::{
    ColumnTrait as _, DerivePartialModel, EntityTrait as _, JoinType::InnerJoin,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, RelationTrait as _,
};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    Api,
    page::{Listing, Page},
    problem::Problem,
};

/// What the public sees of an event; only these columns are read.
#[derive(Serialize, DerivePartialModel)]
#[sea_orm(entity = "event::Entity")]
pub(crate) struct PublicEvent {
    id: Uuid,
    slug: String,
    title: String,
    description: Option<String>,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    timezone: String,
    capacity: i32,
    registration_deadline: Option<DateTime<Utc>>,
    #[sea_orm(nested)]
    venue: PublicVenue,
}

/// What the public sees of a venue.
#[derive(Serialize, DerivePartialModel)]
#[sea_orm(entity = "venue::Entity")]
pub(crate) struct PublicVenue {
    slug: String,
    name: String,
    address: Option<String>,
    city: String,
    country_code: String,
}

/// Lists the published events, the earliest first.
pub(crate) async fn list(
    State(api): State<Arc<Api>>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Listing<PublicEvent>>, Problem> {
    let Query(page) = page?;
    let published = Event::find()
        .join(InnerJoin, event::Relation::Venue.def())
        .filter(event::COLUMN.status.eq(EventStatus::Published))
        .order_by_asc(event::COLUMN.starts_at)
        .order_by_asc(event::COLUMN.id)
        .into_partial_model::<PublicEvent>()
        .paginate(&api.db, page.size().into());
    Ok(Json(page.read(published).await?))
}
