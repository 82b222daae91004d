//! A shadow in a database that the team has set aside, for a role that may not create any.
//!
//! Nothing is touched before it is certain that the database is not the target, and holds nothing
//! but what an earlier shadow has left.

use std::time::Duration;

use dbkit::{
    DatabaseUrl,
    lock::{self, LockName},
};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbErr, TransactionTrait as _};
use sqlx::PgConnection;

use super::{Home, Shadow, ShadowError, connecting, failed, replay::scalar, target::Target};

/// Held for as long as a lent database is a shadow.
const LOCK: LockName = LockName("shadow");

/// For how long another run may use the same database.
const WAIT: Duration = Duration::from_mins(1);

const MARKER: &str = "CREATE SCHEMA seaworthy CREATE TABLE shadow ()";

const IS_MARKED: &str = "SELECT to_regclass('seaworthy.shadow') IS NOT NULL";

/// Something that is in a database which is not empty. What extensions own does not count.
const SOMETHING: &str = include_str!("something.sql");

const EMPTY: &str = include_str!("empty.sql");

const WIPE: &str = include_str!("../wipe.sql");

/// The database's name, and when its server was started, to the microsecond.
type Identity = (String, String);

const IDENTITY: &str =
    "SELECT current_database()::text, extract(epoch FROM pg_postmaster_start_time())::text";

/// Opens the database at `url` as a shadow of the one behind `target`.
pub(super) async fn open(
    url: &DatabaseUrl,
    target: &mut PgConnection,
    facts: &Target,
) -> Result<Shadow, ShadowError> {
    let mut session = dbkit::connect::connect_session(url, &connecting()).await?;
    if is_same(&mut session, target).await.map_err(super::asking_session)? {
        return Err(ShadowError::IsTarget(facts.name().to_owned()));
    }
    drop(session);
    let lock = lock::acquire(url, &connecting(), LOCK, WAIT).await.map_err(ShadowError::Taken)?;
    let shadow = Shadow::open(url.clone(), Home::Borrowed(lock), facts).await?;
    match prepare(&shadow).await {
        Ok(()) => Ok(shadow),
        Err(error) => {
            give_back(shadow).await;
            Err(error)
        }
    }
}

/// Gives a database back as it is.
async fn give_back(mut shadow: Shadow) {
    if let Some(home) = shadow.home.take() {
        // The reason why is what the caller hears.
        drop(home.leave().await);
    }
}

async fn prepare(shadow: &Shadow) -> Result<(), ShadowError> {
    let doing = failed("see whether the shadow database is empty");
    let marked: bool = scalar(&shadow.db, IS_MARKED).await.map_err(&doing)?;
    if !marked && let Some(found) = something(&shadow.db).await.map_err(&doing)? {
        return Err(ShadowError::NotEmpty { database: shadow.url.database(), found });
    }
    empty(&shadow.db).await
}

async fn something(db: &DatabaseConnection) -> Result<Option<String>, DbErr> {
    scalar(db, SOMETHING).await
}

/// Drops whatever migrations, and what ran after them, have left, and marks the database as ours.
pub(super) async fn empty(db: &DatabaseConnection) -> Result<(), ShadowError> {
    emptied(db).await.map_err(failed("empty the shadow database"))
}

async fn emptied(db: &DatabaseConnection) -> Result<(), DbErr> {
    let transaction = db.begin().await?;
    for sql in [EMPTY, "SET LOCAL search_path = public", WIPE, MARKER] {
        transaction.execute_unprepared(sql).await?;
    }
    transaction.commit().await
}

/// Whether two sessions are connected to the same database of the same cluster.
async fn is_same(a: &mut PgConnection, b: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let (name, started): Identity = sqlx::query_as(IDENTITY).fetch_one(&mut *a).await?;
    let other: Identity = sqlx::query_as(IDENTITY).fetch_one(&mut *b).await?;
    if name != other.0 {
        return Ok(false);
    }
    match (system(a).await, system(b).await) {
        (Some(a), Some(b)) => Ok(a == b),
        // Not everybody may ask for it. Addresses would not do: a socket has none, and containers
        // share theirs.
        _ => Ok(started == other.1),
    }
}

async fn system(session: &mut PgConnection) -> Option<i64> {
    let query = "SELECT system_identifier FROM pg_catalog.pg_control_system()";
    sqlx::query_scalar(query).fetch_one(session).await.ok()
}
