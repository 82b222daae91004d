//! Invented people who teach, and invented groups who play.

use entity::festival::{instructor, musician};
use sea_orm::entity::prelude::Json;
use seeding_engine::{World, key};
use serde_json::json;
use uuid::Uuid;

use crate::calendar::instant;

/// Slug, name, what is taught, whether it was verified who it is.
const INSTRUCTORS: [(&str, &str, &[&str], bool); 6] = [
    ("marisol-vantree", "Marisol Vantree", &["lindy hop", "balboa"], true),
    ("odhran-quillfeather", "Odhran Quillfeather", &["solo jazz"], true),
    ("ayaka-moonfield", "Ayaka Moonfield", &["collegiate shag", "lindy hop"], true),
    ("bronislaw-tambor", "Bronisław Tambor", &["blues", "slow drag"], false),
    ("thandeka-rivers-end", "Thandeka Rivers-End", &["tap", "rhythm", "solo jazz"], true),
    ("inigo-saltmarsh", "Íñigo Saltmarsh", &[], false),
];

/// Slug, name, genres, instruments.
const MUSICIANS: [(&str, &str, &[&str], &[&str]); 6] = [
    (
        "the-gaslight-wanderers",
        "The Gaslight Wanderers",
        &["swing", "jump blues"],
        &["trumpet", "tenor saxophone", "piano"],
    ),
    (
        "velvet-kettle-trio",
        "Velvet Kettle Trio",
        &["gypsy jazz"],
        &["guitar", "violin", "double bass"],
    ),
    (
        "harbour-street-nine",
        "Harbour Street Nine",
        &["swing", "big band"],
        &["trombone", "clarinet", "drums"],
    ),
    (
        "paper-lantern-orchestra",
        "Paper Lantern Orchestra",
        &["big band"],
        &["trumpet", "trombone", "alto saxophone", "piano", "drums"],
    ),
    (
        "dusty-crate-stompers",
        "Dusty Crate Stompers",
        &["new orleans", "blues"],
        &["banjo", "tuba", "washboard"],
    ),
    ("lone-kite", "Lone Kite", &["blues"], &["piano"]),
];

/// How many instructors there are.
pub(super) const INSTRUCTOR_COUNT: usize = INSTRUCTORS.len();

/// How many musicians there are.
pub(super) const MUSICIAN_COUNT: usize = MUSICIANS.len();

pub(crate) fn instructor_key(index: usize) -> Uuid {
    key("instructors", index as u64)
}

pub(crate) fn musician_key(index: usize) -> Uuid {
    key("musicians", index as u64)
}

/// The keys of all instructors.
pub(crate) fn instructor_keys() -> Vec<Uuid> {
    (0..INSTRUCTOR_COUNT).map(instructor_key).collect()
}

/// The keys of all musicians.
pub(crate) fn musician_keys() -> Vec<Uuid> {
    (0..MUSICIAN_COUNT).map(musician_key).collect()
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

pub(super) fn instructors(world: &World) -> Vec<instructor::Model> {
    let since = instant(world, -450, 0);
    INSTRUCTORS
        .into_iter()
        .enumerate()
        .map(|(index, (slug, name, specialties, verified))| instructor::Model {
            id: instructor_key(index),
            slug: slug.to_owned(),
            name: name.to_owned(),
            bio: verified.then(|| format!("{name} has taught at festivals on four continents.")),
            specialties: owned(specialties),
            social_links: social_links(slug, verified),
            verified,
            created_at: since,
            updated_at: since,
        })
        .collect()
}

fn social_links(slug: &str, has_video: bool) -> Json {
    let website = format!("https://{slug}.example");
    if has_video {
        json!({ "website": website, "video": format!("https://video.example/@{slug}") })
    } else {
        json!({ "website": website })
    }
}

pub(super) fn musicians(world: &World) -> Vec<musician::Model> {
    let since = instant(world, -450, 0);
    MUSICIANS
        .into_iter()
        .enumerate()
        .map(|(index, (slug, name, genres, instruments))| musician::Model {
            id: musician_key(index),
            slug: slug.to_owned(),
            name: name.to_owned(),
            bio: Some(format!("{name} play {}.", genres.join(" and "))),
            genres: owned(genres),
            instruments: owned(instruments),
            created_at: since,
            updated_at: since,
        })
        .collect()
}
