//! Texts: titles, sentences, paragraphs, and single words.

use super::{Locale, person::plain, words};
use crate::draw::Draw;

/// A title, such as `Golden Evening`.
pub fn title(draw: &mut Draw, locale: Locale) -> String {
    let words = words::of(locale);
    let space = if locale == Locale::Japanese { "" } else { " " };
    format!("{}{space}{}", draw.choose(words.title_starts), draw.choose(words.title_ends))
}

/// A sentence of one of over a thousand.
pub fn sentence(draw: &mut Draw, locale: Locale) -> String {
    let words = words::of(locale);
    let subject = draw.choose(words.subjects);
    let predicate = draw.choose(words.predicates);
    let circumstance = draw.choose(words.circumstances);
    if locale == Locale::Japanese {
        format!("{subject}{circumstance}{predicate}。")
    } else {
        format!("{subject} {predicate} {circumstance}.")
    }
}

/// Two to five sentences.
pub fn paragraph(draw: &mut Draw, locale: Locale) -> String {
    let space = if locale == Locale::Japanese { "" } else { " " };
    let sentences: Vec<String> = (0..draw.between(2, 5)).map(|_| sentence(draw, locale)).collect();
    sentences.join(space)
}

/// A word for a label or a tag, in lower case: the last of a title.
pub fn word(draw: &mut Draw, locale: Locale) -> String {
    draw.choose(words::of(locale).title_ends).to_lowercase()
}

/// A title for an address, such as `golden-evening`.
pub fn slug(draw: &mut Draw) -> String {
    let words = words::of(Locale::English);
    let start: &str = draw.pick(words.title_starts);
    let end: &str = draw.pick(words.title_ends);
    format!("{}-{}", plain(start), plain(end))
}

/// A code of capital letters without vowels, so that it never is a word, and digits: `KX-4711`.
pub fn code(draw: &mut Draw) -> String {
    const LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";
    let [one, other] = [0; 2].map(|_| char::from(draw.pick(LETTERS)));
    format!("{one}{other}-{:04}", draw.below(10_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    // The same as in a second implementation.
    #[test]
    fn texts_are_known() {
        let mut draw = Draw::new(42, "texts", "text", 0);
        assert_eq!(title(&mut draw, Locale::English), "Bright Bridge");
        let mut next = |locale| sentence(&mut draw, locale);
        assert_eq!(
            next(Locale::English),
            "The person at the desk changed the plan on the way home."
        );
        assert_eq!(next(Locale::German), "Der halbe Kurs hinterließ eine Nachricht in der Pause.");
        assert_eq!(next(Locale::Japanese), "半分の参加者が休憩のあいだにすべてを書きとめた。");
        assert_eq!(slug(&mut draw), "hidden-afternoon");
        assert_eq!(code(&mut draw), "PV-7369");
    }

    #[test]
    fn a_paragraph_has_two_to_five_sentences() {
        for row in 0..200 {
            let mut draw = Draw::new(1, "t", "paragraph", row);
            let paragraph = paragraph(&mut draw, Locale::French);
            assert!((2..=5).contains(&paragraph.matches('.').count()), "{paragraph}");
        }
    }
}
