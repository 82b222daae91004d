//! Texts that match a regular expression.
//!
//! The usual shapes of a CHECK are understood: classes, repetition, groups, alternatives and
//! anchors. Anything else is `None`, and the value comes from somewhere else.

use super::source::Source;

/// How much longer than necessary something that has no limit is repeated.
const MORE: usize = 8;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    One(Vec<char>),
    Either(Vec<Vec<Repeated>>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Repeated {
    part: Part,
    least: usize,
    most: usize,
}

/// A regular expression from which texts can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Vec<Repeated>>);

impl Pattern {
    /// Reads a regular expression.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parser = Parser { rest: text.chars().collect(), at: 0 };
        let alternatives = parser.alternatives()?;
        (parser.at == parser.rest.len()).then_some(Self(alternatives))
    }

    /// A text that matches; a counting `source` makes different ones.
    pub(super) fn make(&self, source: &mut Source) -> String {
        let mut text = String::new();
        either(&self.0, source, &mut text);
        text
    }
}

fn either(alternatives: &[Vec<Repeated>], source: &mut Source, text: &mut String) {
    for repeated in &alternatives[source.index(alternatives.len())] {
        let spread = repeated.most.saturating_sub(repeated.least);
        // Lengths that vary could make one text in two ways.
        let count = if source.counts() { spread } else { source.index(spread + 1) };
        for _ in 0..repeated.least + count {
            match &repeated.part {
                Part::One(choices) => text.push(choices[source.index(choices.len())]),
                Part::Either(alternatives) => either(alternatives, source, text),
            }
        }
    }
}

struct Parser {
    rest: Vec<char>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek();
        self.at += 1;
        next
    }

    fn takes(&mut self, character: char) -> bool {
        let is = self.peek() == Some(character);
        self.at += usize::from(is);
        is
    }

    fn alternatives(&mut self) -> Option<Vec<Vec<Repeated>>> {
        let mut alternatives = vec![self.sequence()?];
        while self.takes('|') {
            alternatives.push(self.sequence()?);
        }
        Some(alternatives)
    }

    fn sequence(&mut self) -> Option<Vec<Repeated>> {
        let mut parts = Vec::new();
        while let Some(next) = self.peek().filter(|next| !matches!(next, '|' | ')')) {
            if matches!(next, '^' | '$') {
                self.at += 1;
                continue;
            }
            let part = self.part()?;
            let (least, most) = self.repetition()?;
            parts.push(Repeated { part, least, most });
        }
        Some(parts)
    }

    fn part(&mut self) -> Option<Part> {
        match self.next()? {
            '(' => {
                if self.takes('?') && !self.takes(':') {
                    return None;
                }
                let alternatives = self.alternatives()?;
                self.takes(')').then_some(Part::Either(alternatives))
            }
            '[' => self.class().map(Part::One),
            '.' => Some(Part::One(('a'..='z').collect())),
            '\\' => escaped(self.next()?).map(Part::One),
            '*' | '+' | '?' | '{' => None,
            other => Some(Part::One(vec![other])),
        }
    }

    fn class(&mut self) -> Option<Vec<char>> {
        let negated = self.takes('^');
        let mut members = Vec::new();
        loop {
            let first = match self.next()? {
                ']' if !members.is_empty() => break,
                '[' if self.takes(':') => {
                    members.extend(self.named_class()?);
                    continue;
                }
                '\\' => {
                    members.extend(escaped(self.next()?)?);
                    continue;
                }
                other => other,
            };
            let is_range = self.peek() == Some('-') && self.rest.get(self.at + 1) != Some(&']');
            self.at += usize::from(is_range);
            let last = if is_range { self.next()? } else { first };
            members.extend(first..=last);
        }
        let chosen = |character: &char| !members.contains(character);
        let members = if negated {
            ('a'..='z').chain('0'..='9').chain('A'..='Z').filter(chosen).collect()
        } else {
            members
        };
        (!members.is_empty()).then_some(members)
    }

    fn named_class(&mut self) -> Option<Vec<char>> {
        let start = self.at;
        while self.peek()? != ':' {
            self.at += 1;
        }
        let name: String = self.rest[start..self.at].iter().collect();
        self.at += 1;
        self.takes(']').then_some(())?;
        match name.as_str() {
            "digit" => escaped('d'),
            "alpha" | "lower" => Some(('a'..='z').collect()),
            "upper" => Some(('A'..='Z').collect()),
            "alnum" => escaped('w'),
            "space" => Some(vec![' ']),
            _ => None,
        }
    }

    fn repetition(&mut self) -> Option<(usize, usize)> {
        let limits = match self.peek() {
            Some('*') => (0, MORE),
            Some('+') => (1, MORE),
            Some('?') => (0, 1),
            Some('{') => return self.counted(),
            _ => return Some((1, 1)),
        };
        self.at += 1;
        Some(limits)
    }

    fn counted(&mut self) -> Option<(usize, usize)> {
        let end = self.rest[self.at..].iter().position(|character| *character == '}')? + self.at;
        let text: String = self.rest[self.at + 1..end].iter().collect();
        self.at = end + 1;
        let Some((least, most)) = text.split_once(',') else {
            let count = text.parse().ok()?;
            return Some((count, count));
        };
        let least: usize = least.parse().ok()?;
        let most = if most.is_empty() { least + MORE } else { most.parse().ok()? };
        Some((least, most.max(least)))
    }
}

fn escaped(character: char) -> Option<Vec<char>> {
    match character {
        'd' => Some(('0'..='9').collect()),
        'w' => Some(('a'..='z').chain('0'..='9').collect()),
        's' => Some(vec![' ']),
        _ if character.is_alphanumeric() => None,
        _ => Some(vec![character]),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::Draw;

    fn draw(row: u64) -> Draw {
        Draw::new(42, "table", "column", row)
    }

    fn made(pattern: &str, row: u64) -> Option<String> {
        let mut source = Source::Drawn(draw(row));
        Pattern::parse(pattern).map(|pattern| pattern.make(&mut source))
    }

    #[test]
    fn literal_parts_stay() {
        assert_eq!(made(r"^AB\.\-\d{0}(?:x|x)[c]$", 0).unwrap(), "AB.-xc");
    }

    #[test]
    fn classes_and_counts_are_kept() {
        for row in 0..200 {
            let text = made("^[A-Z]{3}-[0-9]{2,4}[^a-z0-9]?$", row).unwrap();
            let (letters, rest) = text.split_once('-').unwrap();
            assert!(
                letters.len() == 3 && letters.chars().all(|c| c.is_ascii_uppercase()),
                "{text}"
            );
            let digits = rest.chars().take_while(char::is_ascii_digit).count();
            assert!((2..=4).contains(&digits), "{text}");
        }
    }

    #[test]
    fn counting_makes_every_text_once() {
        let pattern = Pattern::parse("^[ab][0-9]{2}(x|y)$").unwrap();
        let mut source = Source::measuring();
        pattern.make(&mut source);
        assert_eq!(source.capacity(), Some(400));
        let texts: BTreeSet<String> =
            (0..400).map(|number| pattern.make(&mut Source::counting(number, draw(0)))).collect();
        assert_eq!(texts.len(), 400);
    }

    #[test]
    fn what_is_not_understood_is_left_to_others() {
        for pattern in ["(?!a)b", r"\bword", "a{x}", "[[:print:]]", "(a"] {
            assert_eq!(made(pattern, 0), None, "{pattern}");
        }
    }
}
