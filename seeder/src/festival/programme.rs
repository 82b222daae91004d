//! Events with what belongs to them, counted from the world's today.

use entity::festival::{event_instructor, event_musician, types::EventStatus};
use seeding_engine::World;
use uuid::Uuid;

use super::{
    artists::{INSTRUCTOR_COUNT, MUSICIAN_COUNT, instructor_key, musician_key},
    venues::host,
};
use crate::{
    calendar::instant,
    factories::festival::event::{EventSpaces, Show},
};

/// Slug, title, position of the venue, status, days from today, local hour, hours.
type Base = (&'static str, &'static str, usize, EventStatus, i64, i64, i64);

const BASE: [Base; 8] = [
    ("rua-nova-swing-weekend", "Rua Nova Swing Weekend", 0, EventStatus::Published, 12, 18, 52),
    ("mill-floor-stomp", "Mill Floor Stomp", 1, EventStatus::Published, 33, 20, 5),
    (
        "maple-leaf-lindy-exchange",
        "Maple Leaf Lindy Exchange",
        2,
        EventStatus::Published,
        61,
        17,
        54,
    ),
    ("moonlit-river-ball", "Moonlit River Ball", 3, EventStatus::Draft, 95, 19, 4),
    ("port-city-blues-nights", "Port City Blues Nights", 4, EventStatus::Cancelled, 20, 21, 28),
    ("karoo-barn-dance", "Karoo Barn Dance", 5, EventStatus::Completed, -16, 17, 6),
    ("winter-balboa-camp", "Winter Balboa Camp", 1, EventStatus::Completed, -44, 10, 56),
    ("founders-tea-dance", "Founders' Tea Dance", 0, EventStatus::Archived, -230, 15, 4),
];

/// The events of the festival base.
pub(crate) fn base(world: &World) -> Vec<Show> {
    let spaces = EventSpaces::of("base");
    let show = |(row, (slug, title, venue, status, days, hour, hours)): (u64, Base)| {
        let host = host(venue);
        Show {
            spaces,
            row,
            slug: slug.to_owned(),
            title: title.to_owned(),
            description: format!("{title}: classes by day, live bands by night, and cake."),
            status,
            starts_at: host.local_start(world, days, hour),
            hours,
            capacity: host.capacity * 4 / 5,
            announced_at: instant(world, days.min(0) - 100, 9 * 60),
            host,
        }
    };
    (0..).zip(BASE).map(show).collect()
}

/// Two instructors for every event that lasts longer than an evening.
pub(super) fn base_instructors(shows: &[Show]) -> Vec<event_instructor::Model> {
    let taught = shows.iter().enumerate().filter(|(_, show)| show.hours > 5);
    taught
        .flat_map(|(index, show)| {
            [index, index + 1]
                .map(|position| teaches(show, instructor_key(position % INSTRUCTOR_COUNT)))
        })
        .collect()
}

/// One or two bands for every event.
pub(super) fn base_musicians(shows: &[Show]) -> Vec<event_musician::Model> {
    shows
        .iter()
        .enumerate()
        .flat_map(|(index, show)| {
            (index..=index + index % 2)
                .map(|position| plays(show, musician_key(position % MUSICIAN_COUNT)))
        })
        .collect()
}

/// `instructor` is on the programme of `show`.
pub(crate) fn teaches(show: &Show, instructor: Uuid) -> event_instructor::Model {
    event_instructor::Model {
        event_id: show.key(),
        instructor_id: instructor,
        created_at: show.announced_at,
    }
}

/// `musician` is on the programme of `show`.
pub(crate) fn plays(show: &Show, musician: Uuid) -> event_musician::Model {
    event_musician::Model {
        event_id: show.key(),
        musician_id: musician,
        created_at: show.announced_at,
    }
}
