//! Three people who go to festivals, each in another way.

use chrono::Duration;
use entity::{
    access::{
        types::{Theme, UserStatus},
        user_preference,
    },
    festival::{
        event_attendance, instructor_follow, musician_follow, notification, review, saved_event,
        types::{EventAttendanceStatus, NotificationKind},
    },
};
use seeding_engine::{World, named_key};
use serde_json::json;
use uuid::Uuid;

use super::{
    artists::{instructor_key, musician_key},
    programme::base,
};
use crate::{calendar::instant, factories::festival::event::Show, personas::Persona};

/// The fans; they hold no role of the school.
pub const FANS: [Persona; 3] = [
    fan("mia.fan", "Mia Tavares", "travels to everything and reviews it"),
    fan("ravi.fan", "Ravi Sundaram", "follows bands and has not decided yet"),
    fan("lena.fan", "Lena Hofstad", "has just signed up"),
];

const fn fan(name: &'static str, full_name: &'static str, about: &'static str) -> Persona {
    Persona { name, full_name, role: None, status: UserStatus::Active, about }
}

/// Theme, locale and zone of each fan.
const PREFERENCES: [(Theme, &str, &str); 3] = [
    (Theme::Dark, "pt-PT", "Europe/Lisbon"),
    (Theme::Light, "en-GB", "Asia/Kolkata"),
    (Theme::System, "nb-NO", "Europe/Oslo"),
];

const FOLLOWED_INSTRUCTORS: [&[usize]; 3] = [&[0, 1, 4], &[2], &[]];
const FOLLOWED_MUSICIANS: [&[usize]; 3] = [&[0, 3], &[0, 1, 2, 5], &[4]];
/// Positions of events in the base.
const SAVED: [&[usize]; 3] = [&[2], &[0, 1], &[0]];

/// Fan, event, status.
const ATTENDANCES: [(usize, usize, EventAttendanceStatus); 7] = [
    (0, 5, EventAttendanceStatus::Attended),
    (0, 6, EventAttendanceStatus::Attended),
    (0, 0, EventAttendanceStatus::Going),
    (0, 4, EventAttendanceStatus::Going),
    (1, 5, EventAttendanceStatus::Attended),
    (1, 1, EventAttendanceStatus::Interested),
    (2, 0, EventAttendanceStatus::Interested),
];

/// Fan, event, rating, words.
const REVIEWS: [(usize, usize, i16, Option<&str>); 3] = [
    (0, 5, 5, Some("The floor, the band, the stars outside: I would go again tomorrow.")),
    (0, 6, 4, Some("Wonderful teachers; the hall was cold in the morning.")),
    (1, 5, 4, None),
];

/// Fan, event, kind, whether it was read.
const NOTIFICATIONS: [(usize, usize, NotificationKind, bool); 5] = [
    (0, 0, NotificationKind::EventReminder, false),
    (0, 4, NotificationKind::EventCancelled, true),
    (1, 2, NotificationKind::EventPublished, false),
    (1, 1, NotificationKind::EventChanged, true),
    (2, 0, NotificationKind::EventPublished, false),
];

/// The key of the row that `fan` and `other` have in common in `table`.
fn pair(table: &str, fan: usize, other: &Show) -> Uuid {
    named_key(table, &format!("{}/{}", FANS[fan].name, other.slug))
}

pub(super) fn preferences(world: &World) -> Vec<user_preference::Model> {
    let since = instant(world, -110, 0);
    FANS.iter()
        .zip(PREFERENCES)
        .map(|(fan, (theme, locale, timezone))| user_preference::Model {
            id: named_key("user_preferences", fan.name),
            user_id: fan.key(),
            theme,
            locale: locale.to_owned(),
            timezone: timezone.to_owned(),
            notifications: json!({ "email": theme != Theme::System, "push": true, "digest": "weekly" }),
            created_at: since,
            updated_at: since,
        })
        .collect()
}

/// Each fan with each position in the list of the same place.
fn pairs(lists: [&'static [usize]; 3]) -> impl Iterator<Item = (usize, usize)> {
    lists
        .into_iter()
        .enumerate()
        .flat_map(|(fan, list)| list.iter().map(move |other| (fan, *other)))
}

pub(super) fn instructor_follows(world: &World) -> Vec<instructor_follow::Model> {
    let created_at = instant(world, -60, 0);
    pairs(FOLLOWED_INSTRUCTORS)
        .map(|(fan, other)| (FANS[fan].key(), instructor_key(other)))
        .map(|(user_id, instructor_id)| instructor_follow::Model {
            user_id,
            instructor_id,
            created_at,
        })
        .collect()
}

pub(super) fn musician_follows(world: &World) -> Vec<musician_follow::Model> {
    let created_at = instant(world, -60, 0);
    pairs(FOLLOWED_MUSICIANS)
        .map(|(fan, other)| (FANS[fan].key(), musician_key(other)))
        .map(|(user_id, musician_id)| musician_follow::Model { user_id, musician_id, created_at })
        .collect()
}

pub(super) fn saved_events(world: &World) -> Vec<saved_event::Model> {
    let (shows, created_at) = (base(world), instant(world, -25, 20 * 60));
    pairs(SAVED)
        .map(|(fan, event)| (FANS[fan].key(), shows[event].key()))
        .map(|(user_id, event_id)| saved_event::Model { user_id, event_id, created_at })
        .collect()
}

pub(super) fn attendances(world: &World) -> Vec<event_attendance::Model> {
    let (shows, since) = (base(world), instant(world, -50, 20 * 60));
    ATTENDANCES
        .into_iter()
        .map(|(fan, event, status)| event_attendance::Model {
            id: pair("event_attendances", fan, &shows[event]),
            event_id: shows[event].key(),
            user_id: FANS[fan].key(),
            status,
            created_at: since,
            updated_at: since,
        })
        .collect()
}

pub(super) fn reviews(world: &World) -> Vec<review::Model> {
    let shows = base(world);
    REVIEWS
        .into_iter()
        .map(|(fan, event, rating, body)| {
            let show = &shows[event];
            let since = show.starts_at + Duration::hours(show.hours + 20);
            review::Model {
                id: pair("reviews", fan, show),
                event_id: show.key(),
                user_id: FANS[fan].key(),
                rating,
                body: body.map(str::to_owned),
                created_at: since,
                updated_at: since,
            }
        })
        .collect()
}

pub(super) fn notifications(world: &World) -> Vec<notification::Model> {
    let (shows, since) = (base(world), instant(world, -2, 8 * 60));
    NOTIFICATIONS
        .into_iter()
        .map(|(fan, event, kind, read)| notification::Model {
            id: pair("notifications", fan, &shows[event]),
            user_id: FANS[fan].key(),
            kind,
            payload: json!({ "event_id": shows[event].key(), "event_title": shows[event].title }),
            read_at: read.then(|| since + Duration::hours(5)),
            created_at: since,
            updated_at: since,
        })
        .collect()
}
