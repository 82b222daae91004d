//! The environment, written into the database itself.
//!
//! A flag can be wrong and a variable can be inherited; a stamp travels with the data. The first
//! seeding stamps, and from then on flag and stamp must agree.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};

use crate::{
    Environment,
    house_schema::{self, Part},
};

const PART: Part = Part {
    name: "stamp",
    steps: &["
CREATE TABLE seaworthy.environment (
    singleton boolean NOT NULL DEFAULT true,
    name text NOT NULL,
    stamped_at timestamptz NOT NULL DEFAULT now(),
    stamped_by text NOT NULL DEFAULT current_user,
    CONSTRAINT environment_pkey PRIMARY KEY (singleton),
    CONSTRAINT environment_is_one_row CHECK (singleton),
    CONSTRAINT environment_name_check
        CHECK (name IN ('development', 'testing', 'staging', 'production'))
);
COMMENT ON TABLE seaworthy.environment IS 'What kind of database this is; commands that disagree are refused'"],
};

/// Reads the stamp; a database that was never stamped has none.
pub async fn read(db: &impl ConnectionTrait) -> Result<Option<Environment>, DbErr> {
    let sql = "SELECT to_regclass('seaworthy.environment') IS NOT NULL";
    let there = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    if !there.map_or(Ok(false), |row| row.try_get_by_index(0))? {
        return Ok(None);
    }
    let sql = "SELECT name FROM seaworthy.environment";
    let Some(row) = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?
    else {
        return Ok(None);
    };
    let name: String = row.try_get_by_index(0)?;
    name.parse().map(Some).map_err(|error| DbErr::Custom(format!("the database's stamp: {error}")))
}

/// Makes room for the stamp where there is none.
pub async fn install(db: &DatabaseConnection) -> Result<(), DbErr> {
    house_schema::install(db, &PART).await
}

/// Stamps a database that has no stamp yet; an existing stamp stays as it is. There must be
/// [room](install) for it.
///
/// Whoever writes the first rows stamps in the same transaction: rows that nobody has stamped could
/// be taken for another environment's.
pub async fn write(db: &impl ConnectionTrait, environment: Environment) -> Result<(), DbErr> {
    let sql = "INSERT INTO seaworthy.environment (name) VALUES ($1) ON CONFLICT DO NOTHING";
    let values = [environment.name().into()];
    db.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
    Ok(())
}
