//! What a seed offers to one table, typed when it is written down and type-erased for the engine.
//!
//! Rows are SeaORM models, so a change of the schema that breaks a seed breaks the build.

use std::{error::Error, fmt};

use async_trait::async_trait;
use sea_orm::{
    ActiveModelTrait, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait, IdenStatic as _,
    IntoActiveModel,
};

use crate::{
    presence,
    summary::Counts,
    write::{self, Progress, WriteError},
};

/// Why a value that is made late could not be made.
pub type CompletionError = Box<dyn Error + Send + Sync>;

pub(crate) type Completion<E> =
    Box<dyn Fn(&mut <E as EntityTrait>::ActiveModel) -> Result<(), CompletionError> + Send + Sync>;

/// Rows for one table, ready to be written.
pub struct Rows(Box<dyn Write>);

/// Rows for the table of `E`, of which it is not said yet how they are written.
pub struct Offer<E: EntityTrait> {
    pub(crate) models: Vec<E::ActiveModel>,
    pub(crate) insert_only: Vec<E::Column>,
    pub(crate) completion: Option<Completion<E>>,
}

/// How rows meet the ones that are there.
pub(crate) enum Mode<E: EntityTrait> {
    /// Rows that are there stay as they are.
    Fill,
    /// Rows that are there, found by these columns, follow the code.
    Sync(Vec<E::Column>),
}

impl Rows {
    /// Offers `models`, all with the same columns set, to the table of `E`.
    pub fn of<E: EntityTrait>(
        models: impl IntoIterator<Item = impl IntoActiveModel<E::ActiveModel>>,
    ) -> Offer<E> {
        let models = models.into_iter().map(IntoActiveModel::into_active_model).collect();
        Offer { models, insert_only: Vec::new(), completion: None }
    }

    /// The table's name.
    pub fn table(&self) -> &'static str {
        self.0.table()
    }

    /// How many rows are offered.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no row is offered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows as text, for tests of what a seed offers. Late values are not made.
    pub fn describe(&self) -> Vec<String> {
        self.0.describe()
    }

    pub(crate) async fn any_present(&self, db: &DatabaseConnection) -> Result<bool, DbErr> {
        self.0.any_present(db).await
    }

    pub(crate) async fn write(
        &self,
        db: &DatabaseTransaction,
        progress: Progress<'_>,
    ) -> Result<Counts, WriteError> {
        self.0.write(db, progress).await
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rows({} x {})", self.table(), self.len())
    }
}

impl<E> Offer<E>
where
    E: EntityTrait,
    E::ActiveModel: Send + Sync,
{
    /// Leaves `columns` alone in rows that are there, even where the rest follows the code.
    #[must_use]
    pub fn insert_only(mut self, columns: impl IntoIterator<Item = E::Column>) -> Self {
        self.insert_only.extend(columns);
        self
    }

    /// Makes values that are expensive, such as password hashes, for rows that are not there yet.
    /// The columns must be set to something already, and are not compared where rows are synced
    /// only if they are [`insert_only`](Self::insert_only).
    #[must_use]
    pub fn completed_by(
        mut self,
        completion: impl Fn(&mut E::ActiveModel) -> Result<(), CompletionError> + Send + Sync + 'static,
    ) -> Self {
        self.completion = Some(Box::new(completion));
        self
    }

    /// Writes what is missing; a row that is there stays as somebody may have edited it.
    pub fn filled(self) -> Rows {
        Rows(Box::new(Prepared { offer: self, mode: Mode::Fill }))
    }

    /// Writes what is missing, and makes rows that are there, found by the columns `by`, equal to
    /// the code: all columns that are set, but for the primary key, `created_at`, `updated_at` and
    /// the [`insert_only`](Self::insert_only) ones.
    pub fn synced(self, by: impl IntoIterator<Item = E::Column>) -> Rows {
        let by = by.into_iter().collect();
        Rows(Box::new(Prepared { offer: self, mode: Mode::Sync(by) }))
    }
}

/// [`Prepared`] without its type.
#[async_trait]
trait Write: Send + Sync {
    fn table(&self) -> &'static str;
    fn len(&self) -> usize;
    fn describe(&self) -> Vec<String>;
    async fn any_present(&self, db: &DatabaseConnection) -> Result<bool, DbErr>;
    async fn write(
        &self,
        db: &DatabaseTransaction,
        progress: Progress<'_>,
    ) -> Result<Counts, WriteError>;
}

struct Prepared<E: EntityTrait> {
    offer: Offer<E>,
    mode: Mode<E>,
}

#[async_trait]
impl<E> Write for Prepared<E>
where
    E: EntityTrait,
    E::ActiveModel: Send + Sync,
{
    fn table(&self) -> &'static str {
        E::default().table_name()
    }

    fn len(&self) -> usize {
        self.offer.models.len()
    }

    fn describe(&self) -> Vec<String> {
        self.offer.models.iter().map(describe::<E>).collect()
    }

    async fn any_present(&self, db: &DatabaseConnection) -> Result<bool, DbErr> {
        presence::any_present::<E>(db, &self.offer.models).await
    }

    async fn write(
        &self,
        db: &DatabaseTransaction,
        progress: Progress<'_>,
    ) -> Result<Counts, WriteError> {
        write::write(db, &self.offer, &self.mode, progress).await
    }
}

fn describe<E: EntityTrait>(model: &E::ActiveModel) -> String {
    use sea_orm::Iterable as _;
    let values = E::Column::iter().filter_map(|column| {
        let value = model.get(column).into_value()?;
        Some(format!("{}={value}", column.as_str()))
    });
    values.collect::<Vec<_>>().join(" ")
}
