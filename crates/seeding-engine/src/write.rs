//! How rows get into a table, and how exactly we know what became of them.

use dbkit::Identifier;
use sea_orm::{
    ActiveModelTrait as _,
    ActiveValue::NotSet,
    ConnectionTrait as _, DbErr, EntityTrait, IdenStatic as _, Iterable as _, PrimaryKeyToColumn,
    QueryTrait as _,
    sea_query::{Expr, InsertStatement, OnConflict, Returning},
};
use serde_json::Value as Json;

use crate::{
    copy::Bulk,
    history::{RowAction, WrittenRow},
    postponed, presence,
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

/// What was done with the rows of an offer.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) counts: Counts,
    pub(crate) rows: Vec<WrittenRow>,
}

/// Writes what `offer` has for `seed`, in the way that `mode` says, with NULL in the `postponed`
/// columns.
pub(crate) async fn write<E: EntityTrait>(
    db: &Bulk,
    seed: &str,
    offer: &Offer<E>,
    mode: &Mode<E>,
    postponed: &[E::Column],
    progress: Progress<'_>,
) -> Result<Written, WriteError> {
    let mut models = complete(db, offer, mode).await?;
    for model in &mut models {
        postponed::clear::<E>(model, postponed);
    }
    let update = match mode {
        Mode::Fill => None,
        Mode::Sync(by) => Update::of(offer, by),
    };
    let known_to_be_there = (offer.models.len() - models.len()) as u64;
    let mut written = Written::default();
    written.counts.unchanged = known_to_be_there;
    if known_to_be_there > 0 {
        progress(known_to_be_there);
    }
    for chunk in models.chunks(chunk_size::<E>()) {
        let insert = E::insert_many(chunk.iter().cloned()).into_query();
        let changes = match &update {
            None => fill::<E>(db, insert).await?,
            Some(update) => sync(db, insert, update, chunk).await?,
        };
        written.counts.unchanged += (chunk.len() - changes.len()) as u64;
        for change in changes {
            written.take(change.row(seed, offer, &chunk[0]));
        }
        progress(chunk.len() as u64);
    }
    Ok(written)
}

impl Written {
    /// Adds what became of rows that were there, when the whole offer was written again.
    pub(crate) fn follow(&mut self, again: Self) {
        self.counts.updated += again.counts.updated;
        self.counts.unchanged = again.counts.unchanged.saturating_sub(self.counts.created);
        self.rows.extend(again.rows);
    }

    fn take(&mut self, row: WrittenRow) {
        match row.action {
            RowAction::Created => self.counts.created += 1,
            RowAction::Updated => self.counts.updated += 1,
        }
        self.rows.push(row);
    }
}

/// A row that a statement wrote.
pub(crate) struct Change {
    /// All of its columns, as the database has them now.
    pub(crate) now: Json,
    /// The columns that were changed, as they were; nothing for a row that is new.
    pub(crate) before: Option<Json>,
}

impl Change {
    /// The same for the history; `model` has a value for every column that the seed sets.
    fn row<E: EntityTrait>(
        self,
        seed: &str,
        offer: &Offer<E>,
        model: &E::ActiveModel,
    ) -> WrittenRow {
        let key = E::PrimaryKey::iter().map(|key| key.into_column().as_str());
        let late = |column: &E::Column| {
            let late = offer.completion.iter().flat_map(|completion| &completion.columns);
            late.into_iter().any(|other| other.as_str() == column.as_str())
        };
        let set = E::Column::iter()
            .filter(|column| !matches!(model.get(*column), NotSet) && !late(column));
        WrittenRow {
            seed: seed.to_owned(),
            table: E::default().table_name().to_owned(),
            action: if self.before.is_some() { RowAction::Updated } else { RowAction::Created },
            key: part(&self.now, key),
            after: part(&self.now, set.map(|column| column.as_str())),
            before: self.before,
        }
    }
}

/// The members `names` of an object.
pub(crate) fn part<'a>(row: &Json, names: impl Iterator<Item = &'a str>) -> Json {
    names.filter_map(|name| Some((name.to_owned(), row.get(name)?.clone()))).collect()
}

/// A row of `E` as JSON, in a statement that names its table.
pub(crate) fn as_json<E: EntityTrait>() -> Expr {
    Expr::cust(format!("to_jsonb({}.*)", Identifier(E::default().table_name())))
}

/// The models to send, with late values made for those that are not in the database.
async fn complete<E: EntityTrait>(
    db: &Bulk,
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
                (false, _) => (completion.complete)(&mut model)
                    .map_err(|source| WriteError::Completion { table, source })?,
            }
            models.push(model);
        }
    }
    Ok(models)
}

/// How many rows of `E` go into one statement.
pub(crate) fn chunk_size<E: EntityTrait>() -> usize {
    let columns = E::Column::iter().count().max(1);
    MOST_ROWS.min(MOST_PARAMETERS / columns)
}

/// Executes `insert` so that it leaves every row that is there under its key alone.
///
/// A row that is there under another key, but with a value that must be unique, is an error: rows
/// that refer to it by the computed key would miss it.
async fn fill<E: EntityTrait>(
    db: &Bulk,
    mut insert: InsertStatement,
) -> Result<Vec<Change>, WriteError> {
    let key = E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column);
    insert
        .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
        .returning(Returning::new().expr(as_json::<E>()));
    let table = E::default().table_name();
    let broken = |source| WriteError::Database { table, source };
    let rows = db.query_all(&insert).await.map_err(broken)?;
    rows.iter()
        .map(|row| Ok(Change { now: row.try_get_by_index(0).map_err(broken)?, before: None }))
        .collect()
}
