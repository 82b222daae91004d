//! Events with what belongs to them, counted from the world's today.

use chrono::{DateTime, Duration, Utc};
use entity::festival::{event, event_instructor, event_musician, pricing_tier, types::EventStatus};
use sea_orm::entity::prelude::Decimal;
use seeding_engine::{World, key};
use uuid::Uuid;

use super::{
    artists::{INSTRUCTOR_COUNT, MUSICIAN_COUNT, instructor_key, musician_key},
    venues::{PLACES, Place, venue_key},
};
use crate::calendar::instant;

/// An event of a seed.
#[derive(Clone, Debug)]
pub(crate) struct Show {
    /// The seed that it belongs to, as a part of its key.
    pub(crate) space: &'static str,
    /// Its row there.
    pub(crate) row: u64,
    pub(crate) slug: String,
    pub(crate) title: String,
    pub(crate) description: String,
    /// Its position in [`PLACES`].
    pub(crate) venue: usize,
    pub(crate) status: EventStatus,
    pub(crate) starts_at: DateTime<Utc>,
    pub(crate) hours: i64,
    pub(crate) capacity: i32,
    pub(crate) announced_at: DateTime<Utc>,
}

/// Name, percent of the price, percent of the places, days before the event at which the sale
/// begins and ends.
type Tier = (&'static str, i64, i32, Option<(i64, i64)>);

const TIERS: [Tier; 3] = [
    ("Early bird", 70, 20, Some((90, 30))),
    ("Standard", 100, 65, Some((90, 0))),
    ("Supporter", 150, 15, None),
];

impl Show {
    pub(crate) fn key(&self) -> Uuid {
        key(&format!("events/{}", self.space), self.row)
    }

    fn place(&self) -> Place {
        PLACES[self.venue]
    }

    pub(crate) fn model(&self) -> event::Model {
        event::Model {
            id: self.key(),
            slug: self.slug.clone(),
            title: self.title.clone(),
            description: Some(self.description.clone()),
            venue_id: venue_key(self.venue),
            status: self.status,
            starts_at: self.starts_at,
            ends_at: self.starts_at + Duration::hours(self.hours),
            timezone: self.place().timezone.to_owned(),
            currency: self.place().currency.to_owned(),
            capacity: self.capacity,
            registration_deadline: (self.hours > 5).then(|| self.starts_at - Duration::days(3)),
            created_at: self.announced_at,
            updated_at: self.announced_at,
        }
    }

    /// Its tickets; a draft has no prices yet.
    pub(crate) fn tiers(&self) -> Vec<pricing_tier::Model> {
        if self.status == EventStatus::Draft {
            return Vec::new();
        }
        let space = format!("pricing_tiers/{}", self.space);
        let tier = |(number, (name, percent, places, sale)): (u64, Tier)| {
            let before = |days| self.starts_at - Duration::days(days);
            pricing_tier::Model {
                id: key(&space, self.row * 4 + number),
                event_id: self.key(),
                name: name.to_owned(),
                price: Decimal::new(self.place().price * percent, 2),
                quantity: (self.capacity * places / 100).max(1),
                sales_start_at: sale.map(|(start, _)| before(start)),
                sales_end_at: sale.map(|(_, end)| before(end)),
                created_at: self.announced_at,
                updated_at: self.announced_at,
            }
        };
        (0..).zip(TIERS).map(tier).collect()
    }
}

/// When an event begins that starts `days` after today at `hour` on the clocks of `place`.
pub(crate) fn local_start(world: &World, place: &Place, days: i64, hour: i64) -> DateTime<Utc> {
    instant(world, days, (hour - place.utc_offset_hours) * 60)
}

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
    let show = |(row, (slug, title, venue, status, days, hour, hours)): (u64, Base)| Show {
        space: "base",
        row,
        slug: slug.to_owned(),
        title: title.to_owned(),
        description: format!("{title}: classes by day, live bands by night, and cake."),
        venue,
        status,
        starts_at: local_start(world, &PLACES[venue], days, hour),
        hours,
        capacity: PLACES[venue].capacity * 4 / 5,
        announced_at: instant(world, days.min(0) - 100, 9 * 60),
    };
    (0..).zip(BASE).map(show).collect()
}

/// Two instructors for every event that lasts longer than an evening.
pub(super) fn base_instructors(shows: &[Show]) -> Vec<event_instructor::Model> {
    let taught = shows.iter().enumerate().filter(|(_, show)| show.hours > 5);
    taught
        .flat_map(|(index, show)| {
            [index, index + 1].map(|position| teaches(show, position % INSTRUCTOR_COUNT))
        })
        .collect()
}

/// One or two bands for every event.
pub(super) fn base_musicians(shows: &[Show]) -> Vec<event_musician::Model> {
    shows
        .iter()
        .enumerate()
        .flat_map(|(index, show)| {
            (index..=index + index % 2).map(|position| plays(show, position % MUSICIAN_COUNT))
        })
        .collect()
}

/// The instructor at `position` is on the programme of `show`.
pub(crate) fn teaches(show: &Show, position: usize) -> event_instructor::Model {
    let (event_id, instructor_id) = (show.key(), instructor_key(position));
    event_instructor::Model { event_id, instructor_id, created_at: show.announced_at }
}

/// The band at `position` is on the programme of `show`.
pub(crate) fn plays(show: &Show, position: usize) -> event_musician::Model {
    let (event_id, musician_id) = (show.key(), musician_key(position));
    event_musician::Model { event_id, musician_id, created_at: show.announced_at }
}
