//! Restoring some tables of a backup, with everything that is their own.
//!
//! Into the live database it is one transaction: the tables are dropped and made again, foreign keys of
//! others are dropped before and added, and thereby checked, afterwards. Nothing is dropped that was not
//! asked for: what else needs one of the tables is named, and the tables stay.

use std::{collections::BTreeSet, io::Write as _, pin::pin, time::Instant};

use dbkit::{DatabaseUrl, Identifier, guard::Permit};
use tempfile::NamedTempFile;

use super::{
    Means, RestoreError, RestoreOptions, Restored, admit_over,
    close::Close,
    in_place::{begin, conclude, in_time, is_in},
    look::look,
    psql::Psql,
    selection::{self, Selection, TableName},
    surroundings::{self, Surroundings},
    work::{Part, Ready, Work, until},
};
use crate::{
    Backup, BackupEvent, Comparison, TocEntry, VerifyError, content, manifest::Content,
    server::Server, swap, verify,
};

/// Fills a new database with some tables and what they need, and compares them with the manifest.
pub(crate) async fn fill(
    work: Work<'_>,
    ready: &Ready<'_>,
    url: &DatabaseUrl,
    selection: &Selection,
) -> Result<Content, RestoreError> {
    let wanted = |id: u32| selection.own.contains(&id) || selection.needed.contains(&id);
    let list = list_file(work, selection, wanted)?;
    make_schemas(url, selection, &work.backup.manifest.toc).await?;
    work.pour(ready, url, Part::Listed(list.path())).await?;
    let found = work.look(ready, url, |schema, name| selection.has_table(schema, name)).await?;
    compare(work, selection, found, ready.close.comparison)
}

/// Makes the schemas that are not in the archive, as they are not where only tables were backed up.
async fn make_schemas(
    url: &DatabaseUrl,
    selection: &Selection,
    toc: &[TocEntry],
) -> Result<(), RestoreError> {
    let is_known = |schema: &str| {
        schema == "public" || toc.iter().any(|entry| entry.kind == "SCHEMA" && entry.name == schema)
    };
    let schemas: BTreeSet<_> = selection.tables.iter().map(|table| table.schema.as_str()).collect();
    let mut inside = Server::inside(url).await?;
    for schema in schemas.into_iter().filter(|schema| !is_known(schema)) {
        let sql = format!("CREATE SCHEMA {}", Identifier(schema));
        inside.execute(&format!("make schema `{schema}`"), &sql).await?;
    }
    inside.close().await;
    Ok(())
}

/// Puts the tables of `options` from `backup` in the place of those in the live database at `url`.
pub async fn restore_tables(
    backup: &Backup,
    url: &DatabaseUrl,
    options: &RestoreOptions,
    permit: &Permit,
    means: Means<'_>,
    stop: impl Future<Output = ()>,
) -> Result<Restored, RestoreError> {
    let begun = Instant::now();
    let work = Work { backup, options, means };
    let mut stop = pin!(stop);
    let _shared = verify::share(backup)?;
    let selection = selection::of(&backup.manifest, &options.tables)?;
    let selection = selection.ok_or(RestoreError::NoSuchTables { tables: Vec::new() })?;
    let mut server = swap::enter(url, options, permit).await?;
    admit_over(&mut server, backup, options).await?;
    let around = surroundings::of(url, &selection, &backup.manifest.toc).await?;
    if !around.dependents.is_empty() {
        return Err(RestoreError::Dependents { dependents: around.dependents });
    }
    let ready = until(stop.as_mut(), work.prepare(&mut server)).await?;
    let wanted = |id: u32| {
        selection.own.contains(&id)
            || selection.outward.contains(&id)
            || around.missing.contains(&id)
    };
    let list = list_file(work, &selection, wanted)?;
    let mut psql = work.psql(&ready, url)?;
    let replacing =
        replace(work, &ready, &mut psql, (&selection, &around), Part::Listed(list.path()));
    let replaced = until(stop, in_time(replacing, options.limit)).await;
    let content = conclude(psql, replaced, options, &mut server).await?;
    analyse(url, &selection).await?;
    server.close().await;
    Ok(Restored::new(options.database.clone(), &content, Close::ALL, begun))
}

async fn replace(
    work: Work<'_>,
    ready: &Ready<'_>,
    psql: &mut Psql,
    (selection, around): (&Selection, &Surroundings),
    part: Part<'_>,
) -> Result<Option<Content>, RestoreError> {
    let first = around.drop_sql(&selection.tables);
    let Some(transaction) = begin(psql, &first).await? else { return Ok(None) };
    work.means.report.report(&BackupEvent::Restoring { database: work.options.database.clone() });
    psql.silently().await?;
    work.feed(ready, psql, part).await?;
    psql.say(&around.add_sql()).await?;
    psql.aloud().await?;
    if !is_in(psql, &transaction).await? {
        return Ok(None);
    }
    let wanted = |schema: &str, name: &str| selection.has_table(schema, name);
    let Some(found) = look(psql, &work.backup.manifest, wanted).await? else { return Ok(None) };
    compare(work, selection, found, Comparison::Content).map(Some)
}

/// Compares the tables and their sequences with the manifest.
fn compare(
    work: Work<'_>,
    selection: &Selection,
    found: Content,
    comparison: Comparison,
) -> Result<Content, RestoreError> {
    let recorded = selection.part_of(work.backup.manifest.content.clone());
    let found = selection.part_of(found);
    let differences = content::compare(&recorded, &found, comparison);
    if differences.is_empty() { Ok(found) } else { Err(RestoreError::Differs { differences }) }
}

/// A list for `pg_restore`, in a file that is gone when it is dropped.
fn list_file(
    work: Work<'_>,
    selection: &Selection,
    wanted: impl Fn(u32) -> bool,
) -> Result<NamedTempFile, RestoreError> {
    let list = selection.list(&work.backup.manifest.toc, |entry| wanted(entry.id));
    let write = || {
        let mut file = NamedTempFile::new_in(work.backup.place.staging()?)?;
        file.write_all(list.as_bytes())?;
        Ok(file)
    };
    write().map_err(|source| VerifyError::Stage(source).into())
}

async fn analyse(url: &DatabaseUrl, selection: &Selection) -> Result<(), RestoreError> {
    let tables: Vec<_> = selection.tables.iter().map(quoted).collect();
    let mut inside = Server::inside(url).await?;
    let sql = format!("ANALYZE {}", tables.join(", "));
    inside.execute("analyse the tables", &sql).await?;
    inside.close().await;
    Ok(())
}

/// Its name, quoted for SQL.
pub(super) fn quoted(table: &TableName) -> String {
    format!("{}.{}", Identifier(&table.schema), Identifier(&table.name))
}

impl Selection {
    /// Whether a table is among them.
    pub(crate) fn has_table(&self, schema: &str, name: &str) -> bool {
        self.tables
            .iter()
            .any(|table| (table.schema.as_str(), table.name.as_str()) == (schema, name))
    }

    /// What is known of the tables and their sequences alone.
    fn part_of(&self, mut content: Content) -> Content {
        content.tables.retain(|table| self.has_table(&table.schema, &table.name));
        content.sequences.retain(|sequence| {
            let is = |own: &TableName| own.schema == sequence.schema && own.name == sequence.name;
            self.sequences.iter().any(is)
        });
        content.large_objects = crate::LargeObjects::default();
        content
    }
}
