//! How much a generated seed would bring, and about how long that would take.

use dbkit::Identifier;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use crate::{
    Generated, Options,
    copy::{Columns, Source as _, Tuples},
    run::Task,
    summary::{Counts, GeneratedProposal, TableProposal},
    survey::Survey,
};

/// What a row costs the server, in nanoseconds: into the table, for each index, and for each
/// foreign key that is checked. Measured; see `benches/README.md`.
const ROW_NS: u64 = 900;
const INDEX_NS: u64 = 1_000;
const FOREIGN_KEY_NS: u64 = 3_000;

/// Estimates what loading `task` would bring, going by the first cell that is missing.
pub(crate) async fn estimate(
    db: &impl ConnectionTrait,
    task: &Task<'_>,
    options: &Options,
) -> Result<GeneratedProposal, DbErr> {
    let cells = task.missing.count();
    let mut tables: Vec<TableProposal> = Vec::new();
    let mut nanoseconds = 0;
    if let Some(first) = task.missing.ranges().first() {
        for table in &task.tables {
            let (rows, bytes) = cell(db, table, first.start).await?;
            let (rows, bytes) = (rows.saturating_mul(cells), bytes.saturating_mul(cells));
            nanoseconds += rows.saturating_mul(cost(db, table.table()).await?);
            let at = tables.iter().position(|other| other.table == table.table());
            let at = at.unwrap_or_else(|| {
                let (table, counts) = (table.table(), Counts::default());
                tables.push(TableProposal { table, counts, bytes: 0 });
                tables.len() - 1
            });
            tables[at].counts.created += rows;
            tables[at].bytes += bytes;
        }
    }
    let jobs = options.jobs.get() as u64;
    Ok(GeneratedProposal {
        cells,
        bytes: tables.iter().map(|table| table.bytes).sum(),
        seconds: (nanoseconds / jobs.max(1)).div_ceil(1_000_000_000),
        present: task.present.as_ref().map_or(0, Survey::found),
        tables,
    })
}

/// How many rows a cell has, and how much data. Where the table is not there yet, the data is
/// unknown.
async fn cell(
    db: &impl ConnectionTrait,
    table: &Generated,
    cell: u64,
) -> Result<(u64, u64), DbErr> {
    let mut rows = 0;
    table.rows(cell, &mut |_| rows += 1);
    let Ok(columns) = Columns::read(db, table.table(), Generated::columns(table)).await else {
        return Ok((rows, 0));
    };
    let mut tuples = Tuples::new(columns);
    let bytes = table.append(cell, &mut tuples).map_or(0, |()| tuples.tally().bytes);
    Ok((rows, bytes))
}

/// What a row of `table` costs, in nanoseconds.
async fn cost(db: &impl ConnectionTrait, table: &str) -> Result<u64, DbErr> {
    let sql = "SELECT (SELECT count(*) FROM pg_index WHERE indrelid = to_regclass($1)),
                      (SELECT count(*) FROM pg_constraint
                       WHERE conrelid = to_regclass($1) AND contype = 'f')";
    let values = [Identifier(table).to_string().into()];
    let row = db
        .query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values))
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("a query of counts".to_owned()))?;
    let (indexes, keys): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    Ok(ROW_NS + indexes.unsigned_abs() * INDEX_NS + keys.unsigned_abs() * FOREIGN_KEY_NS)
}
