//! The server that a migration is meant for.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

/// The major version of the server, such as 15.
pub async fn postgres_major(db: &impl ConnectionTrait) -> Result<u16, DbErr> {
    let sql = "SELECT current_setting('server_version_num')::integer / 10000";
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("a setting has no value".to_owned()))?;
    let major: i32 = row.try_get_by_index(0)?;
    u16::try_from(major).map_err(|error| DbErr::Type(error.to_string()))
}
