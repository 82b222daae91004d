//! Recognising a database that somebody else made.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

/// The tables of the current schema, by name.
///
/// A database that has some, but no ledger, was not made by our migrations.
pub async fn tables(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    // Tables of an extension belong to nobody's schema history.
    let sql = "SELECT c.relname FROM pg_class c
               WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
                 AND NOT EXISTS (SELECT FROM pg_depend d
                                 WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                                   AND d.deptype = 'e')
               ORDER BY c.relname COLLATE \"C\"";
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// The tool whose ledger is in this database, if one is known.
pub async fn owner(db: &impl ConnectionTrait) -> Result<Option<&'static str>, DbErr> {
    const LEDGERS: [(&str, &str); 11] = [
        ("_prisma_migrations", "Prisma"),
        ("drizzle.__drizzle_migrations", "Drizzle"),
        ("atlas_schema_revisions.atlas_schema_revisions", "Atlas"),
        ("_sqlx_migrations", "sqlx"),
        ("__diesel_schema_migrations", "Diesel"),
        ("refinery_schema_history", "Refinery"),
        ("flyway_schema_history", "Flyway"),
        ("databasechangelog", "Liquibase"),
        ("sqitch.changes", "Sqitch"),
        ("goose_db_version", "goose"),
        ("schema_migrations", "golang-migrate, dbmate or Rails"),
    ];
    let names: Vec<_> = LEDGERS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let sql = "SELECT name FROM unnest($1) WITH ORDINALITY AS ledger (name, place)
               WHERE to_regclass(name) IS NOT NULL ORDER BY place LIMIT 1";
    let query = Statement::from_sql_and_values(DbBackend::Postgres, sql, [names.into()]);
    let Some(row) = db.query_one_raw(query).await? else { return Ok(None) };
    let found: String = row.try_get_by_index(0)?;
    Ok(LEDGERS.iter().find(|(name, _)| *name == found).map(|(_, tool)| *tool))
}

/// What a wipe would take: the number of tables of the current schema, and their rows as the
/// statistics collector last saw them.
pub async fn stakes(db: &impl ConnectionTrait) -> Result<(i64, i64), DbErr> {
    let sql = "SELECT count(*), coalesce(sum(n_live_tup), 0)::bigint
               FROM pg_stat_user_tables WHERE schemaname = current_schema()";
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    let row =
        row.ok_or_else(|| DbErr::RecordNotFound("an aggregate returned no row".to_owned()))?;
    Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))
}
