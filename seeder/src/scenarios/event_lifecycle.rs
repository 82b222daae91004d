//! One event in each status, with what visitors make of it: drawn up, announced, called off, over,
//! and long gone.

use entity::{
    access::user,
    festival::{
        event_attendance, notification,
        types::{EventAttendanceStatus, EventStatus, NotificationKind},
    },
    prelude::{Event, EventAttendance, EventInstructor, Notification, PricingTier, Review, User},
};
use seeding_engine::{Rows, World};

use super::crowd::crowd;
use crate::{
    Password,
    calendar::instant,
    factories::festival::{
        event::{EventSpaces, Show},
        event_attendance::EventAttendances,
        notification::Notifications,
        review::Reviews,
    },
    festival::{artists::instructor_keys, programme::teaches, venues::host},
};

const NAME: &str = "event-lifecycle";

const VISITORS: u64 = 12;

/// Status, days from today, how far visitors are with it, and what they are told last.
type Stage = (EventStatus, i64, Option<EventAttendanceStatus>, Option<NotificationKind>);

const STAGES: [Stage; 5] = [
    (EventStatus::Draft, 120, None, None),
    (
        EventStatus::Published,
        21,
        Some(EventAttendanceStatus::Going),
        Some(NotificationKind::EventPublished),
    ),
    (
        EventStatus::Cancelled,
        9,
        Some(EventAttendanceStatus::Going),
        Some(NotificationKind::EventCancelled),
    ),
    (
        EventStatus::Completed,
        -10,
        Some(EventAttendanceStatus::Attended),
        Some(NotificationKind::ReviewRequested),
    ),
    (
        EventStatus::Archived,
        -400,
        Some(EventAttendanceStatus::Attended),
        Some(NotificationKind::EventReminder),
    ),
];

pub(super) fn rows(world: &World, _: Option<&Password>) -> Vec<Rows> {
    let shows: Vec<Show> = (0..).zip(STAGES).map(|(row, stage)| show(world, row, stage)).collect();
    let visitors = crowd(world, NAME, VISITORS);
    let reviews = Reviews::new(world, "reviews/event-lifecycle");
    let over = |show: &&Show| show.starts_at < instant(world, 0, 0);
    let reviewed = shows.iter().filter(over).flat_map(|show| {
        // Some have nothing to say.
        let talkative = visits(show, &visitors).filter(|(row, _)| row % 4 != 3);
        talkative.map(|(row, visitor)| reviews.row(row, show, visitor.id))
    });
    let reviewed = Rows::of::<Review>(reviewed).filled();
    let instructors = instructor_keys();
    let taught =
        shows.iter().zip(&instructors).map(|(show, instructor)| teaches(show, *instructor));
    let coming = Rows::of::<EventAttendance>(attendances(world, &shows, &visitors)).filled();
    let told = Rows::of::<Notification>(notifications(world, &shows, &visitors)).filled();
    vec![
        Rows::of::<User>(visitors).filled(),
        Rows::of::<Event>(shows.iter().map(Show::model)).filled(),
        Rows::of::<EventInstructor>(taught).filled(),
        Rows::of::<PricingTier>(shows.iter().flat_map(Show::tiers)).filled(),
        coming,
        told,
        reviewed,
    ]
}

fn show(world: &World, row: u64, (status, days, ..): Stage) -> Show {
    let host = host(3);
    Show {
        spaces: EventSpaces::of(NAME),
        row,
        slug: format!("one-swing-a-season-{status:?}").to_lowercase(),
        title: format!("One Swing a Season ({})", row + 1),
        description: "The same evening, at another point of its life.".to_owned(),
        status,
        starts_at: host.local_start(world, days, 19),
        hours: 5,
        capacity: 60,
        announced_at: instant(world, days.min(0) - 60, 9 * 60),
        host,
    }
}

/// Every visitor of `show`, each with a row that no other visit has.
fn visits<'a>(
    show: &Show,
    visitors: &'a [user::Model],
) -> impl Iterator<Item = (u64, &'a user::Model)> + use<'a> {
    (show.row * VISITORS..).zip(visitors)
}

fn attendances(
    world: &World,
    shows: &[Show],
    visitors: &[user::Model],
) -> Vec<event_attendance::Model> {
    let attendances = EventAttendances::new("event_attendances/event-lifecycle");
    let mut rows = Vec::new();
    for (show, (_, days, status, _)) in shows.iter().zip(STAGES) {
        let Some(status) = status else { continue };
        let since = instant(world, days.min(0) - 30, 12 * 60);
        rows.extend(
            visits(show, visitors)
                .map(|(row, visitor)| attendances.row(row, show, visitor.id, status, since)),
        );
    }
    rows
}

fn notifications(
    world: &World,
    shows: &[Show],
    visitors: &[user::Model],
) -> Vec<notification::Model> {
    let notifications = Notifications::new(world, "notifications/event-lifecycle");
    let mut rows = Vec::new();
    for (show, (_, days, _, kind)) in shows.iter().zip(STAGES) {
        let Some(kind) = kind else { continue };
        let at = instant(world, (days + 1).min(-1), 8 * 60);
        rows.extend(
            visits(show, visitors)
                .map(|(row, visitor)| notifications.row(row, kind, show, visitor.id, at)),
        );
    }
    rows
}
