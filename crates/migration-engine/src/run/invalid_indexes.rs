//! Indexes that a failed `CREATE INDEX CONCURRENTLY` left: they serve no query, and `IF NOT EXISTS` would
//! take them for the real ones.

use dbkit::Identifier;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};

/// An invalid index that nobody is building.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InvalidIndex {
    schema: String,
    name: String,
    table: String,
}

impl InvalidIndex {
    /// Its qualified name.
    pub(crate) fn qualified(&self) -> String {
        format!("{}.{}", Identifier(&self.schema), Identifier(&self.name))
    }

    /// Whether one of the statements speaks of it or of its table.
    fn is_touched_by(&self, statements: &[String]) -> bool {
        statements.iter().any(|sql| {
            let mut words = sql.split(|c: char| !c.is_alphanumeric() && c != '_');
            words.any(|word| word == self.name || word == self.table)
        })
    }
}

/// The invalid indexes on what `statements` speak of.
pub(crate) async fn touched(
    db: &impl ConnectionTrait,
    statements: &[String],
) -> Result<Vec<InvalidIndex>, DbErr> {
    let all = find(db).await?;
    Ok(all.into_iter().filter(|index| index.is_touched_by(statements)).collect())
}

/// An index that another session is building right now is invalid, too, until it is done.
async fn find(db: &impl ConnectionTrait) -> Result<Vec<InvalidIndex>, DbErr> {
    let sql = "SELECT n.nspname::text, c.relname::text, t.relname::text
               FROM pg_index i
               JOIN pg_class c ON c.oid = i.indexrelid
               JOIN pg_class t ON t.oid = i.indrelid
               JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE NOT i.indisvalid AND c.relkind = 'i'
                 AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p
                                 WHERE p.index_relid = i.indexrelid)
               ORDER BY 1, 2";
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    rows.iter()
        .map(|row| {
            Ok(InvalidIndex {
                schema: row.try_get_by_index(0)?,
                name: row.try_get_by_index(1)?,
                table: row.try_get_by_index(2)?,
            })
        })
        .collect()
}

/// Drops them beside whoever uses their tables.
pub(crate) async fn remove(db: &DatabaseConnection, indexes: &[InvalidIndex]) -> Result<(), DbErr> {
    for index in indexes {
        let sql = format!("DROP INDEX CONCURRENTLY IF EXISTS {}", index.qualified());
        db.execute_unprepared(&sql).await?;
    }
    Ok(())
}
