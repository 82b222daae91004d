//! Invented people who cannot be reached: reserved domains only.

use std::fmt::Display;

use seeding_engine::{
    Stream, World,
    values::{
        Locale,
        internet::email_of,
        person::{self, Name},
    },
};

/// The domain of everybody who belongs to the school; RFC 2606 promises that nobody has it.
pub(crate) const DOMAIN: &str = "school.example";

/// The domain of everybody else.
const OTHER_DOMAIN: &str = "mail.example";

/// Where the families of a space come from, in percent.
const ORIGINS: [(u32, Locale); 5] = [
    (60, Locale::English),
    (12, Locale::Spanish),
    (11, Locale::German),
    (11, Locale::French),
    (6, Locale::Japanese),
];

/// The names of everybody in a space.
#[derive(Clone, Copy)]
pub(crate) struct Names(Stream);

impl Names {
    pub(crate) fn new(world: &World, space: &str) -> Self {
        Self(world.stream(space, "name"))
    }

    /// The name of row `row`.
    pub(crate) fn name(self, row: u64) -> Name {
        let mut draw = self.0.at(row);
        let origin = *draw.weighted(&ORIGINS);
        person::name(&mut draw, origin)
    }
}

/// An address that nobody else has: `tag` and `number` see to it, because names repeat. The tags
/// are t(eacher), s(tudent), g(uardian), v(isitor), c(rowd) and u(ser).
pub(crate) fn email(name: &Name, tag: char, number: impl Display) -> String {
    let domain = if matches!(tag, 't' | 's') { DOMAIN } else { OTHER_DOMAIN };
    email_of(name, &format!("{tag}{number}"), domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(seed: i64) -> Names {
        let world = World { seed, as_of: "2026-03-02".parse().unwrap() };
        Names::new(&world, "students")
    }

    #[test]
    fn names_are_known() {
        let names: Vec<String> = (0..3).map(|row| names(42).name(row).full()).collect();
        assert_eq!(names, ["Philipp Frank", "Emily Allen", "Quentin Walker"]);
    }

    #[test]
    fn another_world_has_other_people() {
        assert_ne!(names(1).name(0), names(2).name(0));
    }

    #[test]
    fn an_address_is_plain_and_has_its_number() {
        let name = Name { given: "Zoë", family: "Núñez" };
        assert_eq!(email(&name, 's', 12), "zoe.nunez.s12@school.example");
        assert_eq!(email(&name, 'v', "12-3"), "zoe.nunez.v12-3@mail.example");
    }
}
