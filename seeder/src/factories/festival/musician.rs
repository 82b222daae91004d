//! Musicians: invented groups who play.

use std::fmt::Display;

use entity::festival::musician;
use seeding_engine::{Draw, Space, Stream, World};
use uuid::Uuid;

use crate::calendar::instant;

const FIRST_WORDS: [&str; 10] = [
    "Amber",
    "Backyard",
    "Cobalt",
    "Corner Shop",
    "Drizzle",
    "Feather",
    "Matchbox",
    "Night Tram",
    "Sunday",
    "Tin Roof",
];

const GROUPS: [&str; 8] =
    ["Serenaders", "Quartet", "Orchestra", "Ramblers", "Six", "Shufflers", "Trio", "Syncopators"];

const GENRES: [&str; 6] = ["big band", "blues", "gypsy jazz", "jump blues", "new orleans", "swing"];

const INSTRUMENTS: [&str; 10] = [
    "alto saxophone",
    "banjo",
    "clarinet",
    "double bass",
    "drums",
    "guitar",
    "piano",
    "trombone",
    "trumpet",
    "violin",
];

/// The musicians of one space.
pub(crate) struct Musicians {
    world: World,
    space: Space,
    profile: Stream,
}

impl Musicians {
    pub(crate) fn new(world: &World, space: &str) -> Self {
        Self { world: *world, space: Space::new(space), profile: world.stream(space, "profile") }
    }

    pub(crate) fn space(&self) -> Space {
        self.space
    }

    pub(crate) fn key(&self, row: u64) -> Uuid {
        self.space.key(row)
    }

    /// The group of row `row`, with `number` in its address on the web.
    pub(crate) fn row(&self, row: u64, number: impl Display) -> musician::Model {
        let mut draw = self.profile.at(row);
        let name = format!("The {} {}", draw.choose(&FIRST_WORDS), draw.choose(&GROUPS));
        let genres = *draw.weighted(&[(55, 1), (45, 2)]);
        let genres = some(&mut draw, genres, &GENRES);
        let instruments = *draw.weighted(&[(15, 1), (45, 3), (30, 5), (10, 7)]);
        let since = instant(&self.world, -450, 0);
        musician::Model {
            id: self.key(row),
            slug: format!("{}-{number}", name.to_lowercase().replace(' ', "-")),
            bio: draw.chance(75).then(|| format!("{name} play {}.", genres.join(" and "))),
            instruments: some(&mut draw, instruments, &INSTRUMENTS),
            genres,
            name,
            created_at: since,
            updated_at: since,
        }
    }
}

/// `count` of `words`, no word twice.
fn some(draw: &mut Draw, count: usize, words: &[&str]) -> Vec<String> {
    draw.sample(count, words.len()).into_iter().map(|at| words[at].to_owned()).collect()
}
