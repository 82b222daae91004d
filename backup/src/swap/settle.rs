//! The exchange, and the way back where it does not come to its end.

use std::time::{Duration, Instant};

use dbkit::{Identifier, Report};

use super::{
    exchange::{Exchange, comment_literal},
    properties,
};
use crate::{
    BackupEvent, RestoreError,
    server::{Server, ServerError},
};

/// How long a session that has lost its client may still be at work.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// Exchanges two databases, or leaves them as they were; how long nobody could get in.
pub(super) async fn exchange(
    server: &mut Server,
    what: &Exchange<'_>,
    report: &dyn Report<BackupEvent>,
) -> Result<Duration, RestoreError> {
    let begun = Instant::now();
    let Err(failure) = what.carry_out(server, report).await else {
        return Ok(begun.elapsed());
    };
    match settle(server, what).await {
        Ok(Settled::Reopened) => Err(RestoreError::Exchange(failure)),
        Ok(Settled::Exchanged) => Ok(begun.elapsed()),
        Err(_) => {
            let (database, failure) = (what.name.to_owned(), Box::new(failure));
            Err(RestoreError::HalfWay { database, failure })
        }
    }
}

enum Settled {
    Reopened,
    Exchanged,
}

/// Finds out what the server has made of it, over a new connection if the first one is gone.
async fn settle(server: &mut Server, what: &Exchange<'_>) -> Result<Settled, ServerError> {
    if reopen(server, what).await.is_ok() {
        return Ok(Settled::Reopened);
    }
    let mut anew = Server::open(server.url(), what.name).await?;
    // The old session holds it for as long as the server is busy with what we have said last.
    anew.claim(what.name, LAST_WORDS).await?;
    let kept = properties::read(&mut anew, what.kept).await?;
    let settled = if kept.is_some_and(|kept| kept.oid == what.live.oid) {
        Settled::Exchanged
    } else {
        reopen(&mut anew, what).await?;
        Settled::Reopened
    };
    anew.close().await;
    Ok(settled)
}

async fn reopen(server: &mut Server, what: &Exchange<'_>) -> Result<(), ServerError> {
    server.execute("give up the exchange", "ROLLBACK").await?;
    let sql = format!(
        "BEGIN; {}; {}; COMMIT",
        open_sql(what.name, what.live.belongings.comment.as_deref()),
        allow_sql(what.next.0),
    );
    server.execute("open the database again", &sql).await
}

/// Lets everybody in again, and gives a database its comment back.
pub(crate) fn open_sql(database: &str, comment: Option<&str>) -> String {
    format!(
        "COMMENT ON DATABASE {} IS {}; {}",
        Identifier(database),
        comment_literal(comment),
        allow_sql(database),
    )
}

/// Lets everybody in again.
pub(crate) fn allow_sql(database: &str) -> String {
    format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", Identifier(database))
}
