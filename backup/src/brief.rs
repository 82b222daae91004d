//! What a list says of each backup, without reading all that its manifest has.
//!
//! Most of a manifest is the archive's table of contents, which stands at its end: of a thousand backups, it would be a
//! hundred megabytes. Whether it is as it was is for `verify` to say.

use std::{borrow::Cow, cmp::Reverse, path::Path};

use chrono::{DateTime, Utc};
use futures_util::{StreamExt as _, stream};
use memchr::memmem;
use serde::Deserialize;

use crate::{
    BackupId, Damage, FolderError, Manifest, Place, Store,
    catalogue::{damage, read_file},
    store::AT_ONCE,
};

/// What a list says of a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brief {
    /// When it was begun.
    pub started_at: DateTime<Utc>,
    /// The kind of database that it is of, as the operator had named it.
    pub environment: String,
    /// The database's name.
    pub database: String,
    /// The last migration, if there were any.
    pub migration: Option<String>,
    /// How many rows all tables have together.
    pub rows: u64,
    /// How long the stored file is.
    pub stored_bytes: u64,
}

/// Something in a store that has the name of a backup: what a list says of it, or why it cannot be restored.
#[derive(Debug)]
pub struct Listed {
    /// Its name.
    pub id: BackupId,
    /// What there is to say.
    pub brief: Result<Brief, Damage>,
}

/// As much of a manifest as a list needs.
#[derive(Deserialize)]
struct Outline {
    schema_version: u32,
    id: BackupId,
    started_at: DateTime<Utc>,
    environment: String,
    source: Source,
    migrations: Option<Migrations>,
    tables: Vec<Table>,
    artifact: Artifact,
}

#[derive(Deserialize)]
struct Source {
    database: String,
}

#[derive(Deserialize)]
struct Migrations {
    head: Option<String>,
}

#[derive(Deserialize)]
struct Table {
    rows: u64,
}

#[derive(Deserialize)]
struct Artifact {
    file: String,
    stored: Stored,
}

#[derive(Deserialize)]
struct Stored {
    bytes: u64,
}

impl Outline {
    /// The same that [`Manifest::from_json`] asks for.
    fn is_understood(&self) -> bool {
        let file = &self.artifact.file;
        Manifest::is_known(self.schema_version)
            && Path::new(file).file_name() == Some(file.as_ref())
    }

    fn of(manifest: Manifest) -> Self {
        let rows = |table: &crate::TableContent| Table { rows: table.rows };
        Self {
            schema_version: manifest.schema_version,
            id: manifest.id,
            started_at: manifest.started_at,
            environment: manifest.environment,
            source: Source { database: manifest.source.database },
            migrations: manifest.migrations.map(|migrations| Migrations { head: migrations.head }),
            tables: manifest.content.tables.iter().map(rows).collect(),
            artifact: Artifact {
                file: manifest.artifact.file,
                stored: Stored { bytes: manifest.artifact.stored.bytes },
            },
        }
    }
}

/// Says of each backup in a store what a list shows, newest first: of all of them, or those of one database.
pub async fn briefs(store: &Store, database: Option<&str>) -> Result<Vec<Listed>, FolderError> {
    let places = stream::iter(store.places(database).await?);
    // Each a task, so that all cores read.
    let tasks = places.map(|(id, place)| tokio::spawn(listed(id, place)));
    let mut listed: Vec<Listed> = tasks
        .buffered(AT_ONCE)
        .map(|done| done.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic())))
        .collect()
        .await;
    listed.sort_by_cached_key(|listed| {
        let started_at = listed.brief.as_ref().map_or(listed.id.time(), |brief| brief.started_at);
        Reverse((started_at, listed.id.clone()))
    });
    Ok(listed)
}

/// The same object without its last member, where that is the table of contents and comes to its end.
fn without_toc(json: &[u8]) -> Cow<'_, [u8]> {
    match memmem::find(json, b",\n  \"toc\": [") {
        Some(end) if json.ends_with(b"\n  ]\n}\n") => [&json[..end], b"}"].concat().into(),
        _ => json.into(),
    }
}

async fn listed(id: BackupId, place: Place) -> Listed {
    let brief = brief(&place, &id).await;
    Listed { id, brief }
}

async fn brief(place: &Place, id: &BackupId) -> Result<Brief, Damage> {
    let json = read_file(place).await?;
    let outline = match serde_json::from_slice::<Outline>(&without_toc(&json)) {
        Ok(outline) if outline.is_understood() => outline,
        // Whoever reads all of it says best why it is not understood.
        _ => Outline::of(Manifest::from_json(&json).map_err(damage)?),
    };
    if outline.id != *id {
        return Err(Damage::OfAnother(outline.id));
    }
    Ok(Brief {
        started_at: outline.started_at,
        environment: outline.environment,
        database: outline.source.database,
        migration: outline.migrations.and_then(|migrations| migrations.head),
        rows: outline.tables.iter().map(|table| table.rows).sum(),
        stored_bytes: outline.artifact.stored.bytes,
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::manifest::tests::manifest;

    const ID: &str = "20261120T000000Z_manual_00000002";

    /// What is said of a backup whose manifest is this.
    async fn said(json: &[u8]) -> Result<Brief, Damage> {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join(Manifest::FILE), json).unwrap();
        brief(&Place::Folder(place.path().to_owned()), &ID.parse().unwrap()).await
    }

    #[tokio::test]
    async fn it_is_what_the_manifest_says() {
        let manifest = manifest(ID);
        let brief = said(&manifest.to_json()).await.unwrap();
        assert_eq!(brief.database, manifest.source.database);
        assert_eq!((brief.rows, brief.started_at), (manifest.rows(), manifest.started_at));
        assert_eq!(brief.stored_bytes, manifest.artifact.stored.bytes);
        assert_eq!(brief.migration, manifest.migrations.unwrap().head);
    }

    #[test]
    fn the_table_of_contents_is_left_out_where_it_is_whole() {
        let json = manifest(ID).to_json();
        let short = without_toc(&json);
        assert!(short.len() < json.len());
        let read: Outline = serde_json::from_slice(&short).unwrap();
        assert!(read.is_understood());
        let cut = &json[..json.len() - 2];
        assert_eq!(*without_toc(cut), *cut);
    }

    #[tokio::test]
    async fn what_the_whole_manifest_would_be_refused_for_is_refused() {
        let text = String::from_utf8(manifest(ID).to_json()).unwrap();
        let newer = text.replace("\"schema_version\": 3", "\"schema_version\": 99");
        let outside = text.replace("\"file\": \"", "\"file\": \"../");
        for json in [&newer, &outside, &text[..text.len() - 5], "{}"] {
            assert_ne!(json, text);
            let damage = said(json.as_bytes()).await.unwrap_err();
            assert!(matches!(damage, Damage::NotUnderstood(_)), "{damage:?}");
        }
        let other = text.replace("00000002", "00000003");
        assert!(matches!(said(other.as_bytes()).await, Err(Damage::OfAnother(_))));
    }
}
