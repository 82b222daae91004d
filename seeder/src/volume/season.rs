//! The tables of the festivals.

use std::sync::Arc;

use entity::{
    access::user,
    festival::{
        event, event_attendance, event_instructor, event_musician, instructor, instructor_follow,
        musician, musician_follow, notification, pricing_tier, review, saved_event, venue,
    },
    prelude::{
        Event, EventAttendance, EventInstructor, EventMusician, Instructor, InstructorFollow,
        Musician, MusicianFollow, Notification, PricingTier, Review, SavedEvent, User, Venue,
    },
};
use seeding_engine::{Generated, World};

use crate::Password;

use super::{
    by_cell,
    festival::{ARTIST_STRIDE, EVENT_STRIDE, Festival, TIER_STRIDE, VENUE_STRIDE},
    log_in::LogIn,
    visitors::{PLAN_STRIDE, VISITOR_STRIDE, Visitors},
};

/// A festival in every cell.
pub(super) struct Season {
    pub(super) festival: Festival,
    pub(super) visitors: Visitors,
    log_in: LogIn,
}

impl Season {
    pub(super) fn new(world: &World, password: Option<&Password>) -> Self {
        Self {
            festival: Festival::new(world),
            visitors: Visitors::new(world),
            log_in: LogIn::new(password, world),
        }
    }
}

/// The tables of the festivals, parents before children.
pub(super) fn tables(world: &World, password: Option<&Password>) -> Vec<Generated> {
    let season = Arc::new(Season::new(world, password));
    programme(&season).into_iter().chain(visits(&season)).collect()
}

fn programme(season: &Arc<Season>) -> Vec<Generated> {
    let festival = &season.festival;
    let venues = (festival.venues.space(), VENUE_STRIDE);
    let instructors = (festival.instructors.space(), ARTIST_STRIDE);
    let musicians = (festival.musicians.space(), ARTIST_STRIDE);
    let events = (festival.events.spaces.events, EVENT_STRIDE);
    let tiers = (festival.events.spaces.tiers, TIER_STRIDE);
    vec![
        by_cell::<Venue, _>(season, venue::Column::Id, venues, |season, cell| {
            season.festival.venues(cell)
        }),
        by_cell::<Instructor, _>(season, instructor::Column::Id, instructors, |season, cell| {
            season.festival.instructors(cell)
        }),
        by_cell::<Musician, _>(season, musician::Column::Id, musicians, |season, cell| {
            season.festival.musicians(cell)
        }),
        by_cell::<Event, _>(season, event::Column::Id, events, |season, cell| {
            season.festival.events(cell)
        }),
        by_cell::<EventInstructor, _>(
            season,
            event_instructor::Column::EventId,
            events,
            |season, cell| season.festival.event_instructors(cell),
        ),
        by_cell::<EventMusician, _>(
            season,
            event_musician::Column::EventId,
            events,
            |season, cell| season.festival.event_musicians(cell),
        ),
        by_cell::<PricingTier, _>(season, pricing_tier::Column::Id, tiers, |season, cell| {
            season.festival.tiers(cell)
        }),
    ]
}

fn visits(season: &Arc<Season>) -> Vec<Generated> {
    let visitors = &season.visitors;
    let users = (visitors.users.space(), VISITOR_STRIDE);
    let attendances = (visitors.attendances.space(), PLAN_STRIDE);
    let reviews = (visitors.reviews.space(), PLAN_STRIDE);
    let notifications = (visitors.notifications.space(), PLAN_STRIDE);
    vec![
        by_cell::<User, _>(season, user::Column::Id, users, |season, cell| {
            season.log_in.give(season.visitors.users(cell))
        }),
        by_cell::<InstructorFollow, _>(
            season,
            instructor_follow::Column::UserId,
            users,
            |season, cell| season.visitors.instructor_follows(&season.festival, cell),
        ),
        by_cell::<MusicianFollow, _>(
            season,
            musician_follow::Column::UserId,
            users,
            |season, cell| season.visitors.musician_follows(&season.festival, cell),
        ),
        by_cell::<SavedEvent, _>(season, saved_event::Column::UserId, users, |season, cell| {
            season.visitors.saved(&season.festival, cell)
        }),
        by_cell::<EventAttendance, _>(
            season,
            event_attendance::Column::Id,
            attendances,
            |season, cell| season.visitors.attendances(&season.festival, cell),
        ),
        by_cell::<Review, _>(season, review::Column::Id, reviews, |season, cell| {
            season.visitors.reviews(&season.festival, cell)
        }),
        by_cell::<Notification, _>(
            season,
            notification::Column::Id,
            notifications,
            |season, cell| season.visitors.notifications(&season.festival, cell),
        ),
    ]
}
