//! What is written down of the database besides its content.

use dbkit::{DatabaseUrl, postgres::ServerVersion};

use crate::{
    manifest::{Extension, Migrations, Source},
    snapshot::{Snapshot, SnapshotError},
};

/// Through JSON, because the columns about locales differ from one major version to the next.
const DATABASE: &str = "
SELECT pg_get_userbyid(datdba)::text, pg_encoding_to_char(encoding)::text,
    facts ->> 'datcollate', facts ->> 'datctype', coalesce(facts ->> 'datlocprovider', 'c'),
    coalesce(facts ->> 'datlocale', facts ->> 'daticulocale'), facts ->> 'daticurules',
    facts ->> 'datcollversion'
FROM pg_database AS database, LATERAL to_jsonb(database) AS facts
WHERE datname = current_database()";

const EXTENSIONS: &str =
    "SELECT extname::text, extversion FROM pg_extension ORDER BY extname COLLATE \"C\"";

/// Whether the table is the one that `sea-orm-migration` makes, and not merely called the same.
const HAS_MIGRATIONS: &str = "
SELECT EXISTS (
    SELECT FROM pg_attribute
    WHERE attrelid = to_regclass('public.seaql_migrations') AND attname = 'version'
)";

const MIGRATIONS: &str =
    "SELECT version::text FROM public.seaql_migrations ORDER BY version COLLATE \"C\"";

/// Describes the database at `url`.
pub(crate) async fn source(
    snapshot: &mut Snapshot,
    url: &DatabaseUrl,
    version: ServerVersion,
) -> Result<Source, SnapshotError> {
    type Row =
        (String, String, String, String, String, Option<String>, Option<String>, Option<String>);
    let row: Row = snapshot.row("the database's settings", DATABASE).await?;
    let (owner, encoding, collate, ctype, locale_provider, locale, icu_rules, collation_version) =
        row;
    Ok(Source {
        host: url.host(),
        port: url.port(),
        database: url.database(),
        owner,
        server_version: version.num,
        encoding,
        collate,
        ctype,
        locale_provider,
        locale,
        icu_rules,
        collation_version,
    })
}

/// Lists the extensions.
pub(crate) async fn extensions(snapshot: &mut Snapshot) -> Result<Vec<Extension>, SnapshotError> {
    let rows: Vec<(String, String)> = snapshot.rows("the extensions", EXTENSIONS).await?;
    Ok(rows.into_iter().map(|(name, version)| Extension { name, version }).collect())
}

/// Lists the applied migrations, if there are any to speak of.
pub(crate) async fn migrations(
    snapshot: &mut Snapshot,
) -> Result<Option<Migrations>, SnapshotError> {
    if !snapshot.scalar("the migrations", HAS_MIGRATIONS).await? {
        return Ok(None);
    }
    let rows: Vec<(String,)> = snapshot.rows("the migrations", MIGRATIONS).await?;
    let applied: Vec<_> = rows.into_iter().map(|(version,)| version).collect();
    Ok(Some(Migrations { head: applied.last().cloned(), applied }))
}

/// How large the database is on the server, in bytes.
pub(crate) async fn size(snapshot: &mut Snapshot) -> Result<u64, SnapshotError> {
    let sql = "SELECT pg_database_size(current_database())";
    let size: i64 = snapshot.scalar("the database's size", sql).await?;
    Ok(u64::try_from(size).unwrap_or_default())
}

/// Who the session is, which the URL need not say.
pub(crate) async fn user(snapshot: &mut Snapshot) -> Result<String, SnapshotError> {
    snapshot.scalar("the role", "SELECT session_user::text").await
}
