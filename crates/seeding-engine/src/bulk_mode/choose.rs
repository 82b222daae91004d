//! Whether it pays and is safe to take a table apart.

use dbkit::Identifier;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};

/// With fewer rows, dropping and making objects costs more than it saves.
const FEWEST_ROWS: u64 = 20_000;

/// Building over the rows that are there must not eat up what is saved: there may be a tenth.
const SHARE: u64 = 10;

const FACTS: &str = r#"
    SELECT
        c.relkind = 'r' AS "is_plain",
        c.relispartition OR EXISTS (
            SELECT FROM pg_inherits i WHERE c.oid IN (i.inhrelid, i.inhparent)
        ) AS "is_related",
        pg_has_role(c.relowner, 'USAGE')
            AND has_schema_privilege(c.relnamespace, 'CREATE')
            AND NOT EXISTS (
                SELECT FROM pg_constraint f
                WHERE f.conrelid = c.oid AND f.contype = 'f'
                    AND NOT has_table_privilege(f.confrelid, 'REFERENCES')
            ) AS "is_ours",
        EXISTS (SELECT FROM pg_subscription_rel s WHERE s.srrelid = c.oid) AS "is_subscribed"
    FROM pg_class c
    WHERE c.oid = to_regclass($1)
"#;

/// How rows get into a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The table.
    pub table: String,
    /// Why its indexes and constraints stay during the load; nothing if they go.
    pub unsuitable: Option<Unsuitable>,
}

/// Why a table's indexes and constraints stay during the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsuitable {
    /// Too few rows to be worth it.
    #[error("{incoming} rows are fewer than {FEWEST_ROWS}")]
    FewRows {
        /// How many rows come.
        incoming: u64,
    },
    /// Too many rows are there already.
    #[error("more than a tenth of {incoming} rows are there already")]
    Filled {
        /// How many rows come.
        incoming: u64,
    },
    /// It is no ordinary table, or it is not there.
    #[error("it is no ordinary table")]
    NotPlain,
    /// A partition, or a parent or child by inheritance.
    #[error("it is a partition or part of an inheritance")]
    Related,
    /// The role may not make again what it would drop.
    #[error("the role does not own it, or lacks a privilege to make its indexes and keys again")]
    NotOurs,
    /// Logical replication writes to it.
    #[error("a subscription writes to it")]
    Subscribed,
}

#[derive(FromQueryResult)]
#[expect(clippy::struct_excessive_bools, reason = "one answer for each question to the catalog")]
struct Facts {
    is_plain: bool,
    is_related: bool,
    is_ours: bool,
    is_subscribed: bool,
}

/// Decides for `table`, into which `incoming` rows are to come.
pub async fn choose(
    db: &impl ConnectionTrait,
    table: &str,
    incoming: u64,
) -> Result<Choice, DbErr> {
    let quoted = Identifier(table).to_string();
    let question = Statement::from_sql_and_values(DbBackend::Postgres, FACTS, [quoted.into()]);
    let facts = Facts::find_by_statement(question).one(db).await?;
    let unsuitable = match judge(facts.as_ref(), incoming) {
        None if is_filled(db, table, incoming).await? => Some(Unsuitable::Filled { incoming }),
        judged => judged,
    };
    Ok(Choice { table: table.to_owned(), unsuitable })
}

fn judge(facts: Option<&Facts>, incoming: u64) -> Option<Unsuitable> {
    if incoming < FEWEST_ROWS {
        return Some(Unsuitable::FewRows { incoming });
    }
    match facts {
        None | Some(Facts { is_plain: false, .. }) => Some(Unsuitable::NotPlain),
        Some(Facts { is_related: true, .. }) => Some(Unsuitable::Related),
        Some(Facts { is_ours: false, .. }) => Some(Unsuitable::NotOurs),
        Some(Facts { is_subscribed: true, .. }) => Some(Unsuitable::Subscribed),
        Some(_) => None,
    }
}

/// Counts no further than the answer needs.
async fn is_filled(db: &impl ConnectionTrait, table: &str, incoming: u64) -> Result<bool, DbErr> {
    let most = incoming / SHARE;
    let table = Identifier(table);
    let sql = format!("SELECT EXISTS (SELECT FROM {table} OFFSET {most} LIMIT 1)");
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    row.map_or(Ok(false), |row| row.try_get_by_index(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUITABLE: Facts =
        Facts { is_plain: true, is_related: false, is_ours: true, is_subscribed: false };

    #[test]
    fn many_rows_into_an_ordinary_table_of_ours_are_indexed_afterwards() {
        assert_eq!(judge(Some(&SUITABLE), FEWEST_ROWS), None);
    }

    #[test]
    fn every_refusal_has_its_reason() {
        let incoming = FEWEST_ROWS;
        for (facts, reason) in [
            (None, Unsuitable::NotPlain),
            (Some(Facts { is_plain: false, ..SUITABLE }), Unsuitable::NotPlain),
            (Some(Facts { is_related: true, ..SUITABLE }), Unsuitable::Related),
            (Some(Facts { is_ours: false, ..SUITABLE }), Unsuitable::NotOurs),
            (Some(Facts { is_subscribed: true, ..SUITABLE }), Unsuitable::Subscribed),
        ] {
            assert_eq!(judge(facts.as_ref(), incoming), Some(reason));
        }
        let few = FEWEST_ROWS - 1;
        assert_eq!(judge(Some(&SUITABLE), few), Some(Unsuitable::FewRows { incoming: few }));
    }
}
