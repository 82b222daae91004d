//! What the database says is applied: the table that stock sea-orm-migration keeps.

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, Statement,
    sea_query::{Expr, ExprTrait as _, Query},
};
use sea_orm_migration::{MigratorTraitSelf, seaql_migrations::Column};

/// A migration that is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Its name.
    pub name: String,
    /// When, to the second.
    pub at: DateTime<Utc>,
}

/// Reads what is applied, in the order of application as far as seconds tell.
///
/// Creates nothing: a database without the table has nothing applied, and a read-only role may ask.
pub async fn read(
    db: &impl ConnectionTrait,
    migrator: &impl MigratorTraitSelf,
) -> Result<Vec<Applied>, DbErr> {
    if !exists(db, migrator).await? {
        return Ok(Vec::new());
    }
    let query = Query::select()
        .columns([Column::Version, Column::AppliedAt])
        .from(migrator.migration_table_name())
        .order_by(Column::AppliedAt, sea_orm::Order::Asc)
        .order_by(Column::Version, sea_orm::Order::Asc)
        .to_owned();
    let rows = db.query_all(&query).await?;
    rows.iter()
        .map(|row| {
            let seconds: i64 = row.try_get("", "applied_at")?;
            let at = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
            Ok(Applied { name: row.try_get("", "version")?, at })
        })
        .collect()
}

/// Whether the database has a ledger at all.
pub async fn exists(
    db: &impl ConnectionTrait,
    migrator: &impl MigratorTraitSelf,
) -> Result<bool, DbErr> {
    let table = migrator.migration_table_name().to_string();
    let sql = "SELECT to_regclass(quote_ident($1)) IS NOT NULL";
    let query = Statement::from_sql_and_values(DbBackend::Postgres, sql, [table.into()]);
    let row = db.query_one_raw(query).await?;
    row.map_or(Ok(false), |row| row.try_get_by_index(0))
}

/// Notes that `name` is applied, in the migration's own transaction.
pub(crate) async fn add(
    db: &impl ConnectionTrait,
    migrator: &impl MigratorTraitSelf,
    name: &str,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let insert = Query::insert()
        .into_table(migrator.migration_table_name())
        .columns([Column::Version, Column::AppliedAt])
        .values_panic([name.into(), now.timestamp().into()])
        .to_owned();
    db.execute(&insert).await.map(drop)
}

/// Notes that `name` is applied no longer, in the migration's own transaction.
pub(crate) async fn remove(
    db: &impl ConnectionTrait,
    migrator: &impl MigratorTraitSelf,
    name: &str,
) -> Result<(), DbErr> {
    let delete = Query::delete()
        .from_table(migrator.migration_table_name())
        .and_where(Expr::col(Column::Version).eq(name))
        .to_owned();
    db.execute(&delete).await.map(drop)
}
