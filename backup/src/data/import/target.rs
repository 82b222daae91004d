//! The tables that are to take the rows, held so that nobody changes them meanwhile.

use super::{
    error::{ImportError, Problem, failed},
    refers::{self, Referring},
    statement::Work,
};
use crate::data::{
    header::Table,
    relations::{self, CatalogColumn, OwnedSequence, Relation},
    session::Session,
};

/// A table that can take the rows of a table of the file.
#[derive(Debug)]
pub(super) struct Target<'a> {
    pub(super) relation: Relation,
    /// What the file says of it.
    pub(super) table: &'a Table,
    /// The file's columns that UPDATE may set.
    pub(super) settable: Vec<String>,
    /// The columns that tell its rows apart; none where nothing does.
    pub(super) key: Vec<KeyColumn>,
    /// The foreign keys of tables that are not in the file.
    pub(super) referring: Vec<Referring>,
    pub(super) sequences: Vec<OwnedSequence>,
}

/// A column of a key, with the operator by which the key's index finds equal values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyColumn {
    pub(super) name: String,
    pub(super) equals: String,
}

/// Locks the tables for `work`, and looks whether they can take the rows.
pub(super) async fn lock<'a>(
    session: &mut Session,
    tables: &'a [Table],
    work: Work,
) -> Result<Vec<Target<'a>>, ImportError> {
    let found = found(session, tables).await?;
    let mut names: Vec<_> = found.iter().map(Relation::only).collect();
    // Everybody in one order, so that two imports do not wait for each other.
    names.sort();
    let mode = match work {
        Work::Insert => "ROW EXCLUSIVE",
        Work::Replace => "SHARE ROW EXCLUSIVE",
    };
    hold(session, &names, mode).await?;
    let described = described(session, tables, found, work).await?;
    if work == Work::Replace {
        // Else somebody could refer to a row between the look and the DELETE, and go with it.
        let referring = described.iter().flat_map(|target| &target.referring);
        let mut names: Vec<_> = referring.map(Referring::child).collect();
        names.sort();
        names.dedup();
        hold(session, &names, "SHARE").await?;
    }
    Ok(described)
}

async fn hold(session: &mut Session, names: &[String], mode: &str) -> Result<(), ImportError> {
    if names.is_empty() {
        return Ok(());
    }
    let sql = format!("LOCK TABLE {} IN {mode} MODE", names.join(", "));
    session.execute(&sql).await.map_err(failed("lock the tables"))
}

async fn found(session: &mut Session, tables: &[Table]) -> Result<Vec<Relation>, ImportError> {
    let all = relations::all(session).await.map_err(failed("look for the tables"))?;
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for table in tables {
        let same = |relation: &&Relation| {
            (&relation.schema, &relation.name) == (&table.schema, &table.name)
        };
        let name = table.to_string();
        match all.iter().find(same).map(|relation| (relation, unfit(relation))) {
            None => problems.push(Problem::NoTable(name)),
            Some((_, Some(kind))) => problems.push(Problem::NotATable { table: name, kind }),
            Some((relation, None)) => found.push(relation.clone()),
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(ImportError::Mismatch(problems)) }
}

fn unfit(relation: &Relation) -> Option<&'static str> {
    match relation.other_kind() {
        None if relation.is_partition => Some("a partition"),
        None if relation.schema == "seaworthy" => Some("a table of the tools"),
        kind => kind,
    }
}

async fn described<'a>(
    session: &mut Session,
    tables: &'a [Table],
    found: Vec<Relation>,
    work: Work,
) -> Result<Vec<Target<'a>>, ImportError> {
    let all: Vec<_> = found.iter().map(|relation| relation.oid).collect();
    let (mut targets, mut problems) = (Vec::new(), Vec::new());
    for (relation, table) in found.into_iter().zip(tables) {
        let looked = || failed(&format!("look at table {table}"));
        let columns = relations::columns(session, &relation).await.map_err(looked())?;
        problems.extend(unfit_columns(table, &columns));
        let (mut key, mut referring) = (Vec::new(), Vec::new());
        if work == Work::Replace {
            key = key_of(session, &relation).await.map_err(looked())?;
            referring = refers::of(session, &relation, &all).await.map_err(looked())?;
            if key.is_empty() {
                problems.extend(without_key(table, &referring));
            }
        }
        let sequences = relations::sequences(session, &relation).await.map_err(looked())?;
        let settable = settable(table, &columns);
        targets.push(Target { relation, table, settable, key, referring, sequences });
    }
    if problems.is_empty() { Ok(targets) } else { Err(ImportError::Mismatch(problems)) }
}

/// UPDATE refuses values for `GENERATED ALWAYS AS IDENTITY`, and knows no OVERRIDING.
fn settable(table: &Table, columns: &[CatalogColumn]) -> Vec<String> {
    let is_settable = |name: &&String| {
        !columns.iter().any(|column| column.name == **name && column.is_always_identity)
    };
    table.columns.iter().map(|column| &column.name).filter(is_settable).cloned().collect()
}

fn unfit_columns(table: &Table, columns: &[CatalogColumn]) -> Vec<Problem> {
    let name = table.to_string();
    let mut problems = Vec::new();
    for column in &table.columns {
        let (table, recorded) = (name.clone(), column.r#type.clone());
        let of_name = |found: &&CatalogColumn| found.name == column.name;
        let column = column.name.clone();
        match columns.iter().find(of_name) {
            None => problems.push(Problem::NoColumn { table, column }),
            Some(found) if found.is_generated => {
                problems.push(Problem::Generated { table, column });
            }
            Some(found) if found.sql_type != recorded => {
                let found = found.sql_type.clone();
                problems.push(Problem::OtherType { table, column, recorded, found });
            }
            Some(_) => {}
        }
    }
    let in_file = |column: &&CatalogColumn| table.columns.iter().any(|c| c.name == column.name);
    let missing = columns.iter().filter(|column| column.is_required && !in_file(column));
    problems
        .extend(missing.map(|c| Problem::Required { table: name.clone(), column: c.name.clone() }));
    problems
}

fn without_key<'a>(
    table: &'a Table,
    referring: &'a [Referring],
) -> impl Iterator<Item = Problem> + use<'a> {
    let dangerous = referring.iter().filter(|referring| referring.acts_on_delete);
    dangerous.map(|referring| Problem::NoKey {
        table: table.to_string(),
        constraint: referring.constraint.clone(),
        by: referring.title(),
    })
}

async fn key_of(session: &mut Session, relation: &Relation) -> Result<Vec<KeyColumn>, sqlx::Error> {
    let rows: Vec<(String, String)> = session.rows(&key_sql(relation)).await?;
    Ok(rows.into_iter().map(|(name, equals)| KeyColumn { name, equals }).collect())
}

/// The primary key, else a unique index of columns that are never null.
fn key_sql(relation: &Relation) -> String {
    format!(
        "SELECT a.attname::text,
             (SELECT format('OPERATOR(%I.%s)', n.nspname, o.oprname)
              FROM pg_opclass c
              JOIN pg_amop m ON m.amopfamily = c.opcfamily AND m.amopstrategy = 3
                  AND m.amoplefttype = c.opcintype AND m.amoprighttype = c.opcintype
              JOIN pg_operator o ON o.oid = m.amopopr
              JOIN pg_namespace n ON n.oid = o.oprnamespace
              WHERE c.oid = k.opclass)
         FROM (
             SELECT i.indexrelid, i.indkey::int2[] AS columns, i.indclass::oid[] AS classes, i.indnkeyatts
             FROM pg_index i
             WHERE i.indrelid = {oid} AND i.indisunique AND i.indisvalid
                 AND i.indpred IS NULL AND i.indexprs IS NULL
                 AND NOT EXISTS (
                     SELECT FROM pg_attribute a
                     WHERE a.attrelid = {oid} AND a.attnum = ANY (i.indkey)
                         AND (NOT a.attnotnull OR a.attgenerated <> '')
                 )
             ORDER BY i.indisprimary DESC, i.indexrelid LIMIT 1
         ) AS i
         CROSS JOIN LATERAL unnest(i.columns, i.classes) WITH ORDINALITY AS k (attnum, opclass, place)
         JOIN pg_attribute a ON a.attrelid = {oid} AND a.attnum = k.attnum
         WHERE k.place <= i.indnkeyatts
         ORDER BY k.place",
        oid = relation.oid,
    )
}
