//! Events, and what tickets for them cost.

use std::fmt::Display;

use chrono::{DateTime, Duration, Utc};
use entity::festival::{event, pricing_tier, types::EventStatus};
use sea_orm::entity::prelude::Decimal;
use seeding_engine::{Draw, Space, Stream, World};
use uuid::Uuid;

use crate::calendar::instant;

/// Name, percent of the price, percent of the places, days before the event at which the sale
/// begins and ends.
type Tier = (&'static str, i64, i32, Option<(i64, i64)>);

const TIERS: [Tier; 3] = [
    ("Early bird", 70, 20, Some((90, 30))),
    ("Standard", 100, 65, Some((90, 0))),
    ("Supporter", 150, 15, None),
];

/// How many rows the kinds of tickets of an event take.
pub(crate) const TIERS_PER_EVENT: u64 = 4;

const ADJECTIVES: [&str; 10] = [
    "Golden",
    "Midnight",
    "Rolling",
    "Paper",
    "Crimson",
    "Wandering",
    "Silver",
    "Lazy",
    "Electric",
    "Whistling",
];

const NOUNS: [&str; 8] = [
    "Swing Night",
    "Lindy Camp",
    "Blues Weekend",
    "Stomp",
    "Tea Dance",
    "Balboa Days",
    "Jam",
    "Ball",
];

/// What follows the name of the venue.
const DESCRIPTIONS: [&str; 4] = [
    "opens its doors for an evening of live music.",
    "welcomes dancers from near and far.",
    "lays out the big floor once more.",
    "brings together two bands that have never shared a stage.",
];

/// An event that is over, or that is still to come.
const PAST: [(u32, EventStatus); 3] =
    [(80, EventStatus::Completed), (12, EventStatus::Archived), (8, EventStatus::Cancelled)];
const COMING: [(u32, EventStatus); 3] =
    [(78, EventStatus::Published), (14, EventStatus::Draft), (8, EventStatus::Cancelled)];

/// Where the events of a seed and their tickets have their keys.
#[derive(Clone, Copy)]
pub(crate) struct EventSpaces {
    pub(crate) events: Space,
    pub(crate) tiers: Space,
}

impl EventSpaces {
    /// The spaces of the seed `seed`.
    pub(crate) fn of(seed: &str) -> Self {
        let space = |table| Space::new(&format!("{table}/{seed}"));
        Self { events: space("events"), tiers: space("pricing_tiers") }
    }
}

/// What an event takes over from the venue where it is held.
#[derive(Clone)]
pub(crate) struct Host {
    pub(crate) venue: Uuid,
    pub(crate) name: String,
    pub(crate) timezone: &'static str,
    /// Hours that its clocks are ahead of UTC outside of summer.
    pub(crate) utc_offset_hours: i64,
    pub(crate) capacity: i32,
    pub(crate) currency: &'static str,
    /// What an ordinary ticket costs, in whole units of the currency.
    pub(crate) price: i64,
}

impl Host {
    /// The instant `days` after today at `hour` on the clocks of the place.
    pub(crate) fn local_start(&self, world: &World, days: i64, hour: i64) -> DateTime<Utc> {
        instant(world, days, (hour - self.utc_offset_hours) * 60)
    }
}

/// An event. It knows its row, so that its tickets find their keys without a lookup.
#[derive(Clone)]
pub(crate) struct Show {
    pub(crate) spaces: EventSpaces,
    pub(crate) row: u64,
    pub(crate) slug: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) host: Host,
    pub(crate) status: EventStatus,
    pub(crate) starts_at: DateTime<Utc>,
    pub(crate) hours: i64,
    pub(crate) capacity: i32,
    pub(crate) announced_at: DateTime<Utc>,
}

impl Show {
    pub(crate) fn key(&self) -> Uuid {
        self.spaces.events.key(self.row)
    }

    pub(crate) fn model(&self) -> event::Model {
        event::Model {
            id: self.key(),
            slug: self.slug.clone(),
            title: self.title.clone(),
            description: Some(self.description.clone()),
            venue_id: self.host.venue,
            status: self.status,
            starts_at: self.starts_at,
            ends_at: self.starts_at + Duration::hours(self.hours),
            timezone: self.host.timezone.to_owned(),
            currency: self.host.currency.to_owned(),
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
        (0..TIERS.len() as u64).map(|number| self.tier(number)).collect()
    }

    /// Tickets of the kind `number`, from 0; there are three.
    pub(crate) fn tier(&self, number: u64) -> pricing_tier::Model {
        let kind = usize::try_from(number).unwrap_or_default() % TIERS.len();
        let (name, percent, places, sale) = TIERS[kind];
        let before = |days| self.starts_at - Duration::days(days);
        pricing_tier::Model {
            id: self.spaces.tiers.key(self.row * TIERS_PER_EVENT + number),
            event_id: self.key(),
            name: name.to_owned(),
            price: Decimal::new(self.host.price * percent, 2),
            quantity: (self.capacity * places / 100).max(1),
            sales_start_at: sale.map(|(start, _)| before(start)),
            sales_end_at: sale.map(|(_, end)| before(end)),
            created_at: self.announced_at,
            updated_at: self.announced_at,
        }
    }
}

/// The events of one seed.
pub(crate) struct Events {
    world: World,
    pub(crate) spaces: EventSpaces,
    event: Stream,
}

impl Events {
    pub(crate) fn new(world: &World, seed: &str) -> Self {
        let event = world.stream(&format!("events/{seed}"), "event");
        Self { world: *world, spaces: EventSpaces::of(seed), event }
    }

    /// The event of row `row`, held by `host` about `days` from today, with `number` in its
    /// address on the web.
    pub(crate) fn row(&self, row: u64, host: Host, days: i64, number: impl Display) -> Show {
        let mut draw = self.event.at(row);
        let days = days + draw.between(0, 4);
        let hours = *draw.weighted(&[(60, 5), (25, 30), (15, 54)]);
        // Two days and a bit is the longest: what began three days ago is over.
        let status = *draw.weighted(if days < -3 { &PAST } else { &COMING });
        let title = title(&mut draw);
        Show {
            spaces: self.spaces,
            row,
            slug: format!("{}-{number}", title.to_lowercase().replace(' ', "-")),
            description: format!("{} {}", host.name, draw.choose(&DESCRIPTIONS)),
            title,
            status,
            starts_at: host.local_start(&self.world, days, draw.between(15, 20)),
            hours,
            capacity: host.capacity * i32::from(*draw.choose(&[5_u8, 7, 9])) / 10,
            announced_at: instant(&self.world, days.min(0) - draw.between(40, 90), 10 * 60),
            host,
        }
    }
}

fn title(draw: &mut Draw) -> String {
    format!("{} {}", draw.choose(&ADJECTIVES), draw.choose(&NOUNS))
}
