//! A season of events around the world's today, with venues and artists of its own.

use entity::festival::{
    event, event_instructor, event_musician, instructor, musician, pricing_tier, venue,
};
use seeding_engine::{Stream, World, draw::distribution::Zipf};
use uuid::Uuid;

use super::{cell::Number, popular};
use crate::{
    factories::festival::{
        event::{Events, Show, TIERS_PER_EVENT},
        instructor::Instructors,
        musician::Musicians,
        venue::Venues,
    },
    festival::{
        artists::{instructor_keys, musician_keys},
        programme::{plays, teaches},
    },
};

const VENUES: u64 = 4;
const ARTISTS: u64 = 6;
const SHOWS: u64 = 24;

/// How far apart they are, and how long before today the first one was.
const DAYS_APART: i64 = 7;
const FIRST_DAY: i64 = -84;

/// How many rows a cell has for venues, instructors, musicians, events and their tickets.
pub(super) const VENUE_STRIDE: u64 = 4;
pub(super) const ARTIST_STRIDE: u64 = 8;
pub(super) const EVENT_STRIDE: u64 = 32;
pub(super) const TIER_STRIDE: u64 = EVENT_STRIDE * TIERS_PER_EVENT;

/// The festivals, a season a cell.
pub(super) struct Festival {
    pub(super) venues: Venues,
    pub(super) instructors: Instructors,
    pub(super) musicians: Musicians,
    pub(super) events: Events,
    host: Stream,
    teaching: Stream,
    playing: Stream,
    base_instructors: Vec<Uuid>,
    base_musicians: Vec<Uuid>,
    fame: Zipf,
}

impl Festival {
    pub(super) fn new(world: &World) -> Self {
        let (base_instructors, base_musicians) = (instructor_keys(), musician_keys());
        let artists = base_instructors.len().max(base_musicians.len()) as u64 + ARTISTS;
        Self {
            venues: Venues::new(world, "venues/volume"),
            instructors: Instructors::new(world, "instructors/volume"),
            musicians: Musicians::new(world, "musicians/volume"),
            events: Events::new(world, "volume"),
            host: world.stream("events/volume", "host"),
            teaching: world.stream("event_instructors/volume", "line_up"),
            playing: world.stream("event_musicians/volume", "line_up"),
            base_instructors,
            base_musicians,
            fame: Zipf::new(u32::try_from(artists).unwrap_or(u32::MAX), 1),
        }
    }

    pub(super) fn venues(&self, cell: u64) -> Vec<venue::Model> {
        let venue = |local| self.venues.row(cell * VENUE_STRIDE + local, Number::new(cell, local));
        (0..VENUES).map(venue).collect()
    }

    pub(super) fn instructors(&self, cell: u64) -> Vec<instructor::Model> {
        let instructor =
            |local| self.instructors.row(cell * ARTIST_STRIDE + local, Number::new(cell, local));
        (0..ARTISTS).map(instructor).collect()
    }

    pub(super) fn musicians(&self, cell: u64) -> Vec<musician::Model> {
        let musician =
            |local| self.musicians.row(cell * ARTIST_STRIDE + local, Number::new(cell, local));
        (0..ARTISTS).map(musician).collect()
    }

    /// The season: an event a week.
    pub(super) fn shows(&self, cell: u64) -> Vec<Show> {
        let show = |local: u64| {
            let row = cell * EVENT_STRIDE + local;
            let venue = cell * VENUE_STRIDE + self.host.at(row).below(VENUES);
            let days = FIRST_DAY + DAYS_APART * local.cast_signed();
            self.events.row(row, self.venues.host(venue), days, Number::new(cell, local))
        };
        (0..SHOWS).map(show).collect()
    }

    pub(super) fn events(&self, cell: u64) -> Vec<event::Model> {
        self.shows(cell).iter().map(Show::model).collect()
    }

    pub(super) fn tiers(&self, cell: u64) -> Vec<pricing_tier::Model> {
        self.shows(cell).iter().flat_map(Show::tiers).collect()
    }

    pub(super) fn event_instructors(&self, cell: u64) -> Vec<event_instructor::Model> {
        let artists = self.known_instructors(cell);
        self.line_up(self.teaching, cell, &artists, teaches)
    }

    pub(super) fn event_musicians(&self, cell: u64) -> Vec<event_musician::Model> {
        let artists = self.known_musicians(cell);
        self.line_up(self.playing, cell, &artists, plays)
    }

    /// The instructors that people of this cell know, the best known first: those of the base
    /// travel far.
    pub(super) fn known_instructors(&self, cell: u64) -> Vec<Uuid> {
        let own = (0..ARTISTS).map(|local| self.instructors.key(cell * ARTIST_STRIDE + local));
        self.base_instructors.iter().copied().chain(own).collect()
    }

    /// The musicians that people of this cell know, the best known first.
    pub(super) fn known_musicians(&self, cell: u64) -> Vec<Uuid> {
        let own = (0..ARTISTS).map(|local| self.musicians.key(cell * ARTIST_STRIDE + local));
        self.base_musicians.iter().copied().chain(own).collect()
    }

    /// One to three of `artists` for every event.
    fn line_up<T>(
        &self,
        stream: Stream,
        cell: u64,
        artists: &[Uuid],
        on_programme: impl Fn(&Show, Uuid) -> T,
    ) -> Vec<T> {
        let mut rows = Vec::new();
        for show in self.shows(cell) {
            let mut draw = stream.at(show.row);
            let count = *draw.weighted(&[(30, 1), (45, 2), (25, 3)]);
            let chosen = popular::some(&mut draw, &self.fame, count, artists.len());
            rows.extend(chosen.into_iter().map(|at| on_programme(&show, artists[at])));
        }
        rows
    }
}
