//! What is written down of a backup, in `manifest.json`.
//!
//! The file is the commit record: it is written last, so a folder that has one is complete. Unknown
//! fields are skipped, so that an older tool can read what a newer one added; a change of meaning
//! raises [`Manifest::SCHEMA_VERSION`]. It never holds a password or a whole URL.

use std::{collections::BTreeSet, path::Path};

use chrono::{DateTime, Utc};
use dbkit::postgres::ServerVersion;
use serde::{Deserialize, Serialize};

use crate::{BackupId, Compression, Digest, RawDigest, Recipients, TocEntry, pipeline::Packed};

/// What a backup is, where it is from and what is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of this description.
    pub schema_version: u32,
    /// The backup's name, equal to that of its folder.
    pub id: BackupId,
    /// What the operator called it.
    pub name: Option<String>,
    /// Why it was made, such as `manual`.
    pub kind: String,
    /// When the run began.
    pub started_at: DateTime<Utc>,
    /// When the dump was complete.
    pub finished_at: DateTime<Utc>,
    /// The program that made it.
    pub tool: Tool,
    /// The machine it ran on.
    pub host: String,
    /// What kind of database the operator said it was.
    pub environment: String,
    /// The database.
    pub source: Source,
    /// The program that wrote the archive.
    pub client: Client,
    /// Which migrations were applied; absent where there is no `seaql_migrations`.
    pub migrations: Option<Migrations>,
    /// The extensions in the database.
    pub extensions: Vec<Extension>,
    /// The roles that the archive speaks of, sorted.
    pub roles: Vec<String>,
    /// The tables that were asked for, as they were written; absent where everything was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<Vec<String>>,
    /// What made a copy of it that holds nothing personal; absent where nothing did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sanitised: Option<Sanitised>,
    /// How [`Content`] was computed.
    pub fingerprint: String,
    /// What was in the database.
    #[serde(flatten)]
    pub content: Content,
    /// The file with the data.
    pub artifact: Artifact,
    /// What is in the archive; nothing, if its format was not understood.
    pub toc: Vec<TocEntry>,
}

/// How a copy came to hold nothing personal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sanitised {
    /// The SHA-256 of the file that classifies its columns.
    pub profile: String,
}

/// A program and its version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// The database that a backup is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Host name, address or socket folder, as the URL had it.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// The database's name.
    pub database: String,
    /// Who owned the database.
    pub owner: String,
    /// `server_version_num`: 150018 is 15.18.
    pub server_version: u32,
    /// How text is encoded, such as `UTF8`.
    pub encoding: String,
    /// `LC_COLLATE`.
    pub collate: String,
    /// `LC_CTYPE`.
    pub ctype: String,
    /// `c` (operating system), `i` (ICU) or `b` (built in).
    pub locale_provider: String,
    /// The locale of ICU or of the built-in provider.
    pub locale: Option<String>,
    /// Further collation rules of ICU.
    pub icu_rules: Option<String>,
    /// The version of the collation, which indexes of text depend on.
    pub collation_version: Option<String>,
    /// `lc_monetary`, which the text of a `money` depends on.
    pub monetary: String,
    /// What tells one cluster from all others, if the role may know it.
    pub system_identifier: Option<String>,
    /// What `ALTER DATABASE … SET` and `ALTER ROLE … IN DATABASE … SET` have set.
    pub settings: Vec<DatabaseSetting>,
    /// The privileges on the database itself, each as `grantee=privileges/grantor`.
    pub acl: Option<Vec<String>>,
    /// The comment on the database.
    pub comment: Option<String>,
    /// How many connections it allows; -1 is any number.
    pub connection_limit: i32,
    /// How large it is on the server, indexes included.
    pub bytes: u64,
}

/// A setting that belongs to a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseSetting {
    /// The role that it is for; all, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Its name and value, as `name=value`.
    pub setting: String,
}

/// The program that wrote the archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Its version as `server_version_num` has it; no older `pg_restore` reads the archive.
    pub pg_dump_version: u32,
}

/// Which migrations were applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Migrations {
    /// Their names, in order.
    pub applied: Vec<String>,
    /// The last of them.
    pub head: Option<String>,
}

/// An extension in the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What was in the database, as far as it can be compared after a restore.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Every table that holds rows itself, sorted by schema and name.
    pub tables: Vec<TableContent>,
    /// Every sequence, sorted by schema and name.
    pub sequences: Vec<SequenceContent>,
    /// All large objects together.
    pub large_objects: LargeObjects,
}

/// The rows of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableContent {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// The columns that are stored, in the order in which they were hashed.
    pub columns: Vec<String>,
    /// How many rows it has.
    pub rows: u64,
    /// A hash of all rows that does not depend on their order.
    pub hash: String,
    /// The schema and name of the root of its partitions, where a restore may spread the rows anew over these: the hash
    /// of a value of an enum is another one in every database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<[String; 2]>,
}

/// Where a sequence stood.
///
/// Sequences are outside of transactions, so `pg_dump` may have seen any state between the two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SequenceContent {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Before the dump began.
    pub before: SequenceState,
    /// After the dump had ended.
    pub after: SequenceState,
}

/// The state of a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SequenceState {
    /// The value it gave last, or gives next.
    pub last_value: i64,
    /// Whether it gave that value already.
    pub is_called: bool,
}

/// All large objects of a database together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LargeObjects {
    /// How many they are.
    pub count: u64,
    /// A hash of their numbers and contents.
    pub hash: String,
}

/// The file with the data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// Its name in the backup's folder.
    pub file: String,
    /// The file as it is stored: enough to check it without unpacking.
    pub stored: Digest,
    /// The archive as `pg_dump` wrote it: what proves that unpacking gives it back.
    pub raw: RawDigest,
    /// What was done to the data, in order.
    pub pipeline: Vec<String>,
    /// The fingerprints of those who can open it; none where everybody can, or a passphrase does.
    pub recipients: Vec<String>,
}

impl Manifest {
    /// The version that is written, and the newest that is read. Version 2 hashed the archive with SHA-256.
    pub const SCHEMA_VERSION: u32 = 3;

    /// The oldest that is read.
    const OLDEST: u32 = 2;

    /// The file's name.
    pub(crate) const FILE: &str = "manifest.json";

    /// The file with its signature.
    pub(crate) const SIGNATURE: &str = "manifest.json.sig";

    /// How many rows all tables have together.
    pub fn rows(&self) -> u64 {
        self.content.tables.iter().map(|table| table.rows).sum()
    }

    /// The file's content.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        let mut json =
            serde_json::to_vec_pretty(self).expect("strings, numbers and lists always serialise");
        json.push(b'\n');
        json
    }

    /// Whether manifests of this version can be read.
    pub(crate) fn is_known(version: u32) -> bool {
        (Self::OLDEST..=Self::SCHEMA_VERSION).contains(&version)
    }

    /// Reads the file's content.
    pub(crate) fn from_json(json: &[u8]) -> Result<Self, ManifestError> {
        /// The one field that says whether the others can be understood.
        #[derive(Deserialize)]
        struct Version {
            schema_version: u32,
        }
        let version: Version = serde_json::from_slice(json)?;
        if !Self::is_known(version.schema_version) {
            return Err(ManifestError::Version(version.schema_version));
        }
        let manifest: Self = serde_json::from_slice(json)?;
        // The name is joined to a path, and the manifest may come from anywhere.
        if Path::new(&manifest.artifact.file).file_name() != Some(manifest.artifact.file.as_ref()) {
            return Err(ManifestError::FileName(manifest.artifact.file));
        }
        Ok(manifest)
    }

    /// The version of the program that wrote the archive.
    pub(crate) fn client_version(&self) -> ServerVersion {
        ServerVersion { num: self.client.pg_dump_version }
    }

    /// The steps that this version does not know how to undo.
    pub(crate) fn unknown_steps(&self) -> BTreeSet<&str> {
        let steps = self.artifact.pipeline.iter().map(String::as_str);
        steps.filter(|step| !Artifact::is_known(step)).collect()
    }
}

impl Artifact {
    /// The first thing that is done to the data.
    const DUMP: &str = "pg_dump:custom:Z0";

    /// The last, where it is sealed.
    const SEAL: &str = "age:v1";

    /// The file's name; its endings tell with which programs it can be opened by hand.
    pub(crate) fn file_name(recipients: &Recipients, compression: Compression) -> String {
        let zst = if compression == Compression::NONE { "" } else { ".zst" };
        let age = if recipients.is_everybody() { "" } else { ".age" };
        format!("dump.pgc{zst}{age}")
    }

    /// A file that was packed like this for these recipients.
    pub(crate) fn of(packed: Packed, recipients: &Recipients, compression: Compression) -> Self {
        let seal = (!recipients.is_everybody()).then(|| Self::SEAL.to_owned());
        let steps = [Some(Self::DUMP.to_owned()), compression.step(), seal];
        Self {
            file: Self::file_name(recipients, compression),
            stored: packed.stored,
            raw: packed.raw,
            pipeline: steps.into_iter().flatten().collect(),
            recipients: recipients.fingerprints(),
        }
    }

    /// Whether it takes an identity or a passphrase to open it.
    pub fn is_sealed(&self) -> bool {
        self.pipeline.iter().any(|step| step == Self::SEAL)
    }

    /// How it is compressed.
    pub fn compression(&self) -> Compression {
        let found = self.pipeline.iter().find_map(|step| Compression::of_step(step));
        found.unwrap_or(Compression::NONE)
    }

    fn is_known(step: &str) -> bool {
        step == Self::DUMP || step == Self::SEAL || Compression::of_step(step).is_some()
    }
}

/// Why a file is no manifest that can be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ManifestError {
    #[error("schema version {0} is not known")]
    Version(u32),
    #[error("{0:?} is not a plain file name")]
    FileName(String),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A manifest with something in every field.
    pub(crate) fn manifest(id: &str) -> Manifest {
        let at = DateTime::from_timestamp(1_795_211_130, 0).unwrap();
        let state = SequenceState { last_value: 7, is_called: true };
        Manifest {
            schema_version: Manifest::SCHEMA_VERSION,
            id: id.parse().unwrap(),
            name: Some("Before the fair \u{1F3A1}".to_owned()),
            kind: "manual".to_owned(),
            started_at: at,
            finished_at: at,
            tool: Tool { name: "backup".to_owned(), version: "0.1.0".to_owned() },
            host: "here".to_owned(),
            environment: "testing".to_owned(),
            source: Source {
                host: "127.0.0.1".to_owned(),
                port: 5432,
                database: "a/b\n".to_owned(),
                owner: "app".to_owned(),
                server_version: 150_018,
                encoding: "UTF8".to_owned(),
                collate: "C.UTF-8".to_owned(),
                ctype: "C.UTF-8".to_owned(),
                locale_provider: "c".to_owned(),
                locale: None,
                icu_rules: None,
                collation_version: None,
                monetary: "C".to_owned(),
                system_identifier: Some("7412345678901234567".to_owned()),
                settings: vec![DatabaseSetting {
                    role: Some("app".to_owned()),
                    setting: "work_mem=8MB".to_owned(),
                }],
                acl: Some(vec!["app=CTc/app".to_owned()]),
                comment: Some("a shop".to_owned()),
                connection_limit: -1,
                bytes: 1 << 30,
            },
            client: Client { pg_dump_version: 150_018 },
            migrations: Some(Migrations {
                applied: vec!["m1".to_owned()],
                head: Some("m1".to_owned()),
            }),
            extensions: vec![Extension { name: "plpgsql".to_owned(), version: "1.0".to_owned() }],
            roles: vec!["app".to_owned()],
            selection: Some(vec!["t".to_owned()]),
            sanitised: Some(Sanitised { profile: "0".repeat(64) }),
            fingerprint: "sum".to_owned(),
            content: Content {
                tables: vec![TableContent {
                    schema: "public".to_owned(),
                    name: "t\"; --".to_owned(),
                    columns: vec!["id".to_owned()],
                    rows: u64::MAX,
                    hash: "-12345678901234567890123".to_owned(),
                    root: Some(["public".to_owned(), "root".to_owned()]),
                }],
                sequences: vec![SequenceContent {
                    schema: "public".to_owned(),
                    name: "s".to_owned(),
                    before: state,
                    after: state,
                }],
                large_objects: LargeObjects { count: 1, hash: "5".to_owned() },
            },
            artifact: Artifact {
                file: "dump.pgc.zst.age".to_owned(),
                stored: crate::digest::digest(b"stored"),
                raw: crate::raw_digest::raw_digest(b"raw"),
                pipeline: [Artifact::DUMP, "zstd:3+checksum", Artifact::SEAL]
                    .map(str::to_owned)
                    .into(),
                recipients: vec!["0123456789abcdef".to_owned()],
            },
            toc: vec![TocEntry {
                id: 7,
                kind: "TABLE".to_owned(),
                schema: Some("public".to_owned()),
                name: "t".to_owned(),
                owner: "app".to_owned(),
                needs: vec![1, 2],
                data_at: None,
            }],
        }
    }

    const ID: &str = "20261120T214530Z_manual_9f1c02ab";

    fn altered(alter: impl FnOnce(&mut serde_json::Value)) -> Result<Manifest, ManifestError> {
        let mut json = serde_json::to_value(manifest(ID)).unwrap();
        alter(&mut json);
        Manifest::from_json(&serde_json::to_vec(&json).unwrap())
    }

    #[test]
    fn what_is_written_is_read() {
        let manifest = manifest(ID);
        assert_eq!(Manifest::from_json(&manifest.to_json()).unwrap(), manifest);
    }

    #[test]
    fn tables_and_sequences_stand_at_the_top() {
        let json = serde_json::to_value(manifest(ID)).unwrap();
        assert_eq!(json["tables"][0]["schema"], "public");
        assert_eq!(json["sequences"][0]["before"]["last_value"], 7);
        assert_eq!(json["started_at"], "2026-11-20T21:45:30Z");
    }

    #[test]
    fn a_field_of_a_newer_tool_is_skipped() {
        let read = altered(|json| json["artifact"]["colour"] = "red".into());
        assert_eq!(read.unwrap(), manifest(ID));
    }

    #[test]
    fn a_newer_schema_version_is_refused_whatever_else_changed() {
        for version in [0, 1, 4] {
            let json = format!("{{\"schema_version\": {version}, \"id\": {{}}}}");
            let error = Manifest::from_json(json.as_bytes()).unwrap_err();
            assert!(matches!(error, ManifestError::Version(found) if found == version));
        }
    }

    #[test]
    fn a_manifest_cannot_point_out_of_its_folder() {
        for file in ["../x", "/etc/passwd", "..", "a/b", "a/", ""] {
            let error = altered(|json| json["artifact"]["file"] = file.into()).unwrap_err();
            assert!(matches!(error, ManifestError::FileName(_)), "{file}: {error}");
        }
        assert!(altered(|json| json["id"] = "../x".into()).is_err());
    }
}
