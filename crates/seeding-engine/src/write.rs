//! How rows get into a table, and how exactly we know what became of them.

use sea_orm::{
    ActiveModelTrait as _, ConnectionTrait as _, DatabaseTransaction, DbErr, EntityTrait,
    Iterable as _, QueryTrait as _,
    sea_query::{InsertStatement, OnConflict},
};

use crate::{
    presence,
    rows::{CompletionError, Mode, Offer},
    summary::Counts,
    sync::{Update, sync},
};

/// Hears how many rows another statement has dealt with.
pub(crate) type Progress<'a> = &'a (dyn Fn(u64) + Send + Sync);

/// A statement has at most this many parameters; the protocol counts them in 16 bits.
const MOST_PARAMETERS: usize = 65_535;

/// More rows in a statement are not faster, and progress would be coarser.
const MOST_ROWS: usize = 1_000;

/// Why rows could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The database refused.
    #[error("cannot write to `{table}`")]
    Database {
        /// The table.
        table: &'static str,
        /// What the database said.
        #[source]
        source: DbErr,
    },
    /// A row that is known by name was made by somebody else, under another key; rows that refer
    /// to it by the computed key would miss it.
    #[error("`{table}` has a row of the seed under another key: {key}")]
    OtherKey {
        /// The table.
        table: &'static str,
        /// The key that the row has.
        key: String,
    },
    /// A value that is made late could not be made.
    #[error("cannot make a value for `{table}`")]
    Completion {
        /// The table.
        table: &'static str,
        /// Why.
        #[source]
        source: CompletionError,
    },
}

/// Writes what `offer` has, in the way that `mode` says.
pub(crate) async fn write<E: EntityTrait>(
    db: &DatabaseTransaction,
    offer: &Offer<E>,
    mode: &Mode<E>,
    progress: Progress<'_>,
) -> Result<Counts, WriteError> {
    let models = complete(db, offer, mode).await?;
    let update = match mode {
        Mode::Fill => None,
        Mode::Sync(by) => Update::of(offer, by),
    };
    let known_to_be_there = (offer.models.len() - models.len()) as u64;
    let mut counts = Counts { unchanged: known_to_be_there, ..Counts::default() };
    if known_to_be_there > 0 {
        progress(known_to_be_there);
    }
    for chunk in models.chunks(chunk_size::<E>()) {
        let insert = E::insert_many(chunk.iter().cloned()).into_query();
        let written = match &update {
            None => fill::<E>(db, insert).await?,
            Some(update) => sync(db, insert, update, chunk).await?,
        };
        counts += Counts { unchanged: chunk.len() as u64 - written.written(), ..written };
        progress(chunk.len() as u64);
    }
    Ok(counts)
}

/// The models to send, with late values made for those that are not in the database.
async fn complete<E: EntityTrait>(
    db: &DatabaseTransaction,
    offer: &Offer<E>,
    mode: &Mode<E>,
) -> Result<Vec<E::ActiveModel>, WriteError> {
    let Some(completion) = &offer.completion else { return Ok(offer.models.clone()) };
    let table = E::default().table_name();
    let mut models = Vec::with_capacity(offer.models.len());
    for chunk in offer.models.chunks(chunk_size::<E>()) {
        let there = presence::present::<E>(db, chunk)
            .await
            .map_err(|source| WriteError::Database { table, source })?;
        for mut model in chunk.iter().cloned() {
            let is_there = model.get_primary_key_value().is_some_and(|key| there.contains(&key));
            match (is_there, mode) {
                (true, Mode::Fill) => continue,
                (true, Mode::Sync(_)) => {}
                (false, _) => completion(&mut model)
                    .map_err(|source| WriteError::Completion { table, source })?,
            }
            models.push(model);
        }
    }
    Ok(models)
}

fn chunk_size<E: EntityTrait>() -> usize {
    let columns = E::Column::iter().count().max(1);
    MOST_ROWS.min(MOST_PARAMETERS / columns)
}

/// Executes `insert` so that it leaves every row that is there alone.
async fn fill<E: EntityTrait>(
    db: &DatabaseTransaction,
    mut insert: InsertStatement,
) -> Result<Counts, WriteError> {
    insert.on_conflict(OnConflict::new().do_nothing().to_owned());
    let table = E::default().table_name();
    let done = db.execute(&insert).await;
    let created = done.map_err(|source| WriteError::Database { table, source })?.rows_affected();
    Ok(Counts { created, ..Counts::default() })
}
