//! How far `pg_dump` has come, as the server sees it.

use std::time::Duration;

use dbkit::{ConnectOptions, DatabaseUrl, Report, connect::connect_session};
use sqlx::{Connection as _, PgConnection};

use crate::BackupEvent;

/// How often the server is asked.
const PAUSE: Duration = Duration::from_secs(1);

/// Which table is being copied, and how far. The planner's estimate of its rows may be missing or old.
///
/// <https://www.postgresql.org/docs/current/progress-reporting.html#COPY-PROGRESS-REPORTING>
const COPYING: &str = "
SELECT format('%I.%I', n.nspname, c.relname), tuples_processed, c.reltuples::bigint
FROM pg_stat_progress_copy p
JOIN pg_stat_activity a USING (pid)
JOIN pg_class c ON c.oid = p.relid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.application_name = $1 AND p.datname = current_database()
LIMIT 1";

/// Does `work`, and reports meanwhile what the session called `application` copies. Where that cannot be
/// seen, nothing is reported.
pub(crate) async fn beside<T>(
    work: impl Future<Output = T>,
    url: &DatabaseUrl,
    application: &str,
    report: &dyn Report<BackupEvent>,
) -> T {
    tokio::select! {
        biased;
        done = work => done,
        never = watch(url, application, report) => match never {},
    }
}

async fn watch(
    url: &DatabaseUrl,
    application: &str,
    report: &dyn Report<BackupEvent>,
) -> std::convert::Infallible {
    // A short dump is over before it is worth a connection.
    tokio::time::sleep(PAUSE).await;
    if let Ok(mut session) = connect_session(url, &ConnectOptions::new("seaworthy watch")).await {
        while look(&mut session, application, report).await.is_ok() {
            tokio::time::sleep(PAUSE).await;
        }
        let _ = session.close().await;
    }
    std::future::pending().await
}

async fn look(
    session: &mut PgConnection,
    application: &str,
    report: &dyn Report<BackupEvent>,
) -> Result<(), sqlx::Error> {
    let copying: Option<(String, i64, i64)> =
        sqlx::query_as(COPYING).bind(application).fetch_optional(session).await?;
    if let Some((table, rows, estimate)) = copying {
        let rows = u64::try_from(rows).unwrap_or_default();
        report.report(&BackupEvent::Copying { table, rows, of: u64::try_from(estimate).ok() });
    }
    Ok(())
}
