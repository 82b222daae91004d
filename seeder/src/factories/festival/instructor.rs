//! Instructors: invented people who teach.

use std::fmt::Display;

use entity::festival::instructor;
use seeding_engine::{Space, Stream, World, values::person::plain};
use serde_json::json;
use uuid::Uuid;

use crate::{calendar::instant, people::Names};

const SPECIALTIES: [&str; 8] =
    ["balboa", "blues", "collegiate shag", "lindy hop", "rhythm", "slow drag", "solo jazz", "tap"];

/// The instructors of one space.
pub(crate) struct Instructors {
    world: World,
    space: Space,
    names: Names,
    profile: Stream,
}

impl Instructors {
    pub(crate) fn new(world: &World, space: &str) -> Self {
        Self {
            world: *world,
            space: Space::new(space),
            names: Names::new(world, space),
            profile: world.stream(space, "profile"),
        }
    }

    pub(crate) fn space(&self) -> Space {
        self.space
    }

    pub(crate) fn key(&self, row: u64) -> Uuid {
        self.space.key(row)
    }

    /// The instructor of row `row`, with `number` in the address on the web; four in five are
    /// verified.
    pub(crate) fn row(&self, row: u64, number: impl Display) -> instructor::Model {
        let mut draw = self.profile.at(row);
        let name = self.names.name(row);
        let slug = format!("{}-{}-{number}", plain(name.given), plain(name.family));
        let (years, count) = (draw.between(2, 25), *draw.weighted(&[(50, 1), (40, 2), (10, 3)]));
        let specialties = draw.sample(count, SPECIALTIES.len());
        let since = instant(&self.world, -450, 0);
        instructor::Model {
            id: self.key(row),
            bio: draw.chance(70).then(|| format!("{} has taught for {years} years.", name.given)),
            name: name.full(),
            specialties: specialties.into_iter().map(|at| SPECIALTIES[at].to_owned()).collect(),
            social_links: json!({ "website": format!("https://{slug}.example") }),
            slug,
            verified: draw.chance(80),
            created_at: since,
            updated_at: since,
        }
    }
}
