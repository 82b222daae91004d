//! Which of the two ledgers a database has, and whether this role may read ours: one question, before all others.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement};

use super::Table;
use crate::Project;

// In this order, because `to_regclass` is an error for a role that may not look into the schema. Functions, because the
// same as a join of the catalog costs a new connection more than everything else that it reads.
const LOOK: &str = "
SELECT (SELECT n.nspname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid = to_regclass(quote_ident($1))),
       CASE WHEN to_regnamespace('seaworthy') IS NULL THEN 'absent'
            WHEN NOT has_schema_privilege('seaworthy', 'USAGE') THEN 'hidden'
            WHEN to_regclass('seaworthy.migration_ledger') IS NULL THEN 'absent'
            WHEN NOT has_table_privilege('seaworthy.migration_ledger', 'SELECT') THEN 'hidden'
            ELSE 'readable' END";

/// What there is of the two ledgers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct There {
    /// The table of stock sea-orm-migration.
    pub(crate) stock: Option<Table>,
    /// Ours.
    pub(crate) own: Own,
}

/// What there is of our own ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Own {
    /// Nothing.
    Absent,
    /// Something that this role may not read.
    Hidden,
    /// All of it.
    Readable,
}

impl There {
    /// Looks on the search path, and in the schema `seaworthy`.
    pub(crate) async fn look(db: &impl ConnectionTrait, project: &Project) -> Result<Self, DbErr> {
        let name = project.ledger_table().to_string();
        let query =
            Statement::from_sql_and_values(DbBackend::Postgres, LOOK, [name.clone().into()]);
        let row = db.query_one_raw(query).await?;
        row.map_or(Ok(Self { stock: None, own: Own::Absent }), |row| Self::of(&row, name))
    }

    fn of(row: &QueryResult, name: String) -> Result<Self, DbErr> {
        let schema: Option<String> = row.try_get_by_index(0)?;
        let own = match row.try_get_by_index::<String>(1)?.as_str() {
            "absent" => Own::Absent,
            "hidden" => Own::Hidden,
            _ => Own::Readable,
        };
        Ok(Self { stock: schema.map(|schema| Table::new(schema, name)), own })
    }
}
