//! What a column holds, and so what becomes of it in a sanitised copy.

use std::fmt;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Nothing about anybody: it stays as it is.
    Keep,
    /// Something about a person: every value becomes its pseudonym.
    Personal(Shape),
    /// Whatever somebody wrote: only that there was something stays.
    FreeText,
    /// What opens something: it becomes unusable.
    Secret,
}

/// What a pseudonym looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// A name of a person, of any number of words.
    Name,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A street with a number.
    Address,
    /// A URL.
    Url,
    /// A day or a moment.
    Date,
    /// An IP address.
    Ip,
    /// A code of letters and digits that must go on looking like one.
    Code,
    /// A short text or a number of any look.
    Text,
}

impl Shape {
    const ALL: [Self; 9] = [
        Self::Name,
        Self::Email,
        Self::Phone,
        Self::Address,
        Self::Url,
        Self::Date,
        Self::Ip,
        Self::Code,
        Self::Text,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Name => "personal:name",
            Self::Email => "personal:email",
            Self::Phone => "personal:phone",
            Self::Address => "personal:address",
            Self::Url => "personal:url",
            Self::Date => "personal:date",
            Self::Ip => "personal:ip",
            Self::Code => "personal:code",
            Self::Text => "personal:text",
        }
    }
}

impl Class {
    /// Every class there is.
    pub fn all() -> impl Iterator<Item = Self> {
        let personal = Shape::ALL.into_iter().map(Self::Personal);
        [Self::Keep, Self::FreeText, Self::Secret].into_iter().chain(personal)
    }

    /// How it is written in a profile.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::FreeText => "free-text",
            Self::Secret => "secret",
            Self::Personal(shape) => shape.name(),
        }
    }

    /// The class of that name.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::all().find(|class| class.name() == name)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_is_known_by_its_name_alone() {
        for class in Class::all() {
            assert_eq!(Class::parse(class.name()), Some(class));
        }
        for wrong in ["", "personal", "personal:", "Keep", "free text"] {
            assert_eq!(Class::parse(wrong), None, "{wrong}");
        }
    }
}
