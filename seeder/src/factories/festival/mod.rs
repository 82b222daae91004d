//! The festival: where, who, when, and what visitors make of it.
//!
//! Four events share a venue, and ten users have to do with each event.

pub(crate) mod event;
pub(crate) mod event_attendance;
pub(crate) mod instructor;
pub(crate) mod musician;
pub(crate) mod notification;
pub(crate) mod review;
pub(crate) mod venue;

use entity::{
    festival::{
        event as events,
        types::{EventAttendanceStatus, EventStatus, NotificationKind},
    },
    prelude::{
        Event, EventAttendance, Instructor, Musician, Notification, PricingTier, Review, Venue,
    },
};
use seeding_engine::{Factory, Space, World};

use self::{
    event::{Events, Show},
    event_attendance::EventAttendances,
    instructor::Instructors,
    musician::Musicians,
    notification::Notifications,
    review::Reviews,
    venue::Venues,
};
use super::{FACTORY, access, space};
use crate::calendar::instant;

const EVENTS_PER_VENUE: u64 = 4;
const USERS_PER_EVENT: u64 = 10;
const TIERS_PER_EVENT: u64 = 3;

/// What tells the addresses of factories from those of seeds.
fn number(row: u64) -> String {
    format!("f{}", row + 1)
}

/// Invented halls in real cities.
pub fn venue(world: World) -> Factory<Venue> {
    let venues = Venues::new(&world, &space("venues"));
    Factory::new(world, move |_, row| venues.row(row, number(row)))
}

/// People who teach.
pub fn instructor(world: World) -> Factory<Instructor> {
    let instructors = Instructors::new(&world, &space("instructors"));
    Factory::new(world, move |_, row| instructors.row(row, number(row)))
}

/// Groups who play.
pub fn musician(world: World) -> Factory<Musician> {
    let musicians = Musicians::new(&world, &space("musicians"));
    Factory::new(world, move |_, row| musicians.row(row, number(row)))
}

/// Makes the event of a row, which is still to come.
fn shows(world: World) -> impl Fn(u64) -> Show + Send + Sync + 'static {
    let venues = Venues::new(&world, &space("venues"));
    let events = Events::new(&world, FACTORY);
    move |row| {
        let days = 7 + (row % 50).cast_signed();
        let show = events.row(row, venues.host(row / EVENTS_PER_VENUE), days, number(row));
        Show { status: EventStatus::Published, ..show }
    }
}

/// Published events of the coming weeks, four at each [`venue`].
pub fn event(world: World) -> Factory<Event> {
    let show = shows(world);
    Factory::new(world, move |_, row| show(row).model())
        .parent(venue(world), |row| row / EVENTS_PER_VENUE)
}

/// Nobody but the editors sees it yet.
pub fn draft(event: &mut events::Model) {
    event.status = EventStatus::Draft;
}

/// Will not take place.
pub fn cancelled(event: &mut events::Model) {
    event.status = EventStatus::Cancelled;
}

/// Tickets, of three kinds for each [`event`].
pub fn pricing_tier(world: World) -> Factory<PricingTier> {
    let show = shows(world);
    Factory::new(world, move |_, row| show(row / TIERS_PER_EVENT).tier(row % TIERS_PER_EVENT))
        .parent(event(world), |row| row / TIERS_PER_EVENT)
}

/// Users who go to events: ten to each.
pub fn event_attendance(world: World) -> Factory<EventAttendance> {
    let attendances = EventAttendances::new(&space("event_attendances"));
    let (show, users) = (shows(world), Space::new(&space("users")));
    Factory::new(world, move |world, row| {
        let (show, since) = (show(row / USERS_PER_EVENT), instant(world, -5, 0));
        attendances.row(row, &show, users.key(row), EventAttendanceStatus::Going, since)
    })
    .parent(event(world), |row| row / USERS_PER_EVENT)
    .parent(access::user(world), |row| row)
}

/// What users say of events.
pub fn review(world: World) -> Factory<Review> {
    let reviews = Reviews::new(&world, &space("reviews"));
    let (show, users) = (shows(world), Space::new(&space("users")));
    Factory::new(world, move |_, row| {
        reviews.row(row, &show(row / USERS_PER_EVENT), users.key(row))
    })
    .parent(event(world), |row| row / USERS_PER_EVENT)
    .parent(access::user(world), |row| row)
}

/// What users are told of events.
pub fn notification(world: World) -> Factory<Notification> {
    let notifications = Notifications::new(&world, &space("notifications"));
    let (show, users) = (shows(world), Space::new(&space("users")));
    Factory::new(world, move |world, row| {
        let (show, at) = (show(row / USERS_PER_EVENT), instant(world, -1, 0));
        notifications.row(row, NotificationKind::EventReminder, &show, users.key(row), at)
    })
    .parent(event(world), |row| row / USERS_PER_EVENT)
    .parent(access::user(world), |row| row)
}
