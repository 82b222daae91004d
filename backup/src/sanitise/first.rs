//! A first profile, by the names and types of columns; what is doubtful is left to people.

use std::fmt::Write as _;

use super::{
    catalog::{Catalog, Column, Holds},
    class::{Class, Shape},
    name::ColumnName,
    pseudonym::{Group, pseudonym},
};

/// What a column of text holds, by its name or the end of it.
const NAMES: &[(Class, &[&str])] = &[
    (Class::Personal(Shape::Email), &["email", "e_mail", "mail", "email_address"]),
    (
        Class::Personal(Shape::Phone),
        &["phone", "phone_number", "telephone", "tel", "mobile", "mobile_number", "fax"],
    ),
    (
        Class::Personal(Shape::Name),
        &[
            "full_name",
            "given_name",
            "first_name",
            "middle_name",
            "family_name",
            "last_name",
            "surname",
            "display_name",
            "maiden_name",
        ],
    ),
    (Class::Personal(Shape::Address), &["address", "street", "street_address", "address_line"]),
    (Class::Personal(Shape::Url), &["url", "website", "homepage", "avatar"]),
    (Class::Personal(Shape::Ip), &["ip", "ip_address", "remote_addr"]),
    (
        Class::Secret,
        &[
            "password",
            "passwd",
            "password_hash",
            "password_digest",
            "secret",
            "token",
            "token_hash",
            "api_key",
            "otp",
        ],
    ),
    (
        Class::FreeText,
        &[
            "bio",
            "comment",
            "comments",
            "message",
            "note",
            "notes",
            "remark",
            "remarks",
            "user_agent",
        ],
    ),
];

/// Days that are about a person.
const DAYS: [&str; 5] = ["birth_date", "birthday", "date_of_birth", "born_on", "born"];

/// Moments that are about a row.
const MOMENTS: [&str; 3] = ["created_at", "updated_at", "applied_at"];

/// A profile to begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstProfile {
    /// What to write into the file.
    pub text: String,
    /// How many columns it classifies.
    pub classified: usize,
    /// The columns that somebody has to classify.
    pub doubtful: Vec<ColumnName>,
}

const HEADER: &str = "\
# What every column holds, for `backup sanitise`. The classes:
#   keep        nothing about anybody: it stays as it is
#   free-text   whatever somebody wrote: it is redacted
#   secret      what opens something: it becomes unusable
#   personal:X  a pseudonym, where X is name, email, phone, address, url, date, ip, code or text
# A whole table may be \"empty\": its rows stay behind. A column that refers to another may be left out:
# it is what that one is. A column that is not classified fails the run.
";

pub(super) fn first(catalog: &Catalog) -> FirstProfile {
    let mut first = FirstProfile { text: HEADER.to_owned(), classified: 0, doubtful: Vec::new() };
    if catalog.large_objects > 0 {
        first.text.push_str("\n# large-objects = \"empty\" or \"keep\"\n");
    }
    for (name, table) in &catalog.tables {
        // Writing to a string cannot fail.
        let _ = write!(first.text, "\n[{}.{}]\n", Key(&name.schema), Key(&name.table));
        for column in &table.columns {
            first.add(catalog, name.column(&column.name), column);
        }
    }
    first
}

impl FirstProfile {
    fn add(&mut self, catalog: &Catalog, name: ColumnName, column: &Column) {
        let key = Key(&column.name);
        let refers_to = catalog.references.iter().find(|reference| reference.from == name);
        let line = if column.generated {
            format!("# {key} is computed from other columns")
        } else if let Some(reference) = refers_to {
            format!("# {key} is what {} is", comment(&reference.to.to_string()))
        } else if let Some(class) = guess(column) {
            self.classified += 1;
            format!("{key} = \"{class}\"")
        } else {
            self.doubtful.push(name);
            format!("# {key} = \"\"  # {}", comment(&column.sql_type))
        };
        self.text.push_str(&line);
        self.text.push('\n');
    }
}

/// What a column surely holds.
fn guess(column: &Column) -> Option<Class> {
    let class = match column.holds {
        Holds::Enumeration => Class::Keep,
        Holds::Other if column.sql_type == "boolean" => Class::Keep,
        Holds::Uuid | Holds::Integer(_) if column.primary => Class::Keep,
        Holds::Timestamp if MOMENTS.contains(&column.name.as_str()) => Class::Keep,
        Holds::Date if DAYS.contains(&column.name.as_str()) => Class::Personal(Shape::Date),
        Holds::Inet => Class::Personal(Shape::Ip),
        Holds::Text | Holds::CaselessText => named(&column.name.to_lowercase())?,
        _ => return None,
    };
    pseudonym(class, column, Group::of(column)).is_ok().then_some(class)
}

fn named(column: &str) -> Option<Class> {
    let ends_in = |name: &str| {
        column.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
    };
    // `ip_address` is no street: the longest end decides.
    let ends = NAMES.iter().flat_map(|(class, names)| names.iter().map(move |name| (class, name)));
    let fitting = ends.filter(|(_, name)| ends_in(name));
    fitting.max_by_key(|(_, name)| name.len()).map(|(class, _)| *class)
}

/// A key of TOML: bare where that is possible.
struct Key<'a>(&'a str);

impl std::fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if !self.0.is_empty() && self.0.chars().all(bare) {
            return f.write_str(self.0);
        }
        f.write_str("\"")?;
        for c in self.0.chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                c if c.is_control() => write!(f, "\\u{:04X}", u32::from(c))?,
                c => write!(f, "{c}")?,
            }
        }
        f.write_str("\"")
    }
}

/// A name as a comment shows it: a line break would end the comment.
fn comment(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{
        super::{
            catalog::{Reference, Table, tests::column},
            judge::judge,
            name::ClassifiedTable,
            profile::Profile,
        },
        *,
    };

    #[test]
    fn the_end_of_a_name_tells() {
        for (name, class) in [
            ("billing_email", Some("personal:email")),
            ("ip_address", Some("personal:ip")),
            ("home_address", Some("personal:address")),
            ("reset_token_hash", Some("secret")),
            ("gossip", None),
            ("name", None),
            ("status", None),
        ] {
            assert_eq!(named(name).map(Class::name), class, "{name}");
        }
    }

    #[test]
    fn a_first_profile_leaves_open_what_is_doubtful_and_only_that() {
        let users = ClassifiedTable::new("public", "a \"b\"\n.c");
        let text = |name: &str| column(name, "text", Holds::Text);
        let key = Column { primary: true, required: true, ..column("id", "uuid", Holds::Uuid) };
        let shout = Column { generated: true, ..text("shout") };
        let columns = vec![key, text("email"), text("friend"), text("nick\nname"), shout];
        let from = users.column("friend");
        let catalog = Catalog {
            references: vec![Reference { from, to: users.column("email") }],
            tables: BTreeMap::from([(users.clone(), Table { partitioned: false, columns })]),
            ..Catalog::default()
        };
        let first = first(&catalog);
        assert_eq!(first.classified, 2);
        assert_eq!(first.doubtful, [users.column("nick\nname")]);
        let profile = Profile::parse(&first.text).unwrap();
        let problems = judge(&profile, &catalog).1;
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].to_string().ends_with("is not classified"));
    }
}
