//! What a column is about, judged by its name.

use super::Topic;

/// Names of columns, or the ends of them: `billing_city` is a city.
const NAMES: &[(Topic, &[&str])] = &[
    (Topic::Email, &["email", "e_mail", "mail", "email_address", "mail_address"]),
    (
        Topic::Phone,
        &["phone", "phone_number", "telephone", "tel", "mobile", "mobile_number", "cell", "fax"],
    ),
    (
        Topic::Url,
        &[
            "url", "uri", "link", "website", "web_site", "homepage", "site", "image", "avatar",
            "photo",
        ],
    ),
    (Topic::Ip, &["ip", "ip_address", "ip_addr", "remote_addr", "remote_address"]),
    (Topic::UserAgent, &["user_agent", "browser"]),
    (
        Topic::FullName,
        &["full_name", "display_name", "person", "author", "contact_name", "real_name"],
    ),
    (Topic::GivenName, &["given_name", "first_name", "firstname", "forename", "middle_name"]),
    (Topic::FamilyName, &["family_name", "last_name", "lastname", "surname"]),
    (
        Topic::UserName,
        &["username", "user_name", "login", "nickname", "nick", "handle", "screen_name"],
    ),
    (
        Topic::Company,
        &[
            "company",
            "company_name",
            "employer",
            "organisation",
            "organization",
            "vendor",
            "supplier",
        ],
    ),
    (Topic::Department, &["department", "division"]),
    (Topic::Job, &["job", "job_title", "occupation", "profession"]),
    (Topic::Product, &["product", "product_name", "item_name"]),
    (Topic::Address, &["address", "postal_address", "shipping_address", "billing_address"]),
    (Topic::Street, &["street", "street_address", "address_line", "street_name"]),
    (Topic::Postcode, &["postcode", "postal_code", "zip", "zip_code", "zipcode", "post_code"]),
    (Topic::City, &["city", "town", "city_name", "birthplace"]),
    (Topic::Country, &["country", "country_name", "nationality"]),
    (Topic::CountryCode, &["country_code", "country_iso", "iso_code"]),
    (Topic::Currency, &["currency", "currency_code"]),
    (Topic::LanguageTag, &["locale", "language", "lang", "language_code"]),
    (Topic::TimeZone, &["timezone", "time_zone", "tz"]),
    (Topic::Colour, &["colour", "color"]),
    (Topic::Title, &["title", "headline", "subject", "caption", "heading", "label"]),
    (
        Topic::Sentence,
        &["summary", "subtitle", "excerpt", "tagline", "reason", "remark", "remarks"],
    ),
    (
        Topic::Paragraph,
        &[
            "description",
            "body",
            "content",
            "text",
            "bio",
            "biography",
            "about",
            "comment",
            "comments",
            "message",
            "note",
            "notes",
            "details",
        ],
    ),
    (Topic::Word, &["tag", "keyword", "category", "genre", "topic"]),
    (Topic::Slug, &["slug", "permalink"]),
    (Topic::Code, &["code", "sku", "reference", "ref", "serial", "voucher", "coupon"]),
    (Topic::Hash, &["hash", "token", "digest", "checksum", "fingerprint", "sha256"]),
    (Topic::Price, &["price", "amount", "cost", "total", "subtotal", "fee", "salary", "balance"]),
    (Topic::Quantity, &["quantity", "qty", "count"]),
    (Topic::Rating, &["rating", "stars"]),
    (Topic::Score, &["score", "points"]),
    (Topic::Percent, &["percent", "percentage", "discount"]),
    (Topic::Age, &["age"]),
    (Topic::Latitude, &["latitude", "lat"]),
    (Topic::Longitude, &["longitude", "lng", "lon", "long"]),
];

/// What a plain `name` is the name of, by words in the table's name.
const TABLES: &[(Topic, &[&str])] = &[
    (
        Topic::FullName,
        &[
            "user",
            "person",
            "people",
            "customer",
            "client",
            "employee",
            "member",
            "author",
            "contact",
            "student",
            "teacher",
            "guardian",
            "patient",
            "driver",
            "staff",
            "instructor",
            "player",
            "artist",
            "visitor",
            "guest",
            "account",
        ],
    ),
    (
        Topic::Company,
        &[
            "company",
            "companies",
            "supplier",
            "vendor",
            "manufacturer",
            "organisation",
            "organization",
            "brand",
            "merchant",
            "publisher",
            "tenant",
        ],
    ),
    (Topic::City, &["city", "cities", "town"]),
    (Topic::Country, &["country", "countries"]),
    (Topic::Department, &["department"]),
    (Topic::Product, &["product", "item", "article", "good"]),
    (Topic::Word, &["tag", "keyword", "category", "categories", "genre"]),
    (Topic::Colour, &["colour", "color"]),
];

/// What `column` of `table` is about; none where its name does not say.
///
/// The longest end of the name that is known decides: `ip_address` is no address of the post.
pub fn by_name(table: &str, column: &str) -> Option<Topic> {
    let column = snake_case(column);
    if column == "name" {
        return Some(name_of(table));
    }
    // `phone_2` is a phone number too.
    let unnumbered = column.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    ends(&column).chain(ends(unnumbered)).find_map(|end| find(NAMES, end))
}

fn name_of(table: &str) -> Topic {
    let table = snake_case(table);
    let mut words = table.rsplit('_');
    let singular = |word: &str| find(TABLES, word.strip_suffix('s').unwrap_or(word));
    words.find_map(|word| find(TABLES, word).or_else(|| singular(word))).unwrap_or(Topic::Title)
}

/// The name, then the name without its first word, and so on.
fn ends(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| name.split_once('_').map(|(_, end)| end))
}

fn find(names: &[(Topic, &[&str])], name: &str) -> Option<Topic> {
    names.iter().find(|(_, names)| names.contains(&name)).map(|(topic, _)| *topic)
}

/// `mobilePhone` as `mobile_phone`.
fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    let mut after_lower_case = false;
    for letter in name.chars() {
        if letter.is_uppercase() && after_lower_case {
            snake.push('_');
        }
        after_lower_case = letter.is_lowercase();
        snake.extend(letter.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sha2::{Digest as _, Sha256};

    use super::*;
    use crate::{
        Stream,
        values::{Locale, safe},
    };

    #[test]
    fn columns_are_known_by_the_end_of_their_name() {
        for (column, topic) in [
            ("email", Some(Topic::Email)),
            ("billing_email_address", Some(Topic::Email)),
            ("ip_address", Some(Topic::Ip)),
            ("address_line_2", Some(Topic::Street)),
            ("workPhone", Some(Topic::Phone)),
            ("countryCode", Some(Topic::CountryCode)),
            ("unit_price", Some(Topic::Price)),
            ("class_name", None),
            ("quantum", None),
            ("", None),
        ] {
            assert_eq!(by_name("t", column), topic, "{column}");
        }
    }

    #[test]
    fn a_name_is_the_name_of_what_the_table_holds() {
        for (table, topic) in [
            ("users", Topic::FullName),
            ("shop_customers", Topic::FullName),
            ("Companies", Topic::Company),
            ("product_categories", Topic::Word),
            ("departments", Topic::Department),
            ("projects", Topic::Title),
        ] {
            assert_eq!(by_name(table, "name"), Some(topic), "{table}");
        }
    }

    #[test]
    fn what_a_known_column_is_filled_with_reaches_nobody() {
        let stream = Stream::new(1, "t", "columns");
        for (topic, names) in NAMES {
            for (name, row) in names.iter().zip(0..) {
                assert_eq!(by_name("t", name), Some(*topic), "{name}");
                for locale in Locale::ALL {
                    let value = topic.text(&mut stream.at(row), locale);
                    assert!(!value.is_empty(), "{name}");
                    assert_eq!(safe::check_value("t", name, &value), Ok(()), "{name}");
                }
            }
        }
    }

    // Where this fails and no topic was added, rows of seeds have changed: raise
    // `GENERATOR_VERSION`.
    #[test]
    fn the_values_of_every_topic_are_known() {
        let stream = Stream::new(42, "values", "topics");
        let mut hasher = Sha256::new();
        for (topic, _) in NAMES {
            for (locale, row) in Locale::ALL.into_iter().cycle().zip(0..200) {
                hasher.update(topic.text(&mut stream.at(row), locale));
                hasher.update("\n");
            }
        }
        let digest = hasher.finalize();
        assert_eq!(digest[..8], [246, 241, 248, 184, 24, 43, 186, 107]);
    }

    #[test]
    fn no_name_has_two_topics() {
        for table in [NAMES, TABLES] {
            let names: Vec<&str> =
                table.iter().flat_map(|(_, names)| names.iter().copied()).collect();
            let unique: BTreeSet<&str> = names.iter().copied().collect();
            assert_eq!(names.len(), unique.len());
        }
    }
}
