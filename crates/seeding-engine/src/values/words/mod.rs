//! The words that values are made of, for each locale: common names, large cities, and phrases
//! written for this purpose.

mod english;
mod french;
mod german;
mod japanese;
mod spanish;

use super::Locale;

/// A list of words. In plain array syntax every word would stand on a line of its own.
macro_rules! words {
    ($($word:literal)*) => { &[$($word),*] };
}
use words;

/// The words of a locale.
pub(super) struct Words {
    pub(super) given: &'static [&'static str],
    pub(super) family: &'static [&'static str],
    pub(super) cities: &'static [&'static str],
    pub(super) streets: &'static [&'static str],
    /// What companies of this country end in.
    pub(super) legal_forms: &'static [&'static str],
    /// A title is one of the first and one of the second.
    pub(super) title_starts: &'static [&'static str],
    pub(super) title_ends: &'static [&'static str],
    /// A sentence is one of each, with a full stop.
    pub(super) subjects: &'static [&'static str],
    pub(super) predicates: &'static [&'static str],
    pub(super) circumstances: &'static [&'static str],
}

/// The words of `locale`.
pub(super) fn of(locale: Locale) -> &'static Words {
    match locale {
        Locale::English => &english::WORDS,
        Locale::German => &german::WORDS,
        Locale::French => &french::WORDS,
        Locale::Spanish => &spanish::WORDS,
        Locale::Japanese => &japanese::WORDS,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn lists(words: &Words) -> [&'static [&'static str]; 10] {
        [
            words.given,
            words.family,
            words.cities,
            words.streets,
            words.legal_forms,
            words.title_starts,
            words.title_ends,
            words.subjects,
            words.predicates,
            words.circumstances,
        ]
    }

    #[test]
    fn no_word_comes_twice_in_a_list_or_has_spaces_around_it() {
        for locale in Locale::ALL {
            for list in lists(of(locale)) {
                let unique: BTreeSet<&str> = list.iter().copied().collect();
                assert_eq!(unique.len(), list.len(), "{locale:?}: {list:?}");
                assert!(list.iter().all(|word| !word.is_empty() && word.trim() == *word));
            }
        }
    }

    #[test]
    fn every_locale_has_thousands_of_names_and_sentences() {
        for locale in Locale::ALL {
            let words = of(locale);
            assert!(words.given.len() * words.family.len() >= 2_000, "{locale:?}");
            let sentences =
                words.subjects.len() * words.predicates.len() * words.circumstances.len();
            assert!(sentences >= 1_000, "{locale:?}");
        }
    }
}
