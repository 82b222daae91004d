//! What visitors say of an event.

use chrono::{DateTime, Duration, Utc};
use entity::festival::review;
use seeding_engine::{Space, Stream, World};
use uuid::Uuid;

use super::event::Show;
use crate::calendar::instant;

/// How many stars out of a hundred reviews: those who did not like it rarely say so.
const RATINGS: [(u32, i16); 5] = [(44, 5), (34, 4), (13, 3), (6, 2), (3, 1)];

const PRAISE: [&str; 5] = [
    "The band played until my shoes gave up.",
    "Friendly people, a smooth floor and good coffee.",
    "The best class that I took this year.",
    "We danced on the way home.",
    "Well organised from the first mail to the last song.",
];

const COMPLAINTS: [&str; 4] = [
    "Too full to dance before midnight.",
    "The sound was poor at the back of the hall.",
    "The timetable changed twice without a word.",
    "Nice music, long queue.",
];

/// The reviews of one space.
pub(crate) struct Reviews {
    today: DateTime<Utc>,
    space: Space,
    written: Stream,
    review: Stream,
}

impl Reviews {
    pub(crate) fn new(world: &World, space: &str) -> Self {
        Self {
            today: instant(world, 0, 0),
            space: Space::new(space),
            written: world.stream(space, "written"),
            review: world.stream(space, "review"),
        }
    }

    pub(crate) fn space(&self) -> Space {
        self.space
    }

    /// Whether the review of row `row` was written: three in five of those who came do so.
    pub(crate) fn is_written(&self, row: u64) -> bool {
        self.written.at(row).chance(60)
    }

    /// The review of row `row`, by `user` of `show` in the days after it; most are in words.
    pub(crate) fn row(&self, row: u64, show: &Show, user: Uuid) -> review::Model {
        let mut draw = self.review.at(row);
        let rating = *draw.weighted(&RATINGS);
        let words: &[&str] = if rating > 3 { &PRAISE } else { &COMPLAINTS };
        let body = draw.chance(80).then(|| (*draw.choose(words)).to_owned());
        let after = show.starts_at + Duration::hours(show.hours + draw.between(2, 72));
        let since = after.min(self.today);
        review::Model {
            id: self.space.key(row),
            event_id: show.key(),
            user_id: user,
            rating,
            body,
            created_at: since,
            updated_at: since,
        }
    }
}
