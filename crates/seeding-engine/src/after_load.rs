//! What a table needs after many rows came to it by another way than INSERT.

use dbkit::Identifier;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};

/// The ascending sequences that a column of the table owns, serial or identity.
const SEQUENCES: &str = r#"
    SELECT s.oid::regclass::text AS "sequence", a.attname::text AS "column"
    FROM pg_depend d
    JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
    JOIN pg_sequence q ON q.seqrelid = s.oid AND q.seqincrement > 0
    JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
        AND d.refobjid = to_regclass($1) AND d.deptype IN ('a', 'i')
    ORDER BY s.oid
"#;

#[derive(FromQueryResult)]
struct Owned {
    sequence: String,
    column: String,
}

/// Moves the sequences of the columns of `tables` past the greatest value that is there, so that the
/// next row of an application gets a number of its own. No sequence is ever moved back.
///
/// A sequence is outside of any transaction: after a rollback it stays where it was moved.
pub async fn set_sequences(db: &impl ConnectionTrait, tables: &[&str]) -> Result<(), DbErr> {
    for table in tables {
        let table = Identifier(table).to_string();
        let values = [table.clone().into()];
        let question = Statement::from_sql_and_values(DbBackend::Postgres, SEQUENCES, values);
        for Owned { sequence, column } in Owned::find_by_statement(question).all(db).await? {
            let column = Identifier(&column);
            let forward = format!(
                "SELECT setval('{}', greatest) \
                 FROM (SELECT max({column}) AS greatest FROM {table}) AS rows, {sequence} \
                 WHERE greatest > last_value OR greatest = last_value AND NOT is_called",
                sequence.replace('\'', "''")
            );
            db.execute_unprepared(&forward).await?;
        }
    }
    Ok(())
}

/// Tells the planner what is in `tables` now. It would learn so by itself, but only after the first
/// slow queries.
pub async fn analyze(db: &impl ConnectionTrait, tables: &[&str]) -> Result<(), DbErr> {
    for table in tables {
        db.execute_unprepared(&format!("ANALYZE {}", Identifier(table))).await?;
    }
    Ok(())
}
