//! What is known of a column's values.

/// What is known of a column's value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// Whether there must be nothing in it, or something.
    pub(super) null: Option<bool>,
    pub(super) one_of: Option<Vec<String>>,
    pub(super) none_of: Vec<String>,
    /// Constants that it is not below; above them, where true.
    pub(super) least: Vec<(String, bool)>,
    /// Constants that it is not above; below them, where true.
    pub(super) most: Vec<(String, bool)>,
    /// In characters, or in elements.
    pub(super) shortest: Option<usize>,
    pub(super) longest: Option<usize>,
    /// A regular expression that it matches.
    pub(super) pattern: Option<String>,
    pub(super) case: Option<Case>,
    /// Columns that it is not below; above them, where true.
    pub(super) after: Vec<(String, bool)>,
    /// What the elements of an array are taken from.
    pub(super) elements: Option<Vec<String>>,
    /// The type of a JSON value, in the words of `jsonb_typeof`.
    pub(super) shape: Option<String>,
    /// A column that it equals.
    pub(super) same: Option<String>,
}

/// Whether capital letters are all or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Lower,
    Upper,
}

impl Facts {
    /// Keeps what is allowed already and in `texts`; two lists without a common value leave the
    /// second.
    pub(super) fn restrict(&mut self, texts: impl IntoIterator<Item = String>) {
        let texts: Vec<String> = texts.into_iter().collect();
        let both = self.one_of.as_ref().map(|before| {
            texts.iter().filter(|text| before.contains(text)).cloned().collect::<Vec<_>>()
        });
        self.one_of = Some(both.filter(|both| !both.is_empty()).unwrap_or(texts));
    }

    pub(super) fn at_least_long(&mut self, length: usize) {
        self.shortest = Some(self.shortest.unwrap_or_default().max(length));
    }

    pub(super) fn at_most_long(&mut self, length: usize) {
        self.longest = Some(self.longest.unwrap_or(usize::MAX).min(length));
    }

    /// The values that are left where only some are allowed.
    pub(super) fn choices(&self) -> Option<Vec<&String>> {
        let allowed = self.one_of.as_ref()?;
        Some(allowed.iter().filter(|text| !self.none_of.contains(text)).collect())
    }
}
