//! What a value is about, and how one is made.

use super::{Locale, amount, company, internet, person, phone, place, text};
use crate::draw::Draw;

/// What a value is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it, and `label` says it to people")]
pub enum Topic {
    Email,
    Phone,
    Url,
    Ip,
    UserAgent,
    FullName,
    GivenName,
    FamilyName,
    UserName,
    Company,
    Department,
    Job,
    Product,
    Address,
    Street,
    Postcode,
    City,
    Country,
    CountryCode,
    Currency,
    LanguageTag,
    TimeZone,
    Colour,
    Title,
    Sentence,
    Paragraph,
    Word,
    Slug,
    Code,
    Hash,
    Price,
    Quantity,
    Rating,
    Score,
    Percent,
    Age,
    Latitude,
    Longitude,
}

const COLOURS: [&str; 12] = [
    "amber", "black", "blue", "brown", "green", "grey", "orange", "pink", "purple", "red", "white",
    "yellow",
];

impl Topic {
    /// What people call it, such as `e-mail address`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Email => "e-mail address",
            Self::Phone => "phone number",
            Self::Url => "URL",
            Self::Ip => "IP address",
            Self::UserAgent => "user agent",
            Self::FullName => "name of a person",
            Self::GivenName => "given name",
            Self::FamilyName => "family name",
            Self::UserName => "user name",
            Self::Company => "company",
            Self::Department => "department",
            Self::Job => "job",
            Self::Product => "product",
            Self::Address => "address",
            Self::Street => "street",
            Self::Postcode => "postcode",
            Self::City => "city",
            Self::Country => "country",
            Self::CountryCode => "country code",
            Self::Currency => "currency",
            Self::LanguageTag => "language tag",
            Self::TimeZone => "time zone",
            Self::Colour => "colour",
            Self::Title => "title",
            Self::Sentence => "sentence",
            Self::Paragraph => "paragraph",
            Self::Word => "word",
            Self::Slug => "slug",
            Self::Code => "code",
            Self::Hash => "hash",
            Self::Price => "price",
            Self::Quantity => "quantity",
            Self::Rating => "rating",
            Self::Score => "score",
            Self::Percent => "percentage",
            Self::Age => "age",
            Self::Latitude => "latitude",
            Self::Longitude => "longitude",
        }
    }

    /// A value as text; numbers in plain notation.
    pub fn text(self, draw: &mut Draw, locale: Locale) -> String {
        match self {
            Self::Email => internet::email(draw, locale),
            Self::Phone => phone::phone(draw, locale),
            Self::Url => internet::url(draw),
            Self::Ip => internet::ip(draw).to_string(),
            Self::UserAgent => internet::user_agent(draw).to_owned(),
            Self::FullName => person::name(draw, locale).full(),
            Self::GivenName => person::given_name(draw, locale).to_owned(),
            Self::FamilyName => person::family_name(draw, locale).to_owned(),
            Self::UserName => internet::user_name(draw, locale),
            Self::Company => company::company(draw, locale),
            Self::Department => company::department(draw).to_owned(),
            Self::Job => company::job(draw).to_owned(),
            Self::Product => company::product(draw),
            Self::Address => place::address(draw, locale).line(),
            Self::Street => place::street(draw, locale),
            Self::Postcode => place::postcode(draw, locale),
            Self::City => place::city(draw, locale).to_owned(),
            Self::Country => draw.choose(&Locale::ALL).country().to_owned(),
            Self::CountryCode => draw.choose(&Locale::ALL).country_code().to_owned(),
            Self::Currency => draw.choose(&Locale::ALL).currency().to_owned(),
            Self::LanguageTag => draw.choose(&Locale::ALL).tag().to_owned(),
            Self::TimeZone => draw.choose(&Locale::ALL).time_zone().to_owned(),
            Self::Colour => (*draw.choose(&COLOURS)).to_owned(),
            Self::Title => text::title(draw, locale),
            Self::Sentence => text::sentence(draw, locale),
            Self::Paragraph => text::paragraph(draw, locale),
            Self::Word => text::word(draw, locale),
            Self::Slug => text::slug(draw),
            Self::Code => text::code(draw),
            Self::Hash => internet::hexadecimal(draw, 64),
            _ => self.number(draw).map(in_plain_notation).unwrap_or_default(),
        }
    }

    /// A value as a number: an integer and how many of its digits are after the point. None where
    /// it is about no number.
    pub fn number(self, draw: &mut Draw) -> Option<(i64, u32)> {
        Some(match self {
            Self::Price => (amount::price_cents(draw, 1, 500).cast_signed(), 2),
            Self::Quantity => (amount::quantity(draw), 0),
            Self::Rating => (amount::rating(draw).into(), 0),
            Self::Score => (amount::score(draw, 100), 0),
            Self::Percent => (draw.between(0, 100), 0),
            Self::Age => (amount::age(draw), 0),
            Self::Latitude => (place::coordinates(draw).0, 6),
            Self::Longitude => (place::coordinates(draw).1, 6),
            _ => return None,
        })
    }

    /// `value`, made different from all others by `number`: before the `@` of an address, else at
    /// the end. None where a number would break it, as in a phone number or a country code.
    pub fn numbered(self, value: &str, number: u64) -> Option<String> {
        match self {
            Self::Email => {
                let (name, domain) = value.rsplit_once('@')?;
                Some(format!("{name}.{number}@{domain}"))
            }
            Self::Url | Self::Slug | Self::Code | Self::Word | Self::Colour => {
                Some(format!("{value}-{number}"))
            }
            Self::UserName => Some(format!("{value}.{number}")),
            Self::FullName
            | Self::Company
            | Self::Department
            | Self::Job
            | Self::Product
            | Self::Address
            | Self::Street
            | Self::Title
            | Self::Sentence
            | Self::Paragraph
            | Self::UserAgent => Some(format!("{value} {number}")),
            _ => None,
        }
    }
}

fn in_plain_notation((number, scale): (i64, u32)) -> String {
    if scale == 0 {
        return number.to_string();
    }
    let (sign, size) = (if number < 0 { "-" } else { "" }, number.unsigned_abs());
    let unit = 10_u64.pow(scale);
    let width = usize::try_from(scale).unwrap_or_default();
    format!("{sign}{}.{:0width$}", size / unit, size % unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Stream, values::safe};

    const SOME: [Topic; 12] = [
        Topic::Email,
        Topic::Phone,
        Topic::Url,
        Topic::Ip,
        Topic::FullName,
        Topic::Address,
        Topic::Postcode,
        Topic::Paragraph,
        Topic::Slug,
        Topic::Hash,
        Topic::Price,
        Topic::Latitude,
    ];

    #[test]
    fn no_value_is_empty_or_reaches_anybody() {
        let stream = Stream::new(1, "t", "topic");
        for (topic, row) in SOME.into_iter().cycle().zip(0..3_000) {
            let locale = *stream.at(row).choose(&Locale::ALL);
            let value = topic.text(&mut stream.at(row), locale);
            assert!(!value.is_empty(), "{topic:?}");
            assert_eq!(safe::check_text(&value), Ok(()));
            let Some(numbered) = topic.numbered(&value, row) else { continue };
            assert_eq!(safe::check_text(&numbered), Ok(()));
            assert!(numbered.contains(&row.to_string()));
        }
    }

    #[test]
    fn numbers_have_a_plain_notation() {
        assert_eq!(in_plain_notation((1_999, 2)), "19.99");
        assert_eq!(in_plain_notation((5, 2)), "0.05");
        assert_eq!(in_plain_notation((-33_450_000, 6)), "-33.450000");
        assert_eq!(in_plain_notation((7, 0)), "7");
    }

    #[test]
    fn a_number_makes_a_value_unique_where_it_may() {
        assert_eq!(Topic::Email.numbered("a@b.example", 7).as_deref(), Some("a.7@b.example"));
        assert_eq!(Topic::Title.numbered("Golden Evening", 7).as_deref(), Some("Golden Evening 7"));
        assert_eq!(Topic::Phone.numbered("+447700900123", 7), None);
    }
}
