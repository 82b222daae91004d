//! The name of a backup, which is also the name of its folder.
//!
//! It begins with the time, so that names sort as backups were made, and holds nothing of what
//! people typed except a slug: no name can leave the folder or break a terminal.

use std::{fmt, str::FromStr};

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

const TIME: &str = "%Y%m%dT%H%M%SZ";
const SLUG_LENGTH: usize = 40;

/// Why a backup was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody asked for it.
    Manual,
    /// A timer asked for it.
    Scheduled,
    /// Migrations are about to be applied.
    BeforeMigration,
    /// A migration is about to be rolled back.
    BeforeRollback,
    /// The database is about to be replaced by a backup.
    BeforeRestore,
    /// Data is about to be imported.
    BeforeImport,
    /// It is a copy that holds nothing personal.
    Sanitised,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Manual,
        Self::Scheduled,
        Self::BeforeMigration,
        Self::BeforeRollback,
        Self::BeforeRestore,
        Self::BeforeImport,
        Self::Sanitised,
    ];

    /// How it is written in names and manifests.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Scheduled => "scheduled",
            Self::BeforeMigration => "before-migration",
            Self::BeforeRollback => "before-rollback",
            Self::BeforeRestore => "before-restore",
            Self::BeforeImport => "before-import",
            Self::Sanitised => "sanitised",
        }
    }
}

/// A backup's name: `20261120T214530Z_manual_before-fair_9f1c02ab`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BackupId(String);

/// A text that is not a backup's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not the name of a backup")]
pub struct InvalidBackupId(pub String);

impl BackupId {
    /// Names a backup that begins `now`; `run` keeps two of the same second apart.
    pub fn new(now: DateTime<Utc>, kind: Kind, name: Option<&str>, run: Uuid) -> Self {
        let mut id = format!("{}_{}", now.format(TIME), kind.name());
        if let Some(slug) = name.map(slug).filter(|slug| !slug.is_empty()) {
            id.push('_');
            id.push_str(&slug);
        }
        id.push('_');
        id.push_str(&own_part(run));
        Self(id)
    }

    /// The same name for something that another run makes of it.
    pub(crate) fn for_run(&self, run: Uuid) -> Self {
        let kept = self.0.rsplit_once('_').map_or(self.0.as_str(), |(kept, _)| kept);
        Self(format!("{kept}_{}", own_part(run)))
    }

    /// The name as text: ASCII letters, digits, `-` and `_` alone.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The second in which the backup was begun.
    pub fn time(&self) -> DateTime<Utc> {
        let time = self.0.split('_').next().unwrap_or_default();
        // No name is made or read that does not begin with a time.
        NaiveDateTime::parse_from_str(time, TIME).unwrap_or_default().and_utc()
    }
}

impl fmt::Display for BackupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<BackupId> for String {
    fn from(id: BackupId) -> Self {
        id.0
    }
}

impl TryFrom<String> for BackupId {
    type Error = InvalidBackupId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl FromStr for BackupId {
    type Err = InvalidBackupId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<_> = text.split('_').collect();
        let valid = matches!(parts.len(), 3 | 4)
            && NaiveDateTime::parse_from_str(parts[0], TIME).is_ok()
            && parts[1..].iter().all(|part| is_slug(part))
            && parts[parts.len() - 1].len() == 8;
        if valid { Ok(Self(text.to_owned())) } else { Err(InvalidBackupId(text.to_owned())) }
    }
}

/// What keeps two names apart: the end of a UUID is random in every version, the beginning of a v7 is the
/// time again.
fn own_part(run: Uuid) -> String {
    run.simple().to_string().split_off(24)
}

/// The folder for the backups of one database: readable, and different for different names.
pub(crate) fn database_folder(database: &str) -> String {
    let digest = Sha256::digest(database.as_bytes());
    let slug = slug(database);
    let slug = if slug.is_empty() { "database" } else { &slug };
    format!("{slug}-{:02x}{:02x}{:02x}{:02x}", digest[0], digest[1], digest[2], digest[3])
}

/// A moment as it stands in file names.
pub(crate) fn file_time(now: DateTime<Utc>) -> String {
    now.format(TIME).to_string()
}

/// What is left of a text in `[a-z0-9-]`, at most 40 long.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for character in text.chars() {
        match character.to_ascii_lowercase() {
            kept @ ('a'..='z' | '0'..='9') => slug.push(kept),
            _ if slug.is_empty() || slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
    }
    slug.truncate(SLUG_LENGTH);
    slug.trim_end_matches('-').to_owned()
}

fn is_slug(text: &str) -> bool {
    let kept = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    !text.is_empty() && text.bytes().all(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_211_130 + seconds, 0).unwrap()
    }

    fn id(seconds: i64, name: Option<&str>, run: u128) -> BackupId {
        BackupId::new(at(seconds), Kind::Manual, name, Uuid::from_u128(run))
    }

    #[test]
    fn a_name_tells_when_why_and_what() {
        let id = id(0, Some("Before the Fair!"), 0x9f1c_02ab);
        assert_eq!(id.as_str(), "20261120T214530Z_manual_before-the-fair_9f1c02ab");
        assert_eq!(id.time(), at(0));
        assert_eq!(id.as_str().parse(), Ok(id));
    }

    #[test]
    fn names_sort_by_time() {
        let mut ids = [id(61, Some("a"), 0), id(0, Some("z"), 9), id(60, None, 5)];
        ids.sort();
        assert_eq!(ids, [id(0, Some("z"), 9), id(60, None, 5), id(61, Some("a"), 0)]);
    }

    #[test]
    fn two_runs_of_one_second_differ() {
        assert_ne!(id(0, None, 1), id(0, None, 2));
    }

    #[test]
    fn a_hostile_name_leaves_a_slug() {
        for (name, expected) in [
            ("../../etc/passwd", "etc-passwd"),
            ("a\n\u{1b}[31mb", "a-31mb"),
            ("Fête — ü", "f-te"),
            ("_--_", ""),
            ("a".repeat(200).as_str(), "a".repeat(40).as_str()),
        ] {
            assert_eq!(slug(name), expected);
            let id = id(0, Some(name), 1);
            assert_eq!(id.as_str().parse(), Ok(id));
        }
    }

    #[test]
    fn every_database_has_a_folder_of_its_own() {
        for name in ["..", ".", "/", "a/b", "\n", "数据", "-", "\u{202e}x"] {
            let folder = database_folder(name);
            assert!(is_slug(&folder), "{folder}");
        }
        assert!(database_folder("Shop").starts_with("shop-"));
        for (one, other) in [("Shop", "shop"), ("a/b", "a-b"), ("数", "据"), (".", "..")] {
            assert_ne!(database_folder(one), database_folder(other));
        }
    }

    #[test]
    fn anything_else_is_no_name() {
        for text in [
            "",
            "..",
            "../20261120T214530Z_manual_9f1c02ab",
            "20261120T214530Z_manual_9f1c02ab.partial",
            "20261120T214530Z_manual_9f1c02ab/",
            "20261320T214530Z_manual_9f1c02ab",
            "20261120T214530Z_manual_9F1C02AB",
            "20261120T214530Z_manual_9f1c02a",
            "20261120T214530Z__9f1c02ab",
            "20261120T214530Z_manual_a_b_9f1c02ab",
        ] {
            assert_eq!(text.parse::<BackupId>(), Err(InvalidBackupId(text.to_owned())));
        }
    }
}
