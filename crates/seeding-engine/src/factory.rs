//! Factories: rows for tests and seeds, made by their number, changed where it matters, and written
//! together with the parents that they need.
//!
//! ```
//! use seeding_engine::{Factory, World, key};
//! # mod user {
//! #     use sea_orm::entity::prelude::*;
//! #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
//! #     #[sea_orm(table_name = "users")]
//! #     pub struct Model {
//! #         #[sea_orm(primary_key, auto_increment = false)]
//! #         pub id: Uuid,
//! #         pub email: String,
//! #         pub suspended: bool,
//! #     }
//! #     #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
//! #     pub enum Relation {}
//! #     impl ActiveModelBehavior for ActiveModel {}
//! # }
//! fn users(world: World) -> Factory<user::Entity> {
//!     Factory::new(world, |_, row| user::Model {
//!         id: key("users", row),
//!         email: format!("user-{row}@mail.example"),
//!         suspended: false,
//!     })
//! }
//!
//! fn suspended(user: &mut user::Model) {
//!     user.suspended = true;
//! }
//!
//! # let world = World { seed: 42, as_of: "2026-03-02".parse().unwrap() };
//! let user = users(world).with(suspended).with(|user| user.email = "mia@mail.example".into()).build(7);
//! assert_eq!((user.suspended, user.email.as_str()), (true, "mia@mail.example"));
//! ```

use std::{ops::Range, sync::Arc};

use async_trait::async_trait;
use sea_orm::{
    ActiveModelTrait as _, DatabaseExecutor, DbErr, EntityTrait, IntoActiveModel,
    IntoDatabaseExecutor,
};

use crate::World;

type Make<E> = Arc<dyn Fn(&World, u64) -> <E as EntityTrait>::Model + Send + Sync>;
type Change<E> = Arc<dyn Fn(&mut <E as EntityTrait>::Model, u64) + Send + Sync>;
type ParentRow = Arc<dyn Fn(u64) -> Option<u64> + Send + Sync>;

/// Makes rows of the table of `E`.
///
/// A state, or trait, is a function that changes a model; an override is a closure that does. A
/// schema that they do not fit breaks the build.
pub struct Factory<E: EntityTrait> {
    world: World,
    make: Make<E>,
    changes: Vec<Change<E>>,
    unset: Vec<E::Column>,
    parents: Vec<(Arc<dyn Ensure>, ParentRow)>,
}

/// Why a row could not be created.
#[derive(Debug, thiserror::Error)]
#[error("cannot create row {row} of `{table}`")]
pub struct CreateError {
    /// The table: that of the row that was asked for, or of one of its parents.
    pub table: String,
    /// The number of the row.
    pub row: u64,
    /// What the database said.
    #[source]
    pub source: DbErr,
}

impl<E: EntityTrait> Factory<E>
where
    E::Model: IntoActiveModel<E::ActiveModel>,
{
    /// A factory whose rows `make` makes, as a pure function of the world and the row's number.
    pub fn new(
        world: World,
        make: impl Fn(&World, u64) -> E::Model + Send + Sync + 'static,
    ) -> Self {
        let make = Arc::new(make);
        Self { world, make, changes: Vec::new(), unset: Vec::new(), parents: Vec::new() }
    }

    /// Changes every model that is made, after the changes before.
    #[must_use]
    pub fn with(self, change: impl Fn(&mut E::Model) + Send + Sync + 'static) -> Self {
        self.sequence(move |model, _| change(model))
    }

    /// Changes every model that is made, by the number of its row.
    #[must_use]
    pub fn sequence(mut self, change: impl Fn(&mut E::Model, u64) + Send + Sync + 'static) -> Self {
        self.changes.push(Arc::new(change));
        self
    }

    /// Leaves `columns` to the database when a row is created: serial keys, generated columns.
    #[must_use]
    pub fn unset(mut self, columns: impl IntoIterator<Item = E::Column>) -> Self {
        self.unset.extend(columns);
        self
    }

    /// Creates a parent with every row, unless its key is there: row `parent_row(row)` of `factory`,
    /// if there is one. Hooks of the entity run for the row itself, not for its parents.
    #[must_use]
    pub fn parent<P, R>(
        mut self,
        factory: Factory<P>,
        parent_row: impl Fn(u64) -> R + Send + Sync + 'static,
    ) -> Self
    where
        P: EntityTrait,
        P::Model: IntoActiveModel<P::ActiveModel>,
        P::ActiveModel: Send,
        R: Into<Option<u64>>,
    {
        self.parents.push((Arc::new(factory), Arc::new(move |row| parent_row(row).into())));
        self
    }

    /// The model of row `row`; nothing is written.
    pub fn build(&self, row: u64) -> E::Model {
        let mut model = (self.make)(&self.world, row);
        for change in &self.changes {
            change(&mut model, row);
        }
        model
    }

    /// The models of `rows`.
    pub fn build_list(&self, rows: Range<u64>) -> Vec<E::Model> {
        rows.map(|row| self.build(row)).collect()
    }

    /// Writes row `row`, after those of its parents that are missing, and returns what the database
    /// made of it.
    pub async fn create<'c>(
        &self,
        db: impl IntoDatabaseExecutor<'c>,
        row: u64,
    ) -> Result<E::Model, CreateError>
    where
        E::ActiveModel: Send,
    {
        self.create_on(&db.into_database_executor(), row).await
    }

    /// Writes `rows` one after the other, as [`Factory::create`] does: what a test needs. Thousands
    /// of rows are the business of a seed.
    pub async fn create_list<'c>(
        &self,
        db: impl IntoDatabaseExecutor<'c>,
        rows: Range<u64>,
    ) -> Result<Vec<E::Model>, CreateError>
    where
        E::ActiveModel: Send,
    {
        let db = db.into_database_executor();
        let mut models = Vec::new();
        for row in rows {
            models.push(self.create_on(&db, row).await?);
        }
        Ok(models)
    }

    async fn create_on(&self, db: &DatabaseExecutor<'_>, row: u64) -> Result<E::Model, CreateError>
    where
        E::ActiveModel: Send,
    {
        self.ensure_parents(db, row).await?;
        let created = self.active(row).insert(db).await;
        created.map_err(|source| Self::failed(row, source))
    }

    async fn ensure_parents(&self, db: &DatabaseExecutor<'_>, row: u64) -> Result<(), CreateError> {
        for (parent, parent_row) in &self.parents {
            if let Some(row) = parent_row(row) {
                parent.ensure(db, row).await?;
            }
        }
        Ok(())
    }

    fn active(&self, row: u64) -> E::ActiveModel {
        let mut active = self.build(row).into_active_model();
        for column in &self.unset {
            active.not_set(*column);
        }
        active
    }

    fn failed(row: u64, source: DbErr) -> CreateError {
        CreateError { table: E::default().table_name().to_owned(), row, source }
    }
}

impl<E: EntityTrait> Clone for Factory<E> {
    fn clone(&self) -> Self {
        Self {
            world: self.world,
            make: Arc::clone(&self.make),
            changes: self.changes.clone(),
            unset: self.unset.clone(),
            parents: self.parents.clone(),
        }
    }
}

/// A factory of whatever table, as a parent.
#[async_trait]
trait Ensure: Send + Sync {
    /// Creates row `row` and its parents, where they are missing.
    async fn ensure(&self, db: &DatabaseExecutor<'_>, row: u64) -> Result<(), CreateError>;
}

#[async_trait]
impl<E: EntityTrait> Ensure for Factory<E>
where
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: Send,
{
    async fn ensure(&self, db: &DatabaseExecutor<'_>, row: u64) -> Result<(), CreateError> {
        self.ensure_parents(db, row).await?;
        let insert = E::insert(self.active(row)).on_conflict_do_nothing();
        let done = insert.exec_without_returning(db).await;
        done.map(drop).map_err(|source| Self::failed(row, source))
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::{ActiveValue, entity::prelude::*};

    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "pupils")]
    pub(super) struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
        pub grade: i32,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    fn pupils() -> Factory<Entity> {
        let world = World { seed: 42, as_of: "2026-03-02".parse().unwrap() };
        Factory::new(world, |world, row| Model {
            id: 0,
            name: format!("Pupil {row} of world {}", world.seed),
            grade: 1,
        })
    }

    fn graduate(pupil: &mut Model) {
        pupil.grade = 13;
    }

    #[test]
    fn a_row_is_a_function_of_its_number() {
        assert_eq!(pupils().build(3), pupils().build(3));
        assert_eq!(pupils().build(3).name, "Pupil 3 of world 42");
        let names: Vec<String> =
            pupils().build_list(5..8).into_iter().map(|pupil| pupil.name).collect();
        let expected = [5, 6, 7].map(|row| format!("Pupil {row} of world 42"));
        assert_eq!(names, expected);
    }

    #[test]
    fn states_and_overrides_apply_in_their_order() {
        let graduates = pupils().with(graduate);
        assert_eq!(graduates.build(0).grade, 13);
        let younger = graduates.clone().with(|pupil| pupil.grade -= 1);
        assert_eq!(younger.build(0).grade, 12);
        let numbered = younger.sequence(|pupil, row| pupil.name = format!("{row}"));
        assert_eq!((numbered.build(7).name.as_str(), numbered.build(7).grade), ("7", 12));
        assert_eq!(graduates.build(0).grade, 13, "a clone changes nothing of its original");
    }

    #[test]
    fn what_is_left_to_the_database_is_not_set() {
        let active = pupils().unset([Column::Id]).active(1);
        assert!(matches!(active.id, ActiveValue::NotSet));
        assert!(!matches!(active.name, ActiveValue::NotSet));
    }
}
