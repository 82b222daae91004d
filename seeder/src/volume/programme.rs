//! A season of events around the world's today, at the venues and with the artists of the base.

use entity::festival::{event_instructor, event_musician, types::EventStatus};
use seeding_engine::{Draw, World};

use super::SPACE;
use crate::{
    calendar::instant,
    festival::{
        artists::{INSTRUCTOR_COUNT, MUSICIAN_COUNT},
        programme::{Show, local_start, plays, teaches},
        venues::PLACES,
    },
};

const SHOWS: u64 = 24;

/// How far apart they are, and how long before today the first one was.
const DAYS_APART: i64 = 7;
const FIRST_DAY: i64 = -84;

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

/// The season.
pub(super) fn shows(world: &World) -> Vec<Show> {
    (0..SHOWS).map(|row| show(world, row)).collect()
}

fn show(world: &World, row: u64) -> Show {
    let mut draw = world.draw("events/volume", "event", row);
    let venue = usize::try_from(draw.below(PLACES.len() as u64)).unwrap_or_default();
    let days = FIRST_DAY + DAYS_APART * row.cast_signed() + draw.between(0, 4);
    let hours = *draw.weighted(&[(60, 5), (25, 30), (15, 54)]);
    // Two days and a bit is the longest: what began three days ago is over.
    let status = *draw.weighted(if days < -3 { &PAST } else { &COMING });
    let title = title(&mut draw);
    Show {
        space: SPACE,
        row,
        slug: format!("{}-{}", title.to_lowercase().replace(' ', "-"), row + 1),
        description: format!("{} {}", PLACES[venue].name, draw.choose(&DESCRIPTIONS)),
        title,
        venue,
        status,
        starts_at: local_start(world, &PLACES[venue], days, draw.between(15, 20)),
        hours,
        capacity: PLACES[venue].capacity * i32::from(*draw.choose(&[5_u8, 7, 9])) / 10,
        announced_at: instant(world, days.min(0) - draw.between(40, 90), 10 * 60),
    }
}

fn title(draw: &mut Draw) -> String {
    format!("{} {}", draw.choose(&ADJECTIVES), draw.choose(&NOUNS))
}

pub(super) fn instructors(world: &World, shows: &[Show]) -> Vec<event_instructor::Model> {
    line_up(world, "event_instructors/volume", shows, INSTRUCTOR_COUNT, teaches)
}

pub(super) fn musicians(world: &World, shows: &[Show]) -> Vec<event_musician::Model> {
    line_up(world, "event_musicians/volume", shows, MUSICIAN_COUNT, plays)
}

/// One to three artists out of `count` for every event.
fn line_up<T>(
    world: &World,
    space: &str,
    shows: &[Show],
    count: usize,
    on_programme: impl Fn(&Show, usize) -> T,
) -> Vec<T> {
    let mut rows = Vec::new();
    for (row, show) in (0..).zip(shows) {
        let mut draw = world.draw(space, "line_up", row);
        let artists = *draw.weighted(&[(30, 1), (45, 2), (25, 3)]);
        rows.extend(
            draw.sample(artists, count).into_iter().map(|position| on_programme(show, position)),
        );
    }
    rows
}
