//! How many rows every table has, and a hash of them that does not depend on their order.
//!
//! A row is hashed as text, with its columns in the order of their names: after a restore the
//! columns of an inherited table may stand in another order. The hash has 64 bits and is summed
//! up, which finds every mistake and no forgery. What an extension owns is left out, because
//! `pg_dump` leaves it to `CREATE EXTENSION`.

use std::fmt::Write as _;

use dbkit::{Identifier, Report};

use crate::{
    BackupEvent,
    manifest::{Content, LargeObjects, SequenceContent, SequenceState, TableContent},
    snapshot::{Snapshot, SnapshotError},
};

/// The name of this way to compute it, which changes when the results do.
pub(crate) const ALGORITHM: &str = "sum-hashtextextended-rows-v1";

/// `r` is an ordinary table or a partition that has rows itself, `S` a sequence.
const RELATIONS: &str = "
SELECT n.nspname::text, c.relname::text, c.relkind::text, ARRAY(
    SELECT a.attname::text FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attname
)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'S') AND c.relpersistence <> 't'
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (
        SELECT FROM pg_depend d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
    )
ORDER BY n.nspname, c.relname";

/// In pieces of 1 MiB: a large object may have terabytes, a value at most one gigabyte.
const LARGE_OBJECTS: &str = "
WITH RECURSIVE piece (object, number, data) AS (
    SELECT oid, 0::bigint, lo_get(oid, 0, 1048576) FROM pg_largeobject_metadata
    UNION ALL
    SELECT object, number + 1, lo_get(object, (number + 1) * 1048576, 1048576)
    FROM piece WHERE length(data) = 1048576
)
SELECT count(*) FILTER (WHERE number = 0), coalesce(sum(hashtextextended(
    concat(object, ':', number, ':', encode(data, 'hex')) COLLATE \"C\", 0
)), 0)::text
FROM piece";

/// The tables and sequences to look at.
#[derive(Debug, Default)]
pub(crate) struct Relations {
    tables: Vec<Relation>,
    sequences: Vec<Relation>,
}

#[derive(Debug)]
struct Relation {
    schema: String,
    name: String,
    columns: Vec<String>,
}

impl Relation {
    /// Its name, quoted for SQL.
    fn quoted(&self) -> String {
        format!("{}.{}", Identifier(&self.schema), Identifier(&self.name))
    }
}

/// Lists the tables and sequences of the teams' schemas, and of ours.
pub(crate) async fn relations(snapshot: &mut Snapshot) -> Result<Relations, SnapshotError> {
    let rows: Vec<(String, String, String, Vec<String>)> =
        snapshot.rows("the tables", RELATIONS).await?;
    let mut relations = Relations::default();
    for (schema, name, kind, columns) in rows {
        let relation = Relation { schema, name, columns };
        let list = if kind == "S" { &mut relations.sequences } else { &mut relations.tables };
        list.push(relation);
    }
    Ok(relations)
}

/// Keeps the tables as they are until the snapshot is closed: writing goes on, ALTER waits.
///
/// All at once and before `pg_dump` does the same. A table that was locked only later could have
/// been rewritten in between, and would look empty through the snapshot.
pub(crate) async fn lock(
    snapshot: &mut Snapshot,
    relations: &Relations,
) -> Result<(), SnapshotError> {
    if relations.tables.is_empty() {
        return Ok(());
    }
    let tables: Vec<_> =
        relations.tables.iter().map(|table| format!("ONLY {}", table.quoted())).collect();
    let sql = format!("LOCK TABLE {} IN ACCESS SHARE MODE", tables.join(", "));
    snapshot.execute("the tables", sql).await
}

/// Counts and hashes everything. The sequences' two states are the same here; see [`states`].
pub(crate) async fn content(
    snapshot: &mut Snapshot,
    relations: &Relations,
    report: &dyn Report<BackupEvent>,
) -> Result<Content, SnapshotError> {
    let before = states(snapshot, relations).await?;
    let mut tables = Vec::with_capacity(relations.tables.len());
    for (index, table) in relations.tables.iter().enumerate() {
        report.report(&BackupEvent::Hashing {
            schema: table.schema.clone(),
            table: table.name.clone(),
            number: index + 1,
            of: relations.tables.len(),
        });
        tables.push(table_content(snapshot, table).await?);
    }
    Ok(Content {
        tables,
        sequences: sequences(relations, &before),
        large_objects: large_objects(snapshot).await?,
    })
}

/// Where the sequences stand at this moment, in the order of `relations`.
pub(crate) async fn states(
    snapshot: &mut Snapshot,
    relations: &Relations,
) -> Result<Vec<SequenceState>, SnapshotError> {
    let mut states = Vec::with_capacity(relations.sequences.len());
    for sequence in &relations.sequences {
        let what = format!("sequence {}", sequence.quoted());
        let sql = format!("SELECT last_value, is_called FROM {}", sequence.quoted());
        let (last_value, is_called) = snapshot.row(&what, &sql).await?;
        states.push(SequenceState { last_value, is_called });
    }
    Ok(states)
}

fn sequences(relations: &Relations, states: &[SequenceState]) -> Vec<SequenceContent> {
    let with_state = |(sequence, &state): (&Relation, _)| SequenceContent {
        schema: sequence.schema.clone(),
        name: sequence.name.clone(),
        before: state,
        after: state,
    };
    relations.sequences.iter().zip(states).map(with_state).collect()
}

async fn table_content(
    snapshot: &mut Snapshot,
    table: &Relation,
) -> Result<TableContent, SnapshotError> {
    let what = format!("the rows of {}", table.quoted());
    let (rows, hash): (i64, String) = snapshot.row(&what, &hash_sql(table)).await?;
    Ok(TableContent {
        schema: table.schema.clone(),
        name: table.name.clone(),
        rows: u64::try_from(rows).unwrap_or_default(),
        hash,
    })
}

fn hash_sql(table: &Relation) -> String {
    let mut columns = String::new();
    for column in &table.columns {
        let comma = if columns.is_empty() { "" } else { ", " };
        // Writing to a `String` cannot fail.
        let _ = write!(columns, "{comma}t.{}", Identifier(column));
    }
    format!(
        "SELECT count(*), \
         coalesce(sum(hashtextextended(ROW({columns})::text COLLATE \"C\", 0)), 0)::text \
         FROM ONLY {} AS t",
        table.quoted()
    )
}

async fn large_objects(snapshot: &mut Snapshot) -> Result<LargeObjects, SnapshotError> {
    let (count, hash): (i64, String) = snapshot.row("the large objects", LARGE_OBJECTS).await?;
    Ok(LargeObjects { count: u64::try_from(count).unwrap_or_default(), hash })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_stay_names() {
        let table = Relation {
            schema: "a\"b".to_owned(),
            name: "t; --".to_owned(),
            columns: vec!["t".to_owned(), "x\"".to_owned()],
        };
        assert_eq!(
            hash_sql(&table),
            "SELECT count(*), coalesce(sum(hashtextextended(ROW(t.\"t\", t.\"x\"\"\")::text \
             COLLATE \"C\", 0)), 0)::text FROM ONLY \"a\"\"b\".\"t; --\" AS t"
        );
    }
}
