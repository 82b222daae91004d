//! The table that stock sea-orm-migration keeps, qualified with its schema: a migration may change the
//! search path.

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, Schema,
    sea_query::{Alias, Expr, ExprTrait as _, IntoTableRef as _, Query, TableRef},
};
use sea_orm_migration::seaql_migrations::{Column, Entity};

use super::There;
use crate::Project;

/// Where the table is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    schema: String,
    name: String,
}

impl Table {
    /// Finds the table on the search path; a database without one has nothing applied.
    pub async fn find(db: &impl ConnectionTrait, project: &Project) -> Result<Option<Self>, DbErr> {
        Ok(There::look(db, project).await?.stock)
    }

    pub(super) fn new(schema: String, name: String) -> Self {
        Self { schema, name }
    }

    /// Creates the table as stock sea-orm-migration does, where it is missing.
    pub async fn install(db: &impl ConnectionTrait, project: &Project) -> Result<Self, DbErr> {
        if let Some(table) = Self::find(db, project).await? {
            return Ok(table);
        }
        let mut create = Schema::new(DbBackend::Postgres).create_table_from_entity(Entity);
        create.table(project.ledger_table()).if_not_exists();
        db.execute(&create).await?;
        let created = Self::find(db, project).await?;
        created.ok_or_else(|| DbErr::RecordNotFound("the ledger is not on the search path".into()))
    }

    /// Names and times, in the order of application as far as seconds tell.
    pub(super) async fn rows(
        &self,
        db: &impl ConnectionTrait,
    ) -> Result<Vec<(String, DateTime<Utc>)>, DbErr> {
        let query = Query::select()
            .columns([Column::Version, Column::AppliedAt])
            .from(self.reference())
            .order_by(Column::AppliedAt, sea_orm::Order::Asc)
            .order_by(Column::Version, sea_orm::Order::Asc)
            .to_owned();
        let rows = db.query_all(&query).await?;
        rows.iter()
            .map(|row| {
                let seconds: i64 = row.try_get("", "applied_at")?;
                let at = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
                Ok((row.try_get("", "version")?, at))
            })
            .collect()
    }

    /// Notes that `name` is applied.
    pub async fn add(
        &self,
        db: &impl ConnectionTrait,
        name: &str,
        now: DateTime<Utc>,
    ) -> Result<(), DbErr> {
        let insert = Query::insert()
            .into_table(self.reference())
            .columns([Column::Version, Column::AppliedAt])
            .values_panic([name.into(), now.timestamp().into()])
            .to_owned();
        db.execute(&insert).await.map(drop)
    }

    /// Notes that `name` is applied no longer.
    pub async fn remove(&self, db: &impl ConnectionTrait, name: &str) -> Result<(), DbErr> {
        let delete = Query::delete()
            .from_table(self.reference())
            .and_where(Expr::col(Column::Version).eq(name))
            .to_owned();
        db.execute(&delete).await.map(drop)
    }

    /// Drops the table: the database is as it was before the first migration.
    pub(crate) async fn uninstall(&self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        let mut drop_table = sea_orm::sea_query::Table::drop();
        drop_table.table(self.reference());
        db.execute(&drop_table).await.map(drop)
    }

    fn reference(&self) -> TableRef {
        (Alias::new(&self.schema), Alias::new(&self.name)).into_table_ref()
    }
}
