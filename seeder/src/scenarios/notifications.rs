//! Inboxes: one that is empty, one with a message of every kind, one that nobody has read for a
//! year, and one that is read to the end.

use chrono::Duration;
use entity::{
    access::{types::UserStatus, user_preference},
    festival::{notification, types::NotificationKind},
    prelude::{Notification, UserPreference},
};
use seeding_engine::{Rows, World};
use serde_json::json;

use crate::{
    Password,
    calendar::instant,
    factories::{access::user_preference::UserPreferences, festival::notification::Notifications},
    festival::programme::base,
    personas::{Persona, accounts},
};

/// The owners of the inboxes.
const OWNERS: [Persona; 4] = [
    owner("ada.empty", "Ada Emptybox", "was never told anything, and wants to be told nothing"),
    owner("eve.every", "Eve Everykind", "has one message of every kind, unread"),
    owner("una.unread", "Una Unread", "has not looked for a year"),
    owner("rex.reader", "Rex Reader", "reads everything at once"),
];

const fn owner(name: &'static str, full_name: &'static str, about: &'static str) -> Persona {
    Persona { name, full_name, role: None, status: UserStatus::Active, about }
}

const KINDS: [NotificationKind; 5] = [
    NotificationKind::EventPublished,
    NotificationKind::EventChanged,
    NotificationKind::EventCancelled,
    NotificationKind::EventReminder,
    NotificationKind::ReviewRequested,
];

/// How many messages are in the inboxes that are full: one for each day of a year.
const DAYS: u64 = 365;

pub(super) fn rows(world: &World, password: Option<&Password>) -> Vec<Rows> {
    vec![
        accounts(world, &OWNERS, password),
        Rows::of::<UserPreference>(preferences(world)).filled(),
        Rows::of::<Notification>(notifications(world)).filled(),
    ]
}

fn preferences(world: &World) -> Vec<user_preference::Model> {
    let preferences = UserPreferences::new(world, "user_preferences/notifications");
    let none = json!({ "email": false, "push": false, "digest": "never" });
    let mut rows: Vec<_> =
        (0..).zip(&OWNERS).map(|(row, owner)| preferences.row(row, &owner.user(world))).collect();
    rows[0].notifications = none;
    rows
}

fn notifications(world: &World) -> Vec<notification::Model> {
    let [_, every, unread, reader] = OWNERS.map(|owner| owner.key());
    let shows = base(world);
    let notifications = Notifications::new(world, "notifications/notifications");
    let message = |row: u64, at: u64, user| {
        let index = usize::try_from(at).unwrap_or_default();
        let at = instant(world, -at.cast_signed() - 1, 8 * 60);
        let (kind, show) = (KINDS[index % KINDS.len()], &shows[index % shows.len()]);
        notifications.row(row, kind, show, user, at)
    };
    let one_of_each = (0..KINDS.len() as u64)
        .map(|at| notification::Model { read_at: None, ..message(at, at, every) });
    let piled_up =
        (0..DAYS).map(|at| notification::Model { read_at: None, ..message(DAYS + at, at, unread) });
    let read = (0..DAYS).map(|at| {
        let row = message(2 * DAYS + at, at, reader);
        notification::Model { read_at: Some(row.created_at + Duration::minutes(1)), ..row }
    });
    one_of_each.chain(piled_up).chain(read).collect()
}
