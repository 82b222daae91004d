//! What a fill wrote, as the history keeps it: like the rows of a seed, so that they can be taken back.

use chrono::{DateTime, Utc};
use sea_orm::{DatabaseTransaction, DbErr};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{
    keys::{KeySpan, Keys},
    run::FillRun,
    summary::FilledTable,
};
use crate::{
    Content, Kind, Seed, World,
    copy::Fingerprint,
    history::{self, PartTable, RowAction, RunStatus, Start, WrittenRow},
    summary::{Counts, SeedSummary},
};

/// The seed that filled rows count as.
pub const SEED: &str = "fill";

/// What becomes of a filled row is up to its table's definition, not to a version.
const VERSION: u32 = 1;

/// So many rows are told of in one statement.
const CHUNK: usize = 10_000;

/// The seed that filled rows count as. It has none of its own.
pub(crate) fn as_seed() -> Seed {
    Seed {
        id: SEED,
        description: "rows of tables that were filled from their definitions",
        kind: Kind::Volume,
        version: VERSION,
        environments: Kind::Volume.environments(),
        requires: &[],
        content: Content::rows(|_| Vec::new()),
    }
}

/// Begins the run in the history.
pub(super) async fn begin(
    db: &DatabaseTransaction,
    run: &FillRun,
    world: World,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let start = Start {
        id: run.id,
        environment: run.environment,
        world,
        scale: None,
        shard: None,
        tool_version: &run.tool_version,
        git_revision: run.git_revision.as_deref(),
        actor: &run.actor,
        at,
    };
    history::begin(db, &start).await
}

/// Writes what was written to `tables`, and that the run has come to its end.
pub(super) async fn finish(
    db: &DatabaseTransaction,
    run: Uuid,
    tables: &[FilledTable],
    started: DateTime<Utc>,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    for table in tables {
        history::record_part(db, &parts(run, table)).await?;
        for rows in rows(table).chunks(CHUNK) {
            history::record_rows(db, run, rows).await?;
        }
    }
    let counts = Counts {
        created: tables.iter().map(|table| table.written).sum(),
        updated: 0,
        unchanged: tables.iter().map(|table| table.existing).sum(),
    };
    let duration_ms = u64::try_from((at - started).num_milliseconds()).unwrap_or_default();
    let summary = SeedSummary {
        seed: SEED,
        kind: Kind::Volume,
        version: VERSION,
        counts,
        duration_ms,
        tables: Vec::new(),
        generated: None,
    };
    history::record_seeds(db, run, &[summary]).await?;
    history::finish(db, run, RunStatus::Applied, None, at).await
}

/// The ranges that `table` was given; rows are numbered on from those that it had.
fn parts(run: Uuid, table: &FilledTable) -> Vec<PartTable> {
    let Keys::Spans { column, spans } = &table.keys else { return Vec::new() };
    let mut next = table.existing;
    let part = |span: &KeySpan| {
        let cells = next..next + span.rows;
        next = cells.end;
        PartTable {
            run,
            seed: SEED.to_owned(),
            version: VERSION,
            table: table.table.clone(),
            cells,
            key_column: column.clone(),
            key_from: span.first.clone(),
            key_before: span.before.clone(),
            rows: span.rows,
            bytes: 0,
            fingerprint: Fingerprint::default(),
            duration_ms: 0,
        }
    };
    spans.iter().map(part).collect()
}

/// The rows that `table` was given, where no range tells them from others.
fn rows(table: &FilledTable) -> Vec<WrittenRow> {
    let Keys::List { columns, values } = &table.keys else { return Vec::new() };
    let row = |key: &Vec<String>| WrittenRow {
        seed: SEED.to_owned(),
        table: table.table.clone(),
        action: RowAction::Created,
        key: columns.iter().cloned().zip(key.iter().cloned().map(Json::from)).collect(),
        before: None,
        // Nothing is said of the values, so that no row counts as edited.
        after: Json::Object(Map::new()),
    };
    values.iter().map(row).collect()
}
