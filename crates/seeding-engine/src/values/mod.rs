//! Values that look real and reach nobody: names, addresses, texts, amounts, times.
//!
//! Each maker is a pure function of a [`Draw`](crate::Draw). Word lists are our own, so that no
//! release of another crate changes a value. E-mail addresses, URLs, phone numbers, IP addresses and
//! postcodes come from reserved or unassigned ranges alone; [`safe`] checks that of any value.

pub mod amount;
mod by_name;
pub mod company;
pub mod internet;
pub mod person;
pub mod phone;
pub mod place;
pub mod safe;
pub mod text;
pub mod time;
mod topic;
mod words;

pub use by_name::by_name;
pub use topic::Topic;

/// Whose names, streets and sentences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Locale {
    /// English, as in the United States.
    #[default]
    English,
    /// German, as in Germany.
    German,
    /// French, as in France.
    French,
    /// Spanish, as in Spain.
    Spanish,
    /// Japanese: names and places in Latin letters, texts in Japanese script.
    Japanese,
}

impl Locale {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::English, Self::German, Self::French, Self::Spanish, Self::Japanese];

    /// The language tag (BCP 47), such as `de-DE`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en-US",
            Self::German => "de-DE",
            Self::French => "fr-FR",
            Self::Spanish => "es-ES",
            Self::Japanese => "ja-JP",
        }
    }

    /// The country's two letters (ISO 3166).
    pub fn country_code(self) -> &'static str {
        &self.tag()[3..]
    }

    /// The country's English name.
    pub fn country(self) -> &'static str {
        match self {
            Self::English => "United States",
            Self::German => "Germany",
            Self::French => "France",
            Self::Spanish => "Spain",
            Self::Japanese => "Japan",
        }
    }

    /// The time zone of the largest city.
    pub fn time_zone(self) -> &'static str {
        match self {
            Self::English => "America/New_York",
            Self::German => "Europe/Berlin",
            Self::French => "Europe/Paris",
            Self::Spanish => "Europe/Madrid",
            Self::Japanese => "Asia/Tokyo",
        }
    }

    /// The currency's three letters (ISO 4217).
    pub fn currency(self) -> &'static str {
        match self {
            Self::English => "USD",
            Self::Japanese => "JPY",
            Self::German | Self::French | Self::Spanish => "EUR",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_the_end_of_its_tag() {
        let countries = Locale::ALL.map(Locale::country_code);
        assert_eq!(countries, ["US", "DE", "FR", "ES", "JP"]);
    }
}
