//! A festival scout in small: where, who, when, and three people who care.

pub(crate) mod artists;
mod fans;
pub(crate) mod programme;
pub(crate) mod venues;

use entity::prelude::{
    Event, EventAttendance, EventInstructor, EventMusician, Instructor, InstructorFollow, Musician,
    MusicianFollow, Notification, PricingTier, Review, SavedEvent, UserPreference, Venue,
};
use seeding_engine::{Content, Kind, Rows, Seed, World};

pub use fans::FANS;

use crate::{Password, Settings, factories::festival::event::Show, personas::accounts};

/// Venues, artists, events in every status, and three fans with preferences and follows.
pub fn seed(settings: &Settings) -> Seed {
    let password = settings.persona_password.clone();
    Seed {
        id: "demo.festival",
        description: "venues, artists, events in every status, and three fans",
        kind: Kind::Demo,
        version: 1,
        environments: Kind::Demo.environments(),
        requires: &["reference.access"],
        content: Content::rows(move |world| rows(world, password.as_ref())),
    }
}

fn rows(world: &World, password: Option<&Password>) -> Vec<Rows> {
    let shows = programme::base(world);
    vec![
        Rows::of::<Venue>(venues::venues(world)).filled(),
        Rows::of::<Instructor>(artists::instructors(world)).filled(),
        Rows::of::<Musician>(artists::musicians(world)).filled(),
        Rows::of::<Event>(shows.iter().map(Show::model)).filled(),
        Rows::of::<EventInstructor>(programme::base_instructors(&shows)).filled(),
        Rows::of::<EventMusician>(programme::base_musicians(&shows)).filled(),
        Rows::of::<PricingTier>(shows.iter().flat_map(Show::tiers)).filled(),
        accounts(world, &FANS, password),
        Rows::of::<UserPreference>(fans::preferences(world)).filled(),
        Rows::of::<InstructorFollow>(fans::instructor_follows(world)).filled(),
        Rows::of::<MusicianFollow>(fans::musician_follows(world)).filled(),
        Rows::of::<SavedEvent>(fans::saved_events(world)).filled(),
        Rows::of::<EventAttendance>(fans::attendances(world)).filled(),
        Rows::of::<Review>(fans::reviews(world)).filled(),
        Rows::of::<Notification>(fans::notifications(world)).filled(),
    ]
}
