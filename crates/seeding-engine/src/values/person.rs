//! People: names, and how a name looks in an address.

use super::{Locale, words};
use crate::draw::{
    Draw, Stream,
    permutation::{CapacityError, Combinations},
};

/// A given and a family name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// The given name.
    pub given: &'static str,
    /// The family name.
    pub family: &'static str,
}

impl Name {
    /// Both, the given name first.
    pub fn full(&self) -> String {
        format!("{} {}", self.given, self.family)
    }
}

/// A given name.
pub fn given_name(draw: &mut Draw, locale: Locale) -> &'static str {
    draw.pick(words::of(locale).given)
}

/// A family name.
pub fn family_name(draw: &mut Draw, locale: Locale) -> &'static str {
    draw.pick(words::of(locale).family)
}

/// A name. Names repeat, as they do in life; [`UniqueNames`] do not.
pub fn name(draw: &mut Draw, locale: Locale) -> Name {
    Name { given: given_name(draw, locale), family: family_name(draw, locale) }
}

/// Names of which none comes twice.
#[derive(Clone, Copy, Debug)]
pub struct UniqueNames {
    locale: Locale,
    combinations: Combinations<2>,
}

impl UniqueNames {
    /// The names of `locale` in the order of `stream`, of which `asked` are needed.
    pub fn new(stream: Stream, locale: Locale, asked: u64) -> Result<Self, CapacityError> {
        let words = words::of(locale);
        let lengths = [words.given.len() as u64, words.family.len() as u64];
        Ok(Self { locale, combinations: Combinations::new(stream, lengths, asked)? })
    }

    /// Name number `index`; past the last one it panics, as a permutation does.
    pub fn at(&self, index: u64) -> Name {
        let words = words::of(self.locale);
        let [given, family] =
            self.combinations.at(index).map(|at| usize::try_from(at).unwrap_or_default());
        Name { given: words.given[given], family: words.family[family] }
    }
}

/// `text` in lower-case letters and digits of ASCII, for the left part of an address: `Jürgen Groß`
/// becomes `juergengross`. What has no such letters is left out.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            'a'..='z' | '0'..='9' => plain.push(letter),
            'á' | 'à' | 'â' | 'ã' | 'å' => plain.push('a'),
            'é' | 'è' | 'ê' | 'ë' => plain.push('e'),
            'í' | 'ì' | 'î' | 'ï' => plain.push('i'),
            'ó' | 'ò' | 'ô' | 'õ' | 'ø' => plain.push('o'),
            'ú' | 'ù' | 'û' => plain.push('u'),
            'ç' => plain.push('c'),
            'ñ' => plain.push('n'),
            'ä' | 'æ' => plain.push_str("ae"),
            'ö' | 'œ' => plain.push_str("oe"),
            'ü' => plain.push_str("ue"),
            'ß' => plain.push_str("ss"),
            _ => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn stream() -> Stream {
        Stream::new(42, "people", "name")
    }

    // A changed word list changes the rows of every database: raise `GENERATOR_VERSION` with it.
    // The same as in a second implementation.
    #[test]
    fn names_are_known() {
        let names = Locale::ALL.map(|locale| name(&mut stream().at(0), locale).full());
        let expected =
            ["Henry Cooper", "Hannes Graf", "Guillaume Colin", "Ignacio Cruz", "Kenta Hirano"];
        assert_eq!(names, expected);
    }

    #[test]
    fn unique_names_are_unique_up_to_the_last() {
        for locale in Locale::ALL {
            let words = words::of(locale);
            let space = (words.given.len() * words.family.len()) as u64;
            let names = UniqueNames::new(stream(), locale, space).unwrap();
            let seen: BTreeSet<Name> = (0..space).map(|index| names.at(index)).collect();
            assert_eq!(seen.len() as u64, space);
            let error = UniqueNames::new(stream(), locale, space + 1).unwrap_err();
            assert_eq!(error, CapacityError { asked: space + 1, space });
        }
    }

    #[test]
    fn every_name_has_a_plain_form() {
        for locale in Locale::ALL {
            let words = words::of(locale);
            for name in words.given.iter().chain(words.family) {
                let letters = name.chars().filter(|letter| letter.is_alphabetic()).count();
                assert!(plain(name).len() >= letters, "{name}");
            }
        }
        assert_eq!(plain("Zoë D'Angelo-Groß"), "zoedangelogross");
    }
}
