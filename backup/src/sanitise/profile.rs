//! The file that says what every column holds.
//!
//! ```toml
//! large-objects = "empty"          # or "keep"; needed only where there are any
//!
//! [public]
//! audit_logs = "empty"             # its rows stay behind
//!
//! [public.users]
//! id = "keep"
//! email = "personal:email"
//! password_hash = "secret"
//! ```
//!
//! A column that refers to another may be left out: it is what that one is.

use std::{
    collections::BTreeMap,
    fmt, io,
    path::{Path, PathBuf},
};

use toml::{Table, Value};

use super::{
    class::Class,
    name::{ClassifiedTable, ColumnName},
};
use crate::digest::digest;

/// What is to become of what is in a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The file's SHA-256, as 64 lower-case hexadecimal digits.
    pub sha256: String,
    pub(super) tables: BTreeMap<ClassifiedTable, Rule>,
    pub(super) large_objects: Option<LargeObjectsRule>,
}

/// What is to become of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// Its rows stay behind.
    Empty,
    /// Its columns become what their classes say.
    Columns(BTreeMap<String, Class>),
}

/// What is to become of the large objects, which have no columns that could be classified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LargeObjectsRule {
    /// They stay behind.
    Empty,
    /// Nothing in them is about anybody.
    Keep,
}

/// Why a file is no profile.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// It cannot be read.
    #[error("cannot read the profile `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It is no TOML.
    #[error("the profile is no TOML")]
    NotToml(#[from] toml::de::Error),
    /// A column is said to be what there is not.
    #[error("{column}: `{class}` is no class")]
    NotAClass {
        /// The column.
        column: ColumnName,
        /// What stands there.
        class: String,
    },
    /// Something else stands where it makes no sense.
    #[error("`{key}` is to be {expected}")]
    NotSo {
        /// Where.
        key: String,
        /// What makes sense there.
        expected: Expected,
    },
}

/// What makes sense at a place of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Besides `large-objects`, the top holds schemas.
    Schema,
    /// A schema holds tables.
    Table,
    /// A table holds columns.
    Class,
    /// Large objects stay or stay behind.
    LargeObjects,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Schema => "a schema with its tables",
            Self::Table => "a table with its columns, or \"empty\"",
            Self::Class => "the class of a column",
            Self::LargeObjects => "\"empty\" or \"keep\"",
        })
    }
}

impl Profile {
    /// Reads the file at `path`.
    pub fn read(path: &Path) -> Result<Self, ProfileError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ProfileError::Read { path: path.to_owned(), source })?;
        Self::parse(&text)
    }

    /// Reads the content of a file.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let mut profile = Self {
            sha256: digest(text.as_bytes()).sha256,
            tables: BTreeMap::new(),
            large_objects: None,
        };
        for (key, value) in text.parse::<Table>()? {
            match value {
                Value::Table(tables) => profile.add_schema(&key, tables)?,
                value if key == "large-objects" => {
                    profile.large_objects = Some(large_objects(key, &value)?);
                }
                _ => return Err(ProfileError::NotSo { key, expected: Expected::Schema }),
            }
        }
        Ok(profile)
    }

    fn add_schema(&mut self, schema: &str, tables: Table) -> Result<(), ProfileError> {
        for (table, value) in tables {
            let name = ClassifiedTable::new(schema, table);
            let rule = match value {
                Value::Table(columns) => Rule::Columns(classes(&name, columns)?),
                Value::String(word) if word == "empty" => Rule::Empty,
                _ => {
                    let (key, expected) = (name.to_string(), Expected::Table);
                    return Err(ProfileError::NotSo { key, expected });
                }
            };
            self.tables.insert(name, rule);
        }
        Ok(())
    }
}

fn classes(
    table: &ClassifiedTable,
    columns: Table,
) -> Result<BTreeMap<String, Class>, ProfileError> {
    let class = |(column, value): (String, Value)| match value {
        Value::String(class) => match Class::parse(&class) {
            Some(class) => Ok((column, class)),
            None => Err(ProfileError::NotAClass { column: table.column(column), class }),
        },
        _ => Err(ProfileError::NotSo {
            key: table.column(column).to_string(),
            expected: Expected::Class,
        }),
    };
    columns.into_iter().map(class).collect()
}

fn large_objects(key: String, value: &Value) -> Result<LargeObjectsRule, ProfileError> {
    match value.as_str() {
        Some("empty") => Ok(LargeObjectsRule::Empty),
        Some("keep") => Ok(LargeObjectsRule::Keep),
        _ => Err(ProfileError::NotSo { key, expected: Expected::LargeObjects }),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::class::Shape, *};

    #[test]
    fn a_profile_classifies_columns_and_empties_tables() {
        let profile = Profile::parse(
            "large-objects = \"empty\"\n[public]\nlogs = \"empty\"\n[public.users]\n\
             email = \"personal:email\"\n[\"odd schema\".\"a.b\"]\n\"x y\" = \"keep\"\n",
        )
        .unwrap();
        assert_eq!(profile.large_objects, Some(LargeObjectsRule::Empty));
        let rule =
            |schema, table| profile.tables.get(&ClassifiedTable::new(schema, table)).unwrap();
        assert_eq!(*rule("public", "logs"), Rule::Empty);
        let email = BTreeMap::from([("email".to_owned(), Class::Personal(Shape::Email))]);
        assert_eq!(*rule("public", "users"), Rule::Columns(email));
        let odd = BTreeMap::from([("x y".to_owned(), Class::Keep)]);
        assert_eq!(*rule("odd schema", "a.b"), Rule::Columns(odd));
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        for (text, said) in [
            ("[public.users]\nemail = \"mail\"", "public.users.email: `mail` is no class"),
            ("[public.users]\nemail = 1", "`public.users.email` is to be the class of a column"),
            (
                "[public]\nusers = \"keep\"",
                "`public.users` is to be a table with its columns, or \"empty\"",
            ),
            ("public = \"keep\"", "`public` is to be a schema with its tables"),
            ("large-objects = true", "`large-objects` is to be \"empty\" or \"keep\""),
            ("[public.users]\na = \"keep\"\na = \"keep\"", "the profile is no TOML"),
        ] {
            assert_eq!(Profile::parse(text).unwrap_err().to_string(), said, "{text}");
        }
    }
}
