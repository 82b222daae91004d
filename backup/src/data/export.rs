//! Writing tables as they were at one moment.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    time::Duration,
};

use chrono::{DateTime, Utc};
use dbkit::{ConnectError, DatabaseUrl, Report};

use super::{
    DataEvent,
    event::is_milestone,
    header::{DataSource, FORMAT, Header, Sequence, Table, TableTally, Trailer, VERSION},
    relations::{self, Relation},
    session::{OF_TEXT, Session},
    writer::Writer,
};
use crate::fingerprint::ALGORITHM;

/// Which tables to write, and how.
#[derive(Clone, Debug)]
pub struct ExportRequest {
    /// Their names, with the schema before it where the name alone is not unique.
    pub tables: Vec<String>,
    /// What time it is.
    pub created_at: DateTime<Utc>,
    /// How long to wait for a table that somebody has locked.
    pub lock_wait: Duration,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The first line.
    pub header: Header,
    /// What the rows of each table come to; what an import may [expect](super::ImportOptions::expect) to find.
    pub tables: Vec<TableTally>,
    /// The last line.
    pub trailer: Trailer,
}

/// Why tables cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// There is no such table.
    #[error("there is no table `{0}`")]
    NoTable(String),
    /// There are several.
    #[error("`{name}` may be any of {}", candidates.join(", "))]
    Ambiguous {
        /// What was asked for.
        name: String,
        /// What it could be.
        candidates: Vec<String>,
    },
    /// It has no rows of its own.
    #[error("`{name}` is {kind}, and no table")]
    NotATable {
        /// What was asked for.
        name: String,
        /// What it is.
        kind: &'static str,
    },
    /// It is a part of another table.
    #[error("`{0}` is a partition: its rows are those of the partitioned table")]
    Partition(String),
    /// It is about the tools, and not the team's.
    #[error("`{0}` belongs to the tools: its rows are true of this database alone")]
    Ours(String),
    /// There is nothing to write.
    #[error("`{0}` has no column whose values could be written")]
    NoColumns(String),
    /// The server refused.
    #[error("cannot read {what}")]
    Database {
        /// What was asked for.
        what: String,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// JSON is UTF-8, and a database with encoding `SQL_ASCII` may hold anything.
    #[error("row {row} of {table} is no UTF-8 text")]
    NotText {
        /// The table.
        table: String,
        /// Which row of the export, from 1.
        row: u64,
    },
    /// The file cannot be written.
    #[error("the file cannot be written")]
    Write(#[source] io::Error),
}

/// Writes tables of the database at `url` to `out`, all from one snapshot.
///
/// Writing goes on meanwhile; ALTER waits. Nothing is complete before this returns: what is in `out` after an
/// error has no trailer, and is refused by [`check`](super::check).
pub async fn export(
    url: &DatabaseUrl,
    request: &ExportRequest,
    out: &mut (dyn Write + Send),
    report: &dyn Report<DataEvent>,
) -> Result<Exported, ExportError> {
    let mut session = Session::open(url, request.lock_wait).await?;
    session.pin().await.map_err(reading("the settings"))?;
    let locked = chosen(&mut session, &request.tables).await?;
    let begin = begin(&locked);
    session.execute(&begin).await.map_err(reading("the tables"))?;
    let chosen = chosen(&mut session, &request.tables).await?;
    let header = header(&mut session, url, request, &chosen).await?;
    let mut writer = Writer::begin(out, &header).map_err(ExportError::Write)?;
    for (relation, table) in chosen.iter().zip(&header.tables) {
        rows(&mut session, relation, table, &mut writer, report).await?;
    }
    let (tables, trailer) = writer.finish().map_err(ExportError::Write)?;
    session.close().await;
    Ok(Exported { header, tables, trailer })
}

/// Locks before the snapshot is taken: a table that is rewritten in between would look empty.
fn begin(tables: &[Relation]) -> String {
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    if tables.is_empty() {
        return begin.to_owned();
    }
    let tables: Vec<_> = tables.iter().map(Relation::only).collect();
    format!("{begin}; LOCK TABLE {} IN ACCESS SHARE MODE", tables.join(", "))
}

fn reading(what: &str) -> impl FnOnce(sqlx::Error) -> ExportError + use<> {
    let what = what.to_owned();
    move |source| ExportError::Database { what, source }
}

/// The tables that are meant by `names`, each once.
async fn chosen(session: &mut Session, names: &[String]) -> Result<Vec<Relation>, ExportError> {
    let all = relations::all(session).await.map_err(reading("the tables"))?;
    let mut chosen: Vec<Relation> = Vec::new();
    for name in names {
        let relation = find(&all, name)?;
        if !chosen.iter().any(|other| other.oid == relation.oid) {
            chosen.push(relation.clone());
        }
    }
    Ok(chosen)
}

/// A name is taken as it is: `people` and `public.people`, and no quotes.
fn find<'a>(all: &'a [Relation], name: &str) -> Result<&'a Relation, ExportError> {
    let whole = all.iter().find(|relation| relation.title() == name);
    let named: Vec<_> = all.iter().filter(|relation| relation.name == name).collect();
    let relation = match (whole, named.as_slice()) {
        (Some(one), _) => one,
        (None, [one]) => *one,
        (None, []) => return Err(ExportError::NoTable(name.to_owned())),
        (None, several) => {
            let candidates = several.iter().map(|relation| relation.title()).collect();
            return Err(ExportError::Ambiguous { name: name.to_owned(), candidates });
        }
    };
    match relation.other_kind() {
        Some(kind) => Err(ExportError::NotATable { name: relation.title(), kind }),
        None if relation.is_partition => Err(ExportError::Partition(relation.title())),
        None if relation.schema == "seaworthy" => Err(ExportError::Ours(relation.title())),
        None => Ok(relation),
    }
}

async fn header(
    session: &mut Session,
    url: &DatabaseUrl,
    request: &ExportRequest,
    chosen: &[Relation],
) -> Result<Header, ExportError> {
    let sql = "SELECT current_setting('server_version_num')::int";
    let (server_version,) = session.row(sql).await.map_err(reading("the server's version"))?;
    let mut header = Header {
        format: FORMAT.to_owned(),
        version: VERSION,
        created_at: request.created_at,
        algorithm: ALGORITHM.to_owned(),
        source: DataSource {
            host: url.host(),
            port: url.port(),
            database: url.database(),
            server_version,
        },
        settings: settings(session).await.map_err(reading("the settings"))?,
        tables: Vec::with_capacity(chosen.len()),
        sequences: Vec::new(),
    };
    for relation in chosen {
        let failed = || reading(&format!("what table {} is", relation.title()));
        let columns = relations::columns(session, relation).await.map_err(failed())?;
        let table = relations::described(relation, &columns);
        if table.columns.is_empty() {
            return Err(ExportError::NoColumns(relation.title()));
        }
        header.tables.push(table);
        header.sequences.extend(sequences(session, relation).await.map_err(failed())?);
    }
    Ok(header)
}

async fn settings(session: &mut Session) -> Result<BTreeMap<String, String>, sqlx::Error> {
    let names = OF_TEXT.map(|name| format!("'{name}'")).join(", ");
    let sql = format!("SELECT name, setting FROM pg_settings WHERE name IN ({names})");
    let rows: Vec<(String, String)> = session.rows(&sql).await?;
    Ok(rows.into_iter().collect())
}

/// Where the sequences stand. No snapshot holds them still, but since it was taken before, they are
/// at least as far as its rows need.
async fn sequences(
    session: &mut Session,
    relation: &Relation,
) -> Result<Vec<Sequence>, sqlx::Error> {
    let mut sequences = Vec::new();
    for owned in relations::sequences(session, relation).await? {
        let sql = format!("SELECT last_value, is_called FROM {}", owned.quoted());
        let (last_value, is_called) = session.row(&sql).await?;
        sequences.push(Sequence {
            schema: relation.schema.clone(),
            table: relation.name.clone(),
            name: format!("{}.{}", owned.schema, owned.name),
            column: owned.column,
            last_value,
            is_called,
        });
    }
    Ok(sequences)
}

async fn rows(
    session: &mut Session,
    relation: &Relation,
    table: &Table,
    writer: &mut Writer<&mut (dyn Write + Send)>,
    report: &dyn Report<DataEvent>,
) -> Result<(), ExportError> {
    let title = relation.title();
    let at = |rows| report.report(&DataEvent::Exporting { table: title.clone(), rows });
    at(0);
    writer.table(table).map_err(ExportError::Write)?;
    let mut row = 0;
    let sql = relations::copy_out(relation, table);
    let copied = session.copy_out(&sql, |line| {
        row += 1;
        let text = std::str::from_utf8(line).map_err(|_| Stop::NotText)?;
        writer.row(text).map_err(Stop::Write)?;
        if is_milestone(row) {
            at(row);
        }
        Ok(())
    });
    match copied.await {
        Ok(()) => writer.end(table).map_err(ExportError::Write),
        Err(Stop::Write(source)) => Err(ExportError::Write(source)),
        Err(Stop::NotText) => Err(ExportError::NotText { table: title, row }),
        Err(Stop::Database(source)) => Err(reading(&format!("the rows of {title}"))(source)),
    }
}

/// Why rows are not read any further.
enum Stop {
    Write(io::Error),
    NotText,
    Database(sqlx::Error),
}

impl From<sqlx::Error> for Stop {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}
