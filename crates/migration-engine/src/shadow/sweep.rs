//! Dropping the shadows of runs that were killed.

use chrono::{DateTime, TimeDelta, Utc};
use dbkit::Identifier;
use sqlx::{AssertSqlSafe, Executor as _, PgConnection};
use uuid::Uuid;

use super::PREFIX;

/// No shadow is used for so long without anybody being connected to it.
const ABANDONED: TimeDelta = TimeDelta::minutes(10);

/// Databases of our prefix to which nobody is connected.
const UNUSED: &str = "
SELECT datname::text FROM pg_catalog.pg_database d
WHERE starts_with(datname::text, $1)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid)";

/// Drops every shadow that is old and that nobody uses.
pub(super) async fn abandoned(
    session: &mut PgConnection,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let names: Vec<String> =
        sqlx::query_scalar(UNUSED).bind(PREFIX).fetch_all(&mut *session).await?;
    for name in names.iter().filter(|name| is_old(name, now)) {
        let sql = format!("DROP DATABASE IF EXISTS {}", Identifier(name));
        // It may be another role's, or somebody has just connected: it stays, and is no harm.
        drop(session.execute(AssertSqlSafe(sql)).await);
    }
    Ok(())
}

/// Whether the run in a shadow's name began more than ten minutes before `now`.
fn is_old(name: &str, now: DateTime<Utc>) -> bool {
    let begun = || {
        let (run, _) = name.strip_prefix(PREFIX)?.split_once('_')?;
        let (seconds, _) = Uuid::try_parse(run).ok()?.get_timestamp()?.to_unix();
        DateTime::from_timestamp(i64::try_from(seconds).ok()?, 0)
    };
    begun().is_some_and(|begun| now - begun > ABANDONED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_in_the_name_decides() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let name = |seconds: i64| {
            let at = u64::try_from((now.timestamp() + seconds) * 1_000).unwrap();
            let run = uuid::Builder::from_unix_timestamp_millis(at, &[7; 10]).into_uuid();
            format!("{PREFIX}{}_1", run.simple())
        };
        assert!(is_old(&name(-601), now));
        for other in [name(-600), name(0), name(3_600), format!("{PREFIX}x_1"), "app".to_owned()] {
            assert!(!is_old(&other, now), "{other}");
        }
    }
}
