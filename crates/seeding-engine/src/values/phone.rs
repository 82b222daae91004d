//! Phone numbers that regulators have set aside for films and books, and that ring nowhere.
//!
//! | country | numbers | source |
//! |---|---|---|
//! | United States | +1 202 555 0100 to 0199 | NANPA: 555-0100 to 555-0199 of every area |
//! | United Kingdom | +44 7700 900000 to 900999 | Ofcom, numbers for drama use |
//! | Germany | +49 30 23125 000 to 999 | Bundesnetzagentur, Amtsblatt 7/2021, Mitteilung 148 |
//! | France | +33 1 99 00 00 00 to 99 99 | Arcep, plan national de numérotation |
//!
//! Spain and Japan have set aside none; their people have numbers of the United Kingdom.

use super::Locale;
use crate::draw::Draw;

/// Numbers that reach nobody: what they begin with, and how many digits follow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    pub(super) prefix: &'static str,
    pub(super) digits: u32,
}

const UNITED_STATES: Range = Range { prefix: "+120255501", digits: 2 };
const UNITED_KINGDOM: Range = Range { prefix: "+447700900", digits: 3 };
const GERMANY: Range = Range { prefix: "+493023125", digits: 3 };
const FRANCE: Range = Range { prefix: "+3319900", digits: 4 };

/// The ranges, but for the area codes of the United States.
pub(super) const RANGES: [Range; 4] = [UNITED_STATES, UNITED_KINGDOM, GERMANY, FRANCE];

fn range(locale: Locale) -> Range {
    match locale {
        Locale::English => UNITED_STATES,
        Locale::German => GERMANY,
        Locale::French => FRANCE,
        Locale::Spanish | Locale::Japanese => UNITED_KINGDOM,
    }
}

/// How many different numbers [`phone`] knows for `locale`.
pub fn capacity(locale: Locale) -> u64 {
    10_u64.pow(range(locale).digits)
}

/// A number in international form, such as `+447700900123`. There are few, so they repeat.
pub fn phone(draw: &mut Draw, locale: Locale) -> String {
    numbered(draw.below(capacity(locale)), locale)
}

/// Number `number` of the [`capacity`] numbers of `locale`, and again from the first.
pub fn numbered(number: u64, locale: Locale) -> String {
    let Range { prefix, digits } = range(locale);
    let width = usize::try_from(digits).unwrap_or_default();
    format!("{prefix}{:0width$}", number % capacity(locale))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::values::safe;

    #[test]
    fn every_number_of_every_locale_is_reserved() {
        for locale in Locale::ALL {
            let numbers: BTreeSet<String> =
                (0..capacity(locale)).map(|number| numbered(number, locale)).collect();
            assert_eq!(numbers.len() as u64, capacity(locale));
            assert!(numbers.iter().all(|number| safe::check_phone(number).is_ok()));
        }
    }

    #[test]
    fn a_number_looks_like_one() {
        assert_eq!(numbered(7, Locale::English), "+12025550107");
        assert_eq!(numbered(1_007, Locale::Spanish), "+447700900007");
        let mut draw = Draw::new(1, "t", "phone", 0);
        assert!(phone(&mut draw, Locale::French).starts_with("+3319900"));
    }
}
