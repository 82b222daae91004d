//! Tables out to a file and back: nothing is lost, and nothing else is touched.

mod commands;
mod damage;
mod random;
mod relations;
mod replace;
mod snapshot;
mod types;

use std::time::Duration;

use backup::data::{
    Checked, DataFile, ExportError, ExportRequest, Exported, FileError, ImportError, ImportOptions,
    Imported, Mode, Triggers, check, export, import,
};
use chrono::DateTime;
use dbkit::guard::Permit;
use integration_tests::{TestDatabase, sql};

/// The lines of an export, and what it says of them.
struct File {
    bytes: Vec<u8>,
    exported: Exported,
}

impl File {
    /// The whole rows of the table at `place` of the file.
    fn rows(&self, place: usize) -> Vec<Vec<Option<String>>> {
        let text = std::str::from_utf8(&self.bytes).unwrap();
        let sections = text.split("{\"table\":").skip(1);
        let section = sections.skip(place).take(1).next().unwrap();
        let rows = section.lines().filter(|line| line.starts_with('['));
        rows.map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

async fn try_export(test: &TestDatabase, tables: &[&str]) -> Result<File, ExportError> {
    let request = ExportRequest {
        tables: tables.iter().map(ToString::to_string).collect(),
        created_at: DateTime::from_timestamp(1_795_211_130, 0).unwrap(),
        lock_wait: Duration::from_secs(10),
    };
    let mut bytes = Vec::new();
    let exported = export(test.url(), &request, &mut bytes, &()).await?;
    Ok(File { bytes, exported })
}

async fn exported(test: &TestDatabase, tables: &[&str]) -> File {
    try_export(test, tables).await.unwrap()
}

fn checked(bytes: &[u8]) -> Result<Checked, FileError> {
    check(DataFile::stage(&mut &*bytes).unwrap(), &())
}

fn options(mode: Mode<'_>) -> ImportOptions<'_> {
    let lock_wait = Duration::from_secs(10);
    ImportOptions { mode, triggers: Triggers::Fire, expect: None, lock_wait }
}

async fn import_with(
    test: &TestDatabase,
    file: &File,
    options: &ImportOptions<'_>,
) -> Result<Imported, ImportError> {
    import(test.url(), &checked(&file.bytes).unwrap(), options, &()).await
}

async fn insert(test: &TestDatabase, file: &File) -> Result<Imported, ImportError> {
    import_with(test, file, &options(Mode::Insert)).await
}

async fn replace(
    test: &TestDatabase,
    file: &File,
    permit: &Permit,
) -> Result<Imported, ImportError> {
    import_with(test, file, &options(Mode::Replace(permit))).await
}

/// A database with `ddl`, and another one that is the same.
async fn two(ddl: &str) -> (TestDatabase, TestDatabase) {
    let (one, other) = (TestDatabase::empty().await, TestDatabase::empty().await);
    sql::run(one.db(), ddl).await;
    sql::run(other.db(), ddl).await;
    (one, other)
}

/// The content of `tables` by the text of whole rows, in which nothing looks like something else.
async fn content(test: &TestDatabase, tables: &[&str]) -> Vec<String> {
    let tables: Vec<_> = tables.iter().map(ToString::to_string).collect();
    crate::content::of(test.db(), &tables, "t").await
}
