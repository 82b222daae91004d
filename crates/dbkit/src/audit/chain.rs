//! Whether the trail is still what was written.
//!
//! Every event carries a hash of itself and of the one before it, so that whoever changes, removes
//! or moves one must rewrite all that follow. What the chain cannot show by itself is a tail that was
//! cut off, or one that was rewritten to its end by somebody who may disable the triggers: compare
//! [`Head::hash`] with one that was kept elsewhere.

use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, QueryResult, Statement};
use serde::Serialize;

use super::PART;
use crate::house_schema;

const VERIFY: &str = include_str!("verify.sql");

/// What a look at the whole trail found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chain {
    /// How many events there are.
    pub events: u64,
    /// The last one; nothing where there is none.
    pub head: Option<Head>,
    /// Where the chain is first broken; nothing where it is whole.
    pub fracture: Option<Fracture>,
}

/// The end of the chain. To keep it elsewhere is what makes a cut-off tail visible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Head {
    /// The place of the last event, counted from 1.
    pub position: i64,
    /// Its hash, as 64 lower-case hexadecimal digits.
    pub hash: String,
}

/// The first place where the chain is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "fracture", rename_all = "kebab-case")]
pub enum Fracture {
    /// An event is not what it was.
    #[error("event {position} was changed")]
    Changed {
        /// Its place.
        position: i64,
    },
    /// Events are gone.
    #[error("events are gone, the first of them at place {position}")]
    Removed {
        /// The first empty place.
        position: i64,
    },
    /// An event stands where another one stood.
    #[error("the events from place {position} on are not in the order in which they were written")]
    Reordered {
        /// The first wrong place.
        position: i64,
    },
    /// An event and the one before it are whole, but were not written one after the other: one of the
    /// two was made anew.
    #[error("event {position} does not follow the one before it: one of them was rewritten")]
    Unlinked {
        /// The place of the later one.
        position: i64,
    },
}

/// Recomputes the chain. Nothing where this database has none yet, because no tool of this version
/// has written to it.
pub async fn verify(db: &DatabaseConnection) -> Result<Option<Chain>, DbErr> {
    if !house_schema::is_current(db, &PART).await? {
        return Ok(None);
    }
    let query = Statement::from_string(DbBackend::Postgres, VERIFY);
    let row = db.query_one_raw(query).await?;
    row.as_ref().map(chain).transpose()
}

fn chain(row: &QueryResult) -> Result<Chain, DbErr> {
    let events: i64 = row.try_get_by_index(0)?;
    let position: Option<i64> = row.try_get_by_index(1)?;
    let hash: Option<String> = row.try_get_by_index(2)?;
    Ok(Chain {
        events: u64::try_from(events).unwrap_or_default(),
        head: position.zip(hash).map(|(position, hash)| Head { position, hash }),
        fracture: fracture(row.try_get_by_index(3)?, row.try_get_by_index(4)?),
    })
}

fn fracture(position: Option<i64>, kind: Option<String>) -> Option<Fracture> {
    let (position, kind) = position.zip(kind)?;
    Some(match kind.as_str() {
        "removed" => Fracture::Removed { position },
        "reordered" => Fracture::Reordered { position },
        "unlinked" => Fracture::Unlinked { position },
        _ => Fracture::Changed { position },
    })
}
