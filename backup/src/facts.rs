//! What is written down of the database besides its content.

use dbkit::{DatabaseUrl, postgres::ServerVersion};
use sqlx::{FromRow, Row as _, postgres::PgRow};

use crate::{
    manifest::{DatabaseSetting, Extension, Migrations, Source},
    snapshot::{Snapshot, SnapshotError},
};

/// Through JSON, because the columns about locales differ from one major version to the next.
const DATABASE: &str = "
SELECT pg_get_userbyid(datdba)::text AS owner, pg_encoding_to_char(encoding)::text AS encoding,
    facts ->> 'datcollate' AS collate, facts ->> 'datctype' AS ctype,
    coalesce(facts ->> 'datlocprovider', 'c') AS locale_provider,
    coalesce(facts ->> 'datlocale', facts ->> 'daticulocale') AS locale,
    facts ->> 'daticurules' AS icu_rules, facts ->> 'datcollversion' AS collation_version,
    current_setting('lc_monetary') AS monetary, datacl::text[] AS acl,
    shobj_description(database.oid, 'pg_database') AS comment,
    datconnlimit AS connection_limit, pg_database_size(current_database()) AS bytes
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

const SETTINGS: &str = "
SELECT rolname::text, setting
FROM pg_db_role_setting
JOIN pg_database d ON d.oid = setdatabase AND d.datname = current_database()
LEFT JOIN pg_roles r ON r.oid = setrole
CROSS JOIN unnest(setconfig) AS setting
WHERE setrole = 0 OR rolname IS NOT NULL
ORDER BY rolname NULLS FIRST, setting COLLATE \"C\"";

const MAY_IDENTIFY: &str = "SELECT has_function_privilege('pg_control_system()', 'EXECUTE')";

const IDENTIFIER: &str = "SELECT system_identifier::text FROM pg_control_system()";

/// Owners, grantees and whoever a policy is for, as far as they are not built in.
const ROLES: &str = "
SELECT DISTINCT rolname::text
FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid
WHERE d.refclassid = 'pg_authid'::regclass
    AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// Describes the database at `url`.
pub(crate) async fn source(
    snapshot: &mut Snapshot,
    url: &DatabaseUrl,
    version: ServerVersion,
) -> Result<Source, SnapshotError> {
    let row: Database = snapshot.row("the database's settings", DATABASE).await?;
    let settings: Vec<(Option<String>, String)> =
        snapshot.rows("the database's settings", SETTINGS).await?;
    Ok(Source {
        host: url.host(),
        port: url.port(),
        database: url.database(),
        owner: row.owner,
        server_version: version.num,
        encoding: row.encoding,
        collate: row.collate,
        ctype: row.ctype,
        locale_provider: row.locale_provider,
        locale: row.locale,
        icu_rules: row.icu_rules,
        collation_version: row.collation_version,
        monetary: row.monetary,
        system_identifier: system_identifier(snapshot).await?,
        settings: settings
            .into_iter()
            .map(|(role, setting)| DatabaseSetting { role, setting })
            .collect(),
        acl: row.acl,
        comment: row.comment,
        connection_limit: row.connection_limit,
        bytes: u64::try_from(row.bytes).unwrap_or_default(),
    })
}

/// What [`DATABASE`] answers.
struct Database {
    owner: String,
    encoding: String,
    collate: String,
    ctype: String,
    locale_provider: String,
    locale: Option<String>,
    icu_rules: Option<String>,
    collation_version: Option<String>,
    monetary: String,
    acl: Option<Vec<String>>,
    comment: Option<String>,
    connection_limit: i32,
    bytes: i64,
}

impl FromRow<'_, PgRow> for Database {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            owner: row.try_get("owner")?,
            encoding: row.try_get("encoding")?,
            collate: row.try_get("collate")?,
            ctype: row.try_get("ctype")?,
            locale_provider: row.try_get("locale_provider")?,
            locale: row.try_get("locale")?,
            icu_rules: row.try_get("icu_rules")?,
            collation_version: row.try_get("collation_version")?,
            monetary: row.try_get("monetary")?,
            acl: row.try_get("acl")?,
            comment: row.try_get("comment")?,
            connection_limit: row.try_get("connection_limit")?,
            bytes: row.try_get("bytes")?,
        })
    }
}

async fn system_identifier(snapshot: &mut Snapshot) -> Result<Option<String>, SnapshotError> {
    if !snapshot.scalar("the cluster's identity", MAY_IDENTIFY).await? {
        return Ok(None);
    }
    snapshot.scalar("the cluster's identity", IDENTIFIER).await.map(Some)
}

/// Lists the roles that the database speaks of.
pub(crate) async fn roles(snapshot: &mut Snapshot) -> Result<Vec<String>, SnapshotError> {
    let rows: Vec<(String,)> = snapshot.rows("the roles", ROLES).await?;
    Ok(rows.into_iter().map(|(role,)| role).collect())
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

/// How much all rows take on the server, indexes not included, in bytes.
pub(crate) async fn rows_size(snapshot: &mut Snapshot) -> Result<u64, SnapshotError> {
    let sql = "SELECT coalesce(sum(pg_table_size(oid)), 0)::bigint FROM pg_class
               WHERE relkind IN ('r', 'm') AND relpersistence <> 't' AND oid >= 16384";
    let size: i64 = snapshot.scalar("the tables' size", sql).await?;
    Ok(u64::try_from(size).unwrap_or_default())
}

/// The options by which another session of this role makes the same text of a value as this one.
pub(crate) async fn text_options(snapshot: &mut Snapshot) -> Result<String, SnapshotError> {
    let sql = "SELECT coalesce(string_agg(format('-c %s=%s', name, setting), ' '), '')
               FROM pg_settings
               WHERE name IN ('bytea_output', 'xmlbinary') AND setting <> reset_val";
    snapshot.scalar("the settings", sql).await
}

/// Who the session is, which the URL need not say.
pub(crate) async fn user(snapshot: &mut Snapshot) -> Result<String, SnapshotError> {
    snapshot.scalar("the role", "SELECT session_user::text").await
}
