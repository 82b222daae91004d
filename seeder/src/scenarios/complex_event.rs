//! One event with everything: all artists, tickets of every kind, and more guests than places.

use chrono::Duration;
use entity::{
    festival::{
        pricing_tier,
        types::{EventAttendanceStatus, EventStatus, NotificationKind},
    },
    prelude::{
        Event, EventAttendance, EventInstructor, EventMusician, Notification, PricingTier, User,
    },
};
use sea_orm::entity::prelude::Decimal;
use seeding_engine::{Rows, Space, World};

use super::crowd::crowd;
use crate::{
    Password,
    calendar::instant,
    factories::festival::{
        event::{EventSpaces, Show},
        event_attendance::EventAttendances,
        notification::Notifications,
    },
    festival::{
        artists::{instructor_keys, musician_keys},
        programme::{plays, teaches},
        venues::host,
    },
};

const NAME: &str = "complex-event";

const CAPACITY: i32 = 90;

/// Somewhat more than there are places for, with those who have not decided yet.
const GUESTS: u64 = 110;

/// Name, price in cents, places, days before the event at which the sale begins and ends.
type Tier = (&'static str, i64, i32, Option<i64>, Option<i64>);

const TIERS: [Tier; 9] = [
    ("Volunteer", 0, 6, None, None),
    ("Under 18", 1, 10, None, Some(1)),
    ("Super early bird", 2_900, 10, Some(180), Some(120)),
    ("Early bird", 3_950, 20, Some(120), Some(60)),
    ("Standard", 5_500, 30, Some(60), Some(0)),
    ("Last minute", 7_000, 4, Some(2), Some(0)),
    ("Pay what you can", 1_234, 5, Some(90), None),
    ("Supporter", 15_000, 4, None, None),
    ("Patron for life", 999_999_999_999, 1, None, None),
];

pub(super) fn rows(world: &World, _: Option<&Password>) -> Vec<Rows> {
    let show = show(world);
    let guests = crowd(world, NAME, GUESTS);
    let attendances = EventAttendances::new("event_attendances/complex-event");
    let notifications = Notifications::new(world, "notifications/complex-event");
    let since = instant(world, -20, 12 * 60);
    let coming = (0..).zip(&guests).map(|(row, guest)| {
        let going = row < CAPACITY.unsigned_abs().into();
        let status =
            if going { EventAttendanceStatus::Going } else { EventAttendanceStatus::Interested };
        attendances.row(row, &show, guest.id, status, since + Duration::minutes(row.cast_signed()))
    });
    let told = (0..).zip(&guests).map(|(row, guest)| {
        notifications.row(row, NotificationKind::EventChanged, &show, guest.id, since)
    });
    let coming = Rows::of::<EventAttendance>(coming).filled();
    let told = Rows::of::<Notification>(told).filled();
    let instructors = instructor_keys().into_iter().map(|instructor| teaches(&show, instructor));
    let musicians = musician_keys().into_iter().map(|musician| plays(&show, musician));
    vec![
        Rows::of::<Event>([show.model()]).filled(),
        Rows::of::<EventInstructor>(instructors).filled(),
        Rows::of::<EventMusician>(musicians).filled(),
        Rows::of::<PricingTier>(tiers(&show)).filled(),
        Rows::of::<User>(guests).filled(),
        coming,
        told,
    ]
}

fn show(world: &World) -> Show {
    let host = host(1);
    Show {
        spaces: EventSpaces::of(NAME),
        row: 0,
        slug: "everything-at-once-festival".to_owned(),
        title: "Everything at Once: Festival, Camp & Competition (10th Edition)".to_owned(),
        description:
            "Ten days, three floors, six bands.\n\nClasses in the morning, \"open floor\" \
                      in the afternoon, competitions at night; bring two pairs of shoes."
                .to_owned(),
        status: EventStatus::Published,
        starts_at: host.local_start(world, 40, 10),
        hours: 10 * 24,
        capacity: CAPACITY,
        announced_at: instant(world, -200, 9 * 60),
        host,
    }
}

fn tiers(show: &Show) -> Vec<pricing_tier::Model> {
    let space = Space::new("pricing_tiers/complex-event");
    let before = |days: i64| show.starts_at - Duration::days(days);
    let tier = |(row, (name, cents, quantity, start, end)): (u64, Tier)| pricing_tier::Model {
        id: space.key(row),
        event_id: show.key(),
        name: name.to_owned(),
        price: Decimal::new(cents, 2),
        quantity,
        sales_start_at: start.map(before),
        sales_end_at: end.map(before),
        created_at: show.announced_at,
        updated_at: show.announced_at,
    };
    (0..).zip(TIERS).map(tier).collect()
}
