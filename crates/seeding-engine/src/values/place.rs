//! Places: real cities with invented streets, and postcodes that no letter finds.

use super::{Locale, words};
use crate::draw::Draw;

/// An address of the post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Street and number, in the order of the country.
    pub street: String,
    /// A postcode that is not assigned.
    pub postcode: String,
    /// A large city.
    pub city: &'static str,
    /// The country's two letters.
    pub country_code: &'static str,
}

impl Address {
    /// In one line: street, postcode and city, country.
    pub fn line(&self) -> String {
        let Self { street, postcode, city, country_code } = self;
        if *country_code == "US" {
            format!("{street}, {city} {postcode}, {country_code}")
        } else {
            format!("{street}, {postcode} {city}, {country_code}")
        }
    }
}

/// An address.
pub fn address(draw: &mut Draw, locale: Locale) -> Address {
    Address {
        street: street(draw, locale),
        postcode: postcode(draw, locale),
        city: city(draw, locale),
        country_code: locale.country_code(),
    }
}

/// A large city.
pub fn city(draw: &mut Draw, locale: Locale) -> &'static str {
    draw.pick(words::of(locale).cities)
}

/// Street and number; low numbers are more frequent, because every street has them.
pub fn street(draw: &mut Draw, locale: Locale) -> String {
    let name = draw.choose(words::of(locale).streets);
    let last = 1 + draw.below(200);
    let number = 1 + draw.below(last);
    match locale {
        Locale::German => format!("{name} {number}"),
        Locale::English | Locale::French => format!("{number} {name}"),
        Locale::Spanish => format!("{name}, {number}"),
        Locale::Japanese => format!("{}-{}-{number} {name}", 1 + number % 7, 1 + number % 19),
    }
}

/// A postcode that is not assigned: those of the United States begin at 00501, of Germany at 01067,
/// of Japan at 001; France has none with 96 and Spain none above 52.
pub fn postcode(draw: &mut Draw, locale: Locale) -> String {
    match locale {
        Locale::English => format!("00{:03}", draw.below(500)),
        Locale::German => format!("00{:03}", draw.below(1_000)),
        Locale::French => format!("96{:03}", draw.below(1_000)),
        Locale::Spanish => format!("{}{:03}", draw.between(53, 59), draw.below(1_000)),
        Locale::Japanese => format!("000-{:04}", draw.below(10_000)),
    }
}

/// Latitude and longitude in millionths of a degree, anywhere that people live: between 55° south
/// and 70° north.
pub fn coordinates(draw: &mut Draw) -> (i64, i64) {
    (draw.between(-55_000_000, 70_000_000), draw.between(-180_000_000, 180_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_the_form_of_its_country() {
        let lines = Locale::ALL
            .map(|locale| address(&mut Draw::new(42, "people", "address", 0), locale).line());
        let expected = [
            "68 Main Street, Houston 00273, US",
            "Kastanienallee 68, 00546 Hamburg, DE",
            "68 rue des Peupliers, 96546 Lyon, FR",
            "Calle Mayor, 68, 56479 Jaén, ES",
            "6-12-68 Miyuki-dori, 000-5463 Kumamoto, JP",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn no_postcode_is_assigned() {
        for row in 0..2_000 {
            let mut draw = Draw::new(1, "t", "postcode", row);
            let codes = Locale::ALL.map(|locale| postcode(&mut draw, locale));
            let lengths = codes.each_ref().map(String::len);
            assert_eq!(lengths, [5, 5, 5, 5, 8]);
            let [us, de, fr, es, jp] = codes;
            assert!(us.as_str() < "00501" && de.starts_with("00") && fr.starts_with("96"));
            assert!(es.as_str() > "53" && jp.starts_with("000"));
        }
    }
}
