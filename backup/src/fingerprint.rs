//! How many rows every table has, and a hash of them that does not depend on their order.
//!
//! A row is hashed as the line of text that `COPY` makes of it. While a backup is made those lines pass
//! by anyway ([`archive`](crate::archive)); here they are asked for. What an extension owns is left
//! out, because `pg_dump` leaves it to `CREATE EXTENSION`.

use std::collections::{BTreeMap, BTreeSet};

use dbkit::{Identifier, Report};

use crate::{
    BackupEvent,
    archive::Tally,
    manifest::{Content, LargeObjects, SequenceContent, SequenceState, TableContent},
    snapshot::{Snapshot, SnapshotError},
};

/// The name of this way to compute it, which changes when the results do.
pub(crate) const ALGORITHM: &str = "sum-xxh3-copy-rows-v2";

/// `r` is an ordinary table or a partition that has rows itself, `S` a sequence. The columns are those that
/// `pg_dump` copies, in its order: what is generated is not stored. A root is named where the hash of an enum says
/// into which of its partitions a row goes: `pg_dump` lets a restore choose anew then.
pub(crate) const RELATIONS: &str = "
SELECT n.nspname::text, c.relname::text, c.relkind::text, ARRAY(
    SELECT a.attname::text FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    ORDER BY a.attnum
), (
    SELECT ARRAY[rn.nspname::text, r.relname::text]
    FROM pg_class r JOIN pg_namespace rn ON rn.oid = r.relnamespace
    WHERE c.relispartition AND r.oid = pg_partition_root(c.oid) AND EXISTS (
        SELECT FROM pg_partition_ancestors(c.oid) AS a (oid)
        JOIN pg_partitioned_table p ON p.partrelid = a.oid AND p.partstrat = 'h'
        JOIN pg_attribute k ON k.attrelid = a.oid AND k.attnum = ANY (p.partattrs)
        JOIN pg_type t ON t.oid = k.atttypid AND t.typtype = 'e'
    )
)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'S') AND c.relpersistence <> 't'
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (
        SELECT FROM pg_depend d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
    )
ORDER BY n.nspname, c.relname";

/// How many pages the tables have of which a range of pages can be read without reading the others.
const PAGES: &str = "
SELECT n.nspname::text, c.relname::text,
    pg_relation_size(c.oid) / current_setting('block_size')::bigint
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am a ON a.oid = c.relam
WHERE c.relkind = 'r' AND a.amname = 'heap'
    AND current_setting('server_version_num')::int >= 140000";

/// So many pages (16 MiB) are read at a time, where the rows of a table are read in parts.
const PAGES_OF_A_PART: i64 = 2_048;

/// In pieces of 1 MiB: a large object may have terabytes, a value at most one gigabyte.
pub(crate) const LARGE_OBJECTS: &str = "
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
    root: Option<[String; 2]>,
}

impl Relation {
    /// Its name, quoted for SQL.
    fn quoted(&self) -> String {
        format!("{}.{}", Identifier(&self.schema), Identifier(&self.name))
    }

    /// Its columns, quoted for SQL.
    fn columns(&self) -> String {
        let quoted = self.columns.iter().map(|column| Identifier(column).to_string());
        quoted.collect::<Vec<_>>().join(", ")
    }

    fn is(&self, schema: &str, name: &str) -> bool {
        (self.schema.as_str(), self.name.as_str()) == (schema, name)
    }

    fn content(&self, tally: Tally) -> TableContent {
        TableContent {
            schema: self.schema.clone(),
            name: self.name.clone(),
            columns: self.columns.clone(),
            rows: tally.rows,
            hash: tally.hash.to_string(),
            root: self.root.clone(),
        }
    }
}

/// What [`RELATIONS`] answers: schema, name, kind, columns, and the schema and name of a root.
pub(crate) type RelationRow = (String, String, String, Vec<String>, Option<Vec<String>>);

impl Relations {
    /// What the rows of [`RELATIONS`] say.
    pub(crate) fn of(rows: Vec<RelationRow>) -> Self {
        let mut relations = Self::default();
        for (schema, name, kind, columns, root) in rows {
            let root = root.and_then(|root| root.try_into().ok());
            let relation = Relation { schema, name, columns, root };
            let list = if kind == "S" { &mut relations.sequences } else { &mut relations.tables };
            list.push(relation);
        }
        relations
    }

    /// The statements that copy the rows of each table, for a session that is not ours.
    pub(crate) fn copies(&self) -> Vec<String> {
        self.tables.iter().map(copy_sql).collect()
    }

    /// The queries that ask where each sequence stands, for a session that is not ours.
    pub(crate) fn positions(&self) -> Vec<String> {
        self.sequences.iter().map(position_sql).collect()
    }

    /// What is known of everything if such a session has answered so.
    pub(crate) fn come_to(
        &self,
        tallies: &[Tally],
        states: &[SequenceState],
        large_objects: LargeObjects,
    ) -> Content {
        let tables = self.tables.iter().zip(tallies);
        Content {
            tables: tables.map(|(table, tally)| table.content(*tally)).collect(),
            sequences: sequences(self, states),
            large_objects,
        }
    }

    /// The same with the columns in the order in which they were recorded, where they are the same
    /// columns: after a restore those of an inherited table may stand in another one.
    pub(crate) fn in_order_of(mut self, recorded: &Content) -> Self {
        for table in &mut self.tables {
            let like = recorded.tables.iter().find(|like| table.is(&like.schema, &like.name));
            if let Some(like) = like
                && BTreeSet::from_iter(&like.columns) == BTreeSet::from_iter(&table.columns)
            {
                table.columns.clone_from(&like.columns);
            }
        }
        self
    }

    /// Of the tables only those that are `wanted`, by schema and name.
    pub(crate) fn only_tables(mut self, wanted: impl Fn(&str, &str) -> bool) -> Self {
        self.tables.retain(|table| wanted(&table.schema, &table.name));
        self
    }

    /// The schema and name of every table.
    pub(crate) fn tables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tables.iter().map(|table| (table.schema.as_str(), table.name.as_str()))
    }
}

/// Lists the tables and sequences of the teams' schemas, and of ours.
pub(crate) async fn relations(snapshot: &mut Snapshot) -> Result<Relations, SnapshotError> {
    snapshot.rows("the tables", RELATIONS).await.map(Relations::of)
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

/// Some of a table's rows, or all of them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// The table's number among the [`Relations`].
    pub(crate) table: usize,
    /// What copies the rows. Their lines are the same as those of the whole table.
    pub(crate) copy: String,
}

/// Divides the tables' rows into parts that several sessions with the same view can read side by side.
pub(crate) async fn parts(
    snapshot: &mut Snapshot,
    relations: &Relations,
) -> Result<Vec<Part>, SnapshotError> {
    let pages: Vec<(String, String, i64)> = snapshot.rows("the tables' sizes", PAGES).await?;
    let pages: BTreeMap<_, _> =
        pages.iter().map(|(schema, name, pages)| ((&**schema, &**name), *pages)).collect();
    let of = |table: &Relation| {
        pages.get(&(table.schema.as_str(), table.name.as_str())).copied().unwrap_or_default()
    };
    let tables = relations.tables.iter().enumerate();
    Ok(tables.flat_map(|(number, table)| parts_of(number, table, of(table))).collect())
}

/// A page beyond the last one may be there when the table is read, so the last part has no end.
fn parts_of(number: usize, table: &Relation, pages: i64) -> Vec<Part> {
    let part = |copy| Part { table: number, copy };
    let count = pages / PAGES_OF_A_PART;
    if count < 2 || table.columns.is_empty() {
        return vec![part(copy_sql(table))];
    }
    let rows = format!("SELECT {} FROM ONLY {}", table.columns(), table.quoted());
    let range = |index: i64| {
        let from = index * PAGES_OF_A_PART;
        let end = if index + 1 < count {
            format!(" AND ctid < '({},0)'", from + PAGES_OF_A_PART)
        } else {
            String::new()
        };
        part(format!("COPY ({rows} WHERE ctid >= '({from},0)'{end}) TO STDOUT"))
    };
    (0..count).map(range).collect()
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
        tables.push(table.content(tally(snapshot, table).await?));
    }
    Ok(Content {
        tables,
        sequences: sequences(relations, &before),
        large_objects: large_objects(snapshot).await?,
    })
}

/// What is known of everything if the tables' rows come to `tallies`.
pub(crate) async fn content_of(
    snapshot: &mut Snapshot,
    relations: &Relations,
    before: &[SequenceState],
    tallies: &BTreeMap<(&str, &str), Tally>,
) -> Result<Content, SnapshotError> {
    let tally = |table: &Relation| {
        tallies.get(&(table.schema.as_str(), table.name.as_str())).copied().unwrap_or_default()
    };
    Ok(Content {
        tables: relations.tables.iter().map(|table| table.content(tally(table))).collect(),
        sequences: sequences(relations, before),
        large_objects: large_objects(snapshot).await?,
    })
}

/// How many rows every table has, in the order of `relations`.
pub(crate) async fn counts(
    snapshot: &mut Snapshot,
    relations: &Relations,
) -> Result<Vec<u64>, SnapshotError> {
    let mut counts = Vec::with_capacity(relations.tables.len());
    for table in &relations.tables {
        let what = format!("the rows of {}", table.quoted());
        let sql = format!("SELECT count(*) FROM ONLY {}", table.quoted());
        let count: i64 = snapshot.scalar(&what, &sql).await?;
        counts.push(u64::try_from(count).unwrap_or_default());
    }
    Ok(counts)
}

/// Where the sequences stand at this moment, in the order of `relations`.
pub(crate) async fn states(
    snapshot: &mut Snapshot,
    relations: &Relations,
) -> Result<Vec<SequenceState>, SnapshotError> {
    let mut states = Vec::with_capacity(relations.sequences.len());
    for sequence in &relations.sequences {
        let what = format!("sequence {}", sequence.quoted());
        let (last_value, is_called) = snapshot.row(&what, &position_sql(sequence)).await?;
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

async fn tally(snapshot: &mut Snapshot, table: &Relation) -> Result<Tally, SnapshotError> {
    let what = format!("the rows of {}", table.quoted());
    snapshot.tally(&what, &copy_sql(table)).await
}

fn position_sql(sequence: &Relation) -> String {
    format!("SELECT last_value, is_called FROM {}", sequence.quoted())
}

fn copy_sql(table: &Relation) -> String {
    if table.columns.is_empty() {
        return format!("COPY {} TO STDOUT", table.quoted());
    }
    format!("COPY {} ({}) TO STDOUT", table.quoted(), table.columns())
}

/// How many large objects there are.
pub(crate) async fn count_large_objects(
    snapshot: &mut Snapshot,
) -> Result<LargeObjects, SnapshotError> {
    let sql = "SELECT count(*) FROM pg_largeobject_metadata";
    let count: i64 = snapshot.scalar("the large objects", sql).await?;
    Ok(LargeObjects { count: u64::try_from(count).unwrap_or_default(), hash: String::new() })
}

/// How many large objects there are, and a hash of them.
pub(crate) async fn large_objects(snapshot: &mut Snapshot) -> Result<LargeObjects, SnapshotError> {
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
            root: None,
        };
        assert_eq!(copy_sql(&table), "COPY \"a\"\"b\".\"t; --\" (\"t\", \"x\"\"\") TO STDOUT");
    }

    #[test]
    fn the_parts_of_a_large_table_touch_and_have_no_end() {
        let columns = vec!["n".to_owned()];
        let table = Relation { schema: "s".to_owned(), name: "t".to_owned(), columns, root: None };
        let copies = |pages| -> Vec<String> {
            parts_of(7, &table, pages).into_iter().map(|part| part.copy).collect()
        };
        assert_eq!(copies(2 * PAGES_OF_A_PART - 1), [copy_sql(&table)]);
        let from = "COPY (SELECT \"n\" FROM ONLY \"s\".\"t\" WHERE ctid";
        assert_eq!(
            copies(3 * PAGES_OF_A_PART + 5),
            [
                format!("{from} >= '(0,0)' AND ctid < '(2048,0)') TO STDOUT"),
                format!("{from} >= '(2048,0)' AND ctid < '(4096,0)') TO STDOUT"),
                format!("{from} >= '(4096,0)') TO STDOUT"),
            ]
        );
    }
}
