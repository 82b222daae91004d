//! Changing the rows of the copy, in the server.

use dbkit::{ConnectOptions, DatabaseUrl, Report, connect::connect_session};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::{
    SanitiseError,
    judge::{Plan, Update},
    key::SanitisingKey,
};
use crate::{BackupEvent, SnapshotError, snapshot};

const FUNCTIONS: &str = include_str!("functions.sql");

/// Temporary, so that it ends with the session and is in no log of changes.
const KEY_TABLE: &str =
    "CREATE TEMPORARY TABLE sanitising_key (inner_pad bytea NOT NULL, outer_pad bytea NOT NULL)";

/// A server may log every statement, but not what COPY is given.
const KEY_COPY: &str = "COPY pg_temp.sanitising_key FROM STDIN";

/// The password for another server is in the options of a user mapping, and `pg_dump` takes it along.
const NO_USER_MAPPINGS: &str = "
DO $$
DECLARE
    mapping record;
BEGIN
    FOR mapping IN SELECT srvname, umuser, usename FROM pg_user_mappings LOOP
        EXECUTE format('DROP USER MAPPING FOR %s SERVER %I',
            CASE mapping.umuser WHEN 0 THEN 'PUBLIC' ELSE quote_ident(mapping.usename) END,
            mapping.srvname);
    END LOOP;
END $$";

/// Changes the rows of the copy at `url` as `plan` says.
pub(super) async fn apply(
    url: &DatabaseUrl,
    plan: &Plan,
    key: &SanitisingKey,
    report: &dyn Report<BackupEvent>,
) -> Result<(), SanitiseError> {
    let options = ConnectOptions::new("seaworthy sanitise");
    let mut session = connect_session(url, &options).await.map_err(SnapshotError::Connect)?;
    // Times and bytes must become the same text in every session, or pseudonyms would differ.
    execute(&mut session, "the settings", snapshot::SETTINGS).await?;
    execute(&mut session, "user mappings", NO_USER_MAPPINGS).await?;
    execute(&mut session, "the functions", FUNCTIONS).await?;
    hand_over(&mut session, key).await?;
    for (index, update) in plan.updates.iter().enumerate() {
        report.report(&BackupEvent::Sanitising {
            schema: update.table.schema.clone(),
            table: update.table.table.clone(),
            number: index + 1,
            of: plan.updates.len(),
        });
        let done = sqlx::raw_sql(AssertSqlSafe(update.sql.clone())).execute(&mut session).await;
        if let Err(source) = done {
            return Err(refused(&mut session, update, source).await);
        }
    }
    // What was done is committed, however the goodbye goes.
    let _ = session.close().await;
    Ok(())
}

async fn execute(
    session: &mut PgConnection,
    what: &'static str,
    sql: &'static str,
) -> Result<(), SanitiseError> {
    let result = sqlx::raw_sql(sql).execute(session).await;
    result.map(drop).map_err(|source| SanitiseError::Prepare { what, source })
}

async fn hand_over(session: &mut PgConnection, key: &SanitisingKey) -> Result<(), SanitiseError> {
    execute(session, "the key", KEY_TABLE).await?;
    let broken = |source| SanitiseError::Prepare { what: "the key", source };
    let mut copy = session.copy_in_raw(KEY_COPY).await.map_err(broken)?;
    copy.send(key.copy_line()).await.map_err(broken)?;
    copy.finish().await.map(drop).map_err(broken)
}

/// Which of the changed columns a constraint is about. That of a domain is about its columns.
const CONSTRAINED: &str = "
SELECT a.attname::text
FROM pg_attribute a
WHERE a.attrelid = $1::text::regclass AND a.attname = ANY ($2) AND EXISTS (
    SELECT FROM pg_constraint k
    WHERE k.conname = $3 AND (
        k.conrelid = a.attrelid AND a.attnum = ANY (k.conkey) OR k.contypid <> 0 AND k.contypid = a.atttypid
    )
)
ORDER BY a.attnum";

/// Why a table could not be changed. The server's details quote the row, so they are left out.
async fn refused(
    session: &mut PgConnection,
    update: &Update,
    source: sqlx::Error,
) -> SanitiseError {
    let table = update.table.clone();
    let constraint = source.as_database_error().and_then(|error| error.constraint());
    let Some(constraint) = constraint.map(str::to_owned) else {
        return SanitiseError::Update { table, columns: update.columns.clone(), source };
    };
    let columns: Result<Vec<String>, _> = sqlx::query_scalar(CONSTRAINED)
        .bind(table.quoted())
        .bind(&update.columns)
        .bind(&constraint)
        .fetch_all(session)
        .await;
    // Where nothing can be asked any more, it was one of them.
    let columns = columns.ok().filter(|columns| !columns.is_empty());
    let columns = columns.unwrap_or_else(|| update.columns.clone());
    SanitiseError::Violates { table, columns, constraint }
}
