//! Filling a table or a column from its copy, in SQL.

use dbkit::{Identifier, Literal};
use sea_orm::{ConnectionTrait, DbErr};

use super::{
    catalog::{self, Column},
    execute, query,
};

/// A column as the table has it, and as the copy has it.
type Pair<'a> = (&'a Column, &'a Column);

/// What came of filling a table.
#[derive(Debug, Default)]
pub(super) struct Filled {
    /// Rows that were written.
    pub(super) written: u64,
    /// Kept rows that are not in the table as they were, because others stand in their place.
    pub(super) differing: u64,
}

/// The columns that both have; what is computed is computed again.
pub(super) fn common<'a>(table: &'a [Column], copy: &'a [Column]) -> Vec<Pair<'a>> {
    let columns = table.iter().filter(|column| !column.generated);
    columns.filter_map(|own| Some((own, copy.iter().find(|kept| kept.name == own.name)?))).collect()
}

fn values(columns: &[Pair]) -> String {
    columns.iter().map(|(own, copy)| own.restored(copy)).collect::<Vec<_>>().join(", ")
}

/// Puts the `kept` rows of `copy` into `table`; rows that are there already stay as they are.
pub(super) async fn fill(
    conn: &impl ConnectionTrait,
    (table, copy): (&str, &str),
    columns: &[Pair<'_>],
    kept: u64,
) -> Result<Filled, DbErr> {
    let (names, values) = (catalog::list(columns.iter().map(|(own, _)| *own)), values(columns));
    let insert = format!(
        "INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE
         SELECT {values} FROM {copy} AS kept ON CONFLICT DO NOTHING"
    );
    let written = execute(conn, &insert).await?;
    let mut filled = Filled { written, differing: 0 };
    if written < kept {
        filled.differing = differing(conn, &names, &values, (table, copy)).await?;
    }
    Ok(filled)
}

/// As text, because not every type can be compared.
async fn differing(
    conn: &impl ConnectionTrait,
    names: &str,
    values: &str,
    (table, copy): (&str, &str),
) -> Result<u64, DbErr> {
    let sql = format!(
        "SELECT count(*) FROM (
             SELECT ROW({values})::text FROM {copy} AS kept
             EXCEPT ALL SELECT ROW({names})::text FROM {table}
         ) AS missing"
    );
    let row = conn.query_one_raw(query(&sql, [])).await?;
    let count: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// Puts the values of `column` back where the key finds their row, and returns how many.
pub(super) async fn set(
    conn: &impl ConnectionTrait,
    (table, copy): (&str, &str),
    column: Pair<'_>,
    key: &[Pair<'_>],
) -> Result<u64, DbErr> {
    let same =
        |(own, copy): &Pair| format!("own.{} = {}", Identifier(&own.name), own.restored(copy));
    let same: Vec<_> = key.iter().map(same).collect();
    let update = format!(
        "UPDATE {table} AS own SET {} = {} FROM {copy} AS kept WHERE {}",
        Identifier(&column.0.name),
        column.0.restored(column.1),
        same.join(" AND "),
    );
    execute(conn, &update).await
}

/// Lets the sequences of these columns go on behind the largest value.
pub(super) async fn advance_sequences(
    conn: &impl ConnectionTrait,
    table: &str,
    columns: &[Pair<'_>],
) -> Result<(), DbErr> {
    const SEQUENCE: &str = "SELECT pg_get_serial_sequence($1, $2)";
    for (own, _) in columns {
        let values = [table.into(), own.name.clone().into()];
        let row = conn.query_one_raw(query(SEQUENCE, values)).await?;
        let sequence: Option<String> = row.map_or(Ok(None), |row| row.try_get_by_index(0))?;
        let Some(sequence) = sequence else { continue };
        let advance = format!(
            "SELECT setval({name}, top) FROM (SELECT max({column})::bigint AS top FROM {table}) AS t
             WHERE top > (SELECT last_value - (NOT is_called)::int FROM {sequence})",
            name = Literal(&sequence),
            column = Identifier(&own.name),
        );
        execute(conn, &advance).await?;
    }
    Ok(())
}
