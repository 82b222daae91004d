//! Companies, shops and what people do in them.

use super::{Locale, person::family_name, words};
use crate::draw::Draw;

const DEPARTMENTS: [&str; 10] = [
    "Accounting",
    "Design",
    "Engineering",
    "Facilities",
    "Legal",
    "Marketing",
    "Operations",
    "People",
    "Sales",
    "Support",
];

const JOBS: [&str; 12] = [
    "Accountant",
    "Analyst",
    "Architect",
    "Assistant",
    "Buyer",
    "Coordinator",
    "Designer",
    "Developer",
    "Editor",
    "Manager",
    "Technician",
    "Translator",
];

const PRODUCTS: [&str; 16] = [
    "Backpack", "Blanket", "Bottle", "Candle", "Chair", "Clock", "Desk", "Jacket", "Kettle",
    "Lamp", "Mug", "Notebook", "Pencil", "Scarf", "Shelf", "Umbrella",
];

const MATERIALS: [&str; 10] =
    ["Bamboo", "Canvas", "Ceramic", "Cork", "Cotton", "Linen", "Oak", "Steel", "Walnut", "Wool"];

/// The name of a company: one or two families and a legal form of the country.
pub fn company(draw: &mut Draw, locale: Locale) -> String {
    let family = family_name(draw, locale);
    let form = draw.choose(words::of(locale).legal_forms);
    if draw.chance(30) {
        format!("{family}-{} {form}", family_name(draw, locale))
    } else {
        format!("{family} {form}")
    }
}

/// A part of a company.
pub fn department(draw: &mut Draw) -> &'static str {
    draw.pick(&DEPARTMENTS)
}

/// What somebody does there.
pub fn job(draw: &mut Draw) -> &'static str {
    draw.pick(&JOBS)
}

/// Something to buy, such as `Oak Desk`.
pub fn product(draw: &mut Draw) -> String {
    format!("{} {}", draw.choose(&MATERIALS), draw.choose(&PRODUCTS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_ends_in_a_form_of_its_country() {
        for row in 0..200 {
            let company = company(&mut Draw::new(1, "t", "company", row), Locale::German);
            let forms = words::of(Locale::German).legal_forms;
            assert!(forms.iter().any(|form| company.ends_with(form)), "{company}");
        }
    }
}
