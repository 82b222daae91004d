//! Whether a database is there at all, and lets us in.

use dbkit::{ConnectError, DatabaseUrl, connect};
use terminal::{Context, Exit, Failure};

/// It takes no connections: <https://www.postgresql.org/docs/current/errcodes-appendix.html>
const NOT_IN_PREREQUISITE_STATE: &str = "55000";

pub(super) async fn exists(url: &DatabaseUrl, context: &Context) -> Result<bool, Failure> {
    match connect(url, &context.connect_options(), &context.console).await {
        Ok(_) => Ok(true),
        Err(ConnectError::NoSuchDatabase { .. }) => Ok(false),
        Err(error) if is_closed(&error) => Err(Failure::new(Exit::HalfWay, "backup.closed", error)
            .context(format!("database `{}` lets nobody in", url.database()))
            .hint("if a restore has died, put it right: `backup doctor --repair`")),
        Err(error) => Err(Failure::connect(error)),
    }
}

fn is_closed(error: &ConnectError) -> bool {
    let ConnectError::Other { source, .. } = error else { return false };
    let code = source.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.as_deref() == Some(NOT_IN_PREREQUISITE_STATE)
}
