//! One event that hundreds attended, reviewed and were told about: for averages, paging, and
//! queries that are fast only while lists are short.

use entity::{
    festival::{
        saved_event,
        types::{EventAttendanceStatus, EventStatus, NotificationKind},
    },
    prelude::{
        Event, EventAttendance, EventMusician, Notification, PricingTier, Review, SavedEvent, User,
    },
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
    festival::{artists::musician_keys, programme::plays, venues::host},
};

const NAME: &str = "high-engagement";

const VISITORS: u64 = 360;

pub(super) fn rows(world: &World, _: Option<&Password>) -> Vec<Rows> {
    let (show, visitors) = (show(world), crowd(world, NAME, VISITORS));
    let attendances = EventAttendances::new("event_attendances/high-engagement");
    let reviews = Reviews::new(world, "reviews/high-engagement");
    let notifications = Notifications::new(world, "notifications/high-engagement");
    let visits = || (0_u64..).zip(visitors.iter().map(|visitor| visitor.id));
    let came = visits().map(|(row, visitor)| {
        let since = instant(world, -60, u64::cast_signed(row));
        attendances.row(row, &show, visitor, EventAttendanceStatus::Attended, since)
    });
    let reviewed = visits()
        .filter(|(row, _)| row % 6 != 0)
        .map(|(row, visitor)| reviews.row(row, &show, visitor));
    let told = visits().map(|(row, visitor)| {
        let at = instant(world, -5, 9 * 60);
        notifications.row(row, NotificationKind::ReviewRequested, &show, visitor, at)
    });
    let saved = visits().filter(|(row, _)| row % 3 == 0).map(|(_, user_id)| saved_event::Model {
        user_id,
        event_id: show.key(),
        created_at: instant(world, -70, 0),
    });
    let came = Rows::of::<EventAttendance>(came).filled();
    let reviewed = Rows::of::<Review>(reviewed).filled();
    let told = Rows::of::<Notification>(told).filled();
    let saved = Rows::of::<SavedEvent>(saved).filled();
    let bands = musician_keys().into_iter().take(4).map(|musician| plays(&show, musician));
    vec![
        Rows::of::<Event>([show.model()]).filled(),
        Rows::of::<EventMusician>(bands).filled(),
        Rows::of::<PricingTier>(show.tiers()).filled(),
        Rows::of::<User>(visitors).filled(),
        came,
        saved,
        reviewed,
        told,
    ]
}

fn show(world: &World) -> Show {
    let host = host(0);
    Show {
        spaces: EventSpaces::of(NAME),
        row: 0,
        slug: "the-night-everybody-came".to_owned(),
        title: "The Night Everybody Came".to_owned(),
        description: "Four bands until the morning.".to_owned(),
        status: EventStatus::Completed,
        starts_at: host.local_start(world, -7, 20),
        hours: 10,
        capacity: 400,
        announced_at: instant(world, -90, 9 * 60),
        host,
    }
}
