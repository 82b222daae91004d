//! The queries of a header that must answer true before or after a migration.

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::Cause;

/// Asks every query; the first that does not answer `true` is the cause.
pub(super) async fn ask(
    db: &impl ConnectionTrait,
    which: &'static str,
    queries: &[String],
) -> Result<(), Cause> {
    for sql in queries {
        let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
        let answer = row.map(|row| row.try_get_by_index::<Option<bool>>(0)).transpose()?.flatten();
        if answer != Some(true) {
            return Err(Cause::Check { which, sql: sql.clone() });
        }
    }
    Ok(())
}
