//! Invented people who cannot be reached: reserved domains and numbers only.

use fake::{
    Fake as _,
    faker::name::en::{FirstName, LastName},
};
use seeding_engine::{Draw, World};

/// The domain of everybody who belongs to the school; RFC 2606 promises that nobody has it.
pub(crate) const DOMAIN: &str = "school.example";

/// The domain of everybody else.
const OTHER_DOMAIN: &str = "mail.example";

/// A given and a family name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) given: String,
    pub(crate) family: String,
}

impl Name {
    pub(crate) fn full(&self) -> String {
        format!("{} {}", self.given, self.family)
    }
}

/// The name of row `row` of `space`.
pub(crate) fn name(world: &World, space: &str, row: u64) -> Name {
    Name { given: given_name(world, space, row), family: family_name(world, space, row) }
}

/// The given name of row `row` of `space`, for members of a family.
pub(crate) fn given_name(world: &World, space: &str, row: u64) -> String {
    FirstName().fake_with_rng(world.draw(space, "given_name", row).generator())
}

fn family_name(world: &World, space: &str, row: u64) -> String {
    LastName().fake_with_rng(world.draw(space, "family_name", row).generator())
}

/// An address that nobody else has: `tag` and `row` see to it, because names repeat. The tags are
/// t(eacher), s(tudent), g(uardian) and v(isitor).
pub(crate) fn email(name: &Name, tag: char, row: u64) -> String {
    let plain = |name: &str| -> String {
        name.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect()
    };
    let domain = if matches!(tag, 't' | 's') { DOMAIN } else { OTHER_DOMAIN };
    format!("{}.{}.{tag}{}@{domain}", plain(&name.given), plain(&name.family), row + 1)
}

/// A number from a range that is reserved for fiction: 202-555-01xx in the United States,
/// 07700 900xxx in the United Kingdom (Ofcom).
pub(crate) fn phone(draw: &mut Draw) -> String {
    if draw.chance(70) {
        format!("+120255501{:02}", draw.below(100))
    } else {
        format!("+447700900{:03}", draw.below(1_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world(seed: i64) -> World {
        World { seed, as_of: "2026-03-02".parse().unwrap() }
    }

    #[test]
    fn names_are_known() {
        let names: Vec<String> =
            (0..3).map(|row| name(&world(42), "students", row).full()).collect();
        assert_eq!(
            names,
            ["Burdette Bruen", "Ines Schowalter", "Bertha Lowe"],
            "another release of `fake` or `rand` draws other names"
        );
    }

    #[test]
    fn another_world_has_other_people() {
        assert_ne!(name(&world(1), "students", 0), name(&world(2), "students", 0));
    }

    #[test]
    fn an_address_is_plain_and_has_its_row() {
        let name = Name { given: "Zoë".into(), family: "D'Angelo".into() };
        assert_eq!(email(&name, 's', 11), "zo.dangelo.s12@school.example");
    }

    #[test]
    fn numbers_are_reserved_for_fiction() {
        for row in 0..200 {
            let phone = phone(&mut world(1).draw("guardians", "phone", row));
            let is_reserved =
                |prefix: &str, length| phone.starts_with(prefix) && phone.len() == length;
            assert!(is_reserved("+120255501", 12) || is_reserved("+447700900", 13), "{phone}");
        }
    }
}
