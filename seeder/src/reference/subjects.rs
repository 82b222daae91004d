//! What the school teaches.

use entity::{prelude::Subject, school::subject};
use sea_orm::{NotSet, Set};
use seeding_engine::{Content, Kind, Rows, Seed};

use super::subject_key;

/// The subjects: code, name in the timetable, what it covers.
pub const SUBJECTS: [(&str, &str, &str); 12] = [
    ("MATH", "Mathematics", "Numbers, algebra, geometry and statistics"),
    ("ENG", "English", "Reading, writing and literature"),
    ("SCI", "Science", "Experiments across physics, chemistry and biology"),
    ("HIST", "History", "From early settlements to the present"),
    ("GEO", "Geography", "Landscapes, climate and people"),
    ("PHYS", "Physics", "Motion, energy, waves and matter"),
    ("CHEM", "Chemistry", "Substances and how they react"),
    ("BIO", "Biology", "Cells, organisms and ecosystems"),
    ("CS", "Computer science", "Algorithms, data and programs"),
    ("ART", "Art", "Drawing, painting and design"),
    ("MUS", "Music", "Singing, playing and listening"),
    ("PE", "Physical education", "Games, athletics and health"),
];

/// The subjects.
pub fn subjects() -> Seed {
    Seed {
        id: "reference.subjects",
        description: "what the school teaches",
        kind: Kind::Reference,
        version: 1,
        environments: Kind::Reference.environments(),
        requires: &[],
        content: Content::rows(|_| {
            vec![Rows::of::<Subject>(rows()).synced([subject::Column::Code])]
        }),
    }
}

fn rows() -> impl Iterator<Item = subject::ActiveModel> {
    SUBJECTS.into_iter().map(|(code, name, description)| subject::ActiveModel {
        id: Set(subject_key(code)),
        code: Set(code.to_owned()),
        name: Set(name.to_owned()),
        description: Set(Some(description.to_owned())),
        created_at: NotSet,
        updated_at: NotSet,
    })
}
