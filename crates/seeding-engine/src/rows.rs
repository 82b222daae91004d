//! What a seed offers to one table, typed when it is written down and type-erased for the engine.
//!
//! Rows are SeaORM models, so a change of the schema that breaks a seed breaks the build.

use std::{error::Error, fmt};

use async_trait::async_trait;
use sea_orm::{
    ActiveModelTrait, DatabaseConnection, DbErr, EntityTrait, IdenStatic as _, IntoActiveModel,
    Iterable as _, Value,
};

use crate::{
    arrange::Table,
    copy::Bulk,
    foresee::foresee,
    postponed, presence,
    references::{self, Reference},
    summary::Counts,
    write::{self, Progress, WriteError, Written},
};

/// Why a value that is made late could not be made.
pub type CompletionError = Box<dyn Error + Send + Sync>;

type Complete<E> =
    Box<dyn Fn(&mut <E as EntityTrait>::ActiveModel) -> Result<(), CompletionError> + Send + Sync>;

/// Values that are made late.
pub(crate) struct Completion<E: EntityTrait> {
    pub(crate) columns: Vec<E::Column>,
    pub(crate) complete: Complete<E>,
}

/// Rows for one table, ready to be written.
pub struct Rows(Box<dyn Write>);

/// Rows for the table of `E`, of which it is not said yet how they are written.
pub struct Offer<E: EntityTrait> {
    pub(crate) models: Vec<E::ActiveModel>,
    pub(crate) insert_only: Vec<E::Column>,
    pub(crate) completion: Option<Completion<E>>,
}

/// What a run does with rows that are there and differ from the code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// Those of reference data follow the code.
    #[default]
    Follow,
    /// They all stay as they are.
    Keep,
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

    /// Hands every row to `take`: the columns that are set, and their values. Late values are not
    /// made.
    pub(crate) fn each(&self, take: &mut dyn FnMut(&[&'static str], &[Value])) {
        self.0.each(take);
    }

    pub(crate) async fn any_present(&self, db: &DatabaseConnection) -> Result<bool, DbErr> {
        self.0.any_present(db).await
    }

    /// What writing would do, found out by reading alone.
    pub(crate) async fn foresee(
        &self,
        db: &DatabaseConnection,
        existing: Existing,
    ) -> Result<Counts, DbErr> {
        self.0.foresee(db, existing).await
    }

    pub(crate) async fn write(
        &self,
        db: &Bulk,
        seed: &str,
        existing: Existing,
        progress: Progress<'_>,
    ) -> Result<Written, WriteError> {
        self.0.write(db, seed, existing, progress).await
    }

    /// Sets what was postponed, once the rows of all tables are there; `written` is what
    /// [`write`](Self::write) came to.
    pub(crate) async fn set_postponed(
        &self,
        db: &Bulk,
        seed: &str,
        existing: Existing,
        written: &mut Written,
    ) -> Result<(), WriteError> {
        self.0.set_postponed(db, seed, existing, written).await
    }
}

impl Table for Rows {
    fn name(&self) -> &'static str {
        self.table()
    }

    fn references(&self) -> &[Reference] {
        self.0.references()
    }

    fn takes_several_statements(&self) -> bool {
        self.len() > self.0.rows_in_a_statement()
    }

    fn postpone(&mut self, columns: &[&'static str]) {
        self.0.postpone(columns);
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

    /// Makes values of `columns` that are expensive, such as password hashes, for rows that are not
    /// there yet.
    ///
    /// The columns must be set to something already. They are not compared where rows are synced only
    /// if they are [`insert_only`](Self::insert_only), and are never written into the history, because they may be
    /// secrets.
    #[must_use]
    pub fn completed_by(
        mut self,
        columns: impl IntoIterator<Item = E::Column>,
        complete: impl Fn(&mut E::ActiveModel) -> Result<(), CompletionError> + Send + Sync + 'static,
    ) -> Self {
        let (columns, complete) = (columns.into_iter().collect(), Box::new(complete));
        self.completion = Some(Completion { columns, complete });
        self
    }

    /// Writes what is missing; a row that is there stays as somebody may have edited it.
    pub fn filled(self) -> Rows {
        Rows(Box::new(Prepared::new(self, Mode::Fill)))
    }

    /// Writes what is missing, and makes rows that are there, found by the columns `by`, equal to
    /// the code: all columns that are set, but for the primary key, `created_at`, `updated_at` and
    /// the [`insert_only`](Self::insert_only) ones.
    pub fn synced(self, by: impl IntoIterator<Item = E::Column>) -> Rows {
        let by = by.into_iter().collect();
        Rows(Box::new(Prepared::new(self, Mode::Sync(by))))
    }
}

/// [`Prepared`] without its type.
#[async_trait]
trait Write: Send + Sync {
    fn table(&self) -> &'static str;
    fn len(&self) -> usize;
    fn describe(&self) -> Vec<String>;
    fn each(&self, take: &mut dyn FnMut(&[&'static str], &[Value]));
    fn references(&self) -> &[Reference];
    fn rows_in_a_statement(&self) -> usize;
    fn postpone(&mut self, columns: &[&'static str]);
    async fn any_present(&self, db: &DatabaseConnection) -> Result<bool, DbErr>;
    async fn foresee(&self, db: &DatabaseConnection, existing: Existing) -> Result<Counts, DbErr>;
    async fn write(
        &self,
        db: &Bulk,
        seed: &str,
        existing: Existing,
        progress: Progress<'_>,
    ) -> Result<Written, WriteError>;
    async fn set_postponed(
        &self,
        db: &Bulk,
        seed: &str,
        existing: Existing,
        written: &mut Written,
    ) -> Result<(), WriteError>;
}

struct Prepared<E: EntityTrait> {
    offer: Offer<E>,
    mode: Mode<E>,
    references: Vec<Reference>,
    postponed: Vec<E::Column>,
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

    fn each(&self, take: &mut dyn FnMut(&[&'static str], &[Value])) {
        for model in &self.offer.models {
            let set = E::Column::iter()
                .filter_map(|column| Some((column.as_str(), model.get(column).into_value()?)));
            let (columns, values): (Vec<_>, Vec<_>) = set.unzip();
            take(&columns, &values);
        }
    }

    fn references(&self) -> &[Reference] {
        &self.references
    }

    fn rows_in_a_statement(&self) -> usize {
        write::chunk_size::<E>()
    }

    fn postpone(&mut self, columns: &[&'static str]) {
        let is_postponed = |column: &E::Column| columns.contains(&column.as_str());
        self.postponed = E::Column::iter().filter(is_postponed).collect();
    }

    async fn any_present(&self, db: &DatabaseConnection) -> Result<bool, DbErr> {
        presence::any_present::<E>(db, &self.offer.models).await
    }

    async fn foresee(&self, db: &DatabaseConnection, existing: Existing) -> Result<Counts, DbErr> {
        foresee(db, &self.offer, self.mode(existing)).await
    }

    async fn write(
        &self,
        db: &Bulk,
        seed: &str,
        existing: Existing,
        progress: Progress<'_>,
    ) -> Result<Written, WriteError> {
        let mode = if self.postponed.is_empty() { self.mode(existing) } else { &Mode::Fill };
        write::write(db, seed, &self.offer, mode, &self.postponed, progress).await
    }

    async fn set_postponed(
        &self,
        db: &Bulk,
        seed: &str,
        existing: Existing,
        written: &mut Written,
    ) -> Result<(), WriteError> {
        if self.postponed.is_empty() {
            return Ok(());
        }
        postponed::set(db, &self.offer, &self.postponed, written).await?;
        let mode = self.mode(existing);
        if matches!(mode, Mode::Sync(_)) {
            // Rows that were there already follow the code only now.
            let followed = write::write(db, seed, &self.offer, mode, &[], &|_| {}).await?;
            written.follow(followed);
        }
        Ok(())
    }
}

impl<E: EntityTrait> Prepared<E> {
    fn new(offer: Offer<E>, mode: Mode<E>) -> Self {
        Self { offer, mode, references: references::of::<E>(), postponed: Vec::new() }
    }

    fn mode(&self, existing: Existing) -> &Mode<E> {
        match existing {
            Existing::Follow => &self.mode,
            Existing::Keep => &Mode::Fill,
        }
    }
}

fn describe<E: EntityTrait>(model: &E::ActiveModel) -> String {
    let values = E::Column::iter().filter_map(|column| {
        let value = model.get(column).into_value()?;
        Some(format!("{}={value}", column.as_str()))
    });
    values.collect::<Vec<_>>().join(" ")
}
