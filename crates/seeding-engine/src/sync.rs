//! Rows that follow the code: written where they are missing or differ, and nowhere else.

use dbkit::Identifier;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue, ConnectionTrait as _, EntityTrait, IdenStatic,
    Iterable as _, PrimaryKeyArity as _, PrimaryKeyToColumn,
    sea_query::{Expr, InsertStatement, IntoValueTuple as _, OnConflict, Returning},
};

use crate::{
    copy::Bulk,
    presence::{self, PrimaryKey},
    rows::Offer,
    write::{Change, WriteError, as_json, part},
};

/// Columns that the database keeps itself; the code has no opinion on them.
const KEPT_BY_THE_DATABASE: [&str; 2] = ["created_at", "updated_at"];

/// What a sync does to a row that is there.
pub(crate) struct Update<E: EntityTrait> {
    /// How it is found.
    by: Vec<E::Column>,
    /// What is made equal to the code.
    pub(crate) following: Vec<E::Column>,
    /// The condition under which it is written.
    differs: String,
}

impl<E: EntityTrait> Update<E> {
    /// Decides what happens to rows of `offer` that are there; `None` where nothing could differ.
    pub(crate) fn of(offer: &Offer<E>, by: &[E::Column]) -> Option<Self> {
        let first = offer.models.first()?;
        let key: Vec<E::Column> =
            E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column).collect();
        let following: Vec<E::Column> = E::Column::iter()
            .filter(|column| !matches!(first.get(*column), ActiveValue::NotSet))
            .filter(|column| !KEPT_BY_THE_DATABASE.contains(&column.as_str()))
            .filter(|column| !contains::<E>(by, *column) && !contains::<E>(&key, *column))
            .filter(|column| !contains::<E>(&offer.insert_only, *column))
            .collect();
        // The primary key is compared though it never changes: a row that somebody made under
        // another key must come back, so that it is noticed.
        let key = key.into_iter().filter(|column| !contains::<E>(by, *column));
        let compared: Vec<E::Column> = following.iter().copied().chain(key).collect();
        let differs = differs::<E>(&compared);
        (!compared.is_empty()).then(|| Self { by: by.to_vec(), following, differs })
    }

    fn on_conflict(&self) -> OnConflict {
        // An update must name a column, even where the key alone is compared.
        let set = if self.following.is_empty() { &self.by } else { &self.following };
        OnConflict::columns(self.by.iter().copied())
            .update_columns(set.iter().copied())
            .action_and_where(Expr::cust(self.differs.clone()))
            .to_owned()
    }
}

fn contains<E: EntityTrait>(columns: &[E::Column], column: E::Column) -> bool {
    columns.iter().any(|other| other.as_str() == column.as_str())
}

fn differs<E: EntityTrait>(columns: &[E::Column]) -> String {
    let row = |source: &str| {
        let cell = |column: &E::Column| format!("{source}.{}", Identifier(column.as_str()));
        columns.iter().map(cell).collect::<Vec<_>>().join(", ")
    };
    let table = Identifier(E::default().table_name()).to_string();
    format!("ROW({}) IS DISTINCT FROM ROW({})", row(&table), row("excluded"))
}

/// Makes `insert` write only what is missing or differs, and return what it wrote.
fn upsert<E: EntityTrait>(insert: &mut InsertStatement, update: &Update<E>) {
    let key = E::PrimaryKey::iter().map(|key| Expr::col((E::default(), key.into_column())));
    // A row version that no transaction has touched since (xmax) is new.
    let returned = key.chain([Expr::cust("(xmax = 0)"), as_json::<E>()]);
    insert.on_conflict(update.on_conflict()).returning(Returning::new().exprs(returned));
}

/// Executes `insert`, which has the rows `offered`, as an upsert.
pub(crate) async fn sync<E: EntityTrait>(
    db: &Bulk,
    mut insert: InsertStatement,
    update: &Update<E>,
    offered: &[E::ActiveModel],
) -> Result<Vec<Change>, WriteError> {
    let table = E::default().table_name();
    let broken = |source| WriteError::Database { table, source };
    upsert(&mut insert, update);
    let offered = presence::keys::<E>(offered);
    let before = presence::rows::<E>(db, offered.clone()).await.map_err(broken)?;
    let mut changes = Vec::new();
    for row in db.query_all(&insert).await.map_err(broken)? {
        let key: PrimaryKey<E> = row.try_get_many_by_index().map_err(broken)?;
        let name = format!("{key:?}");
        let key = key.into_value_tuple();
        if !offered.contains(&key) {
            return Err(WriteError::OtherKey { table, key: name });
        }
        let is_new: bool = row.try_get_by_index(PrimaryKey::<E>::ARITY).map_err(broken)?;
        let now = row.try_get_by_index(PrimaryKey::<E>::ARITY + 1).map_err(broken)?;
        let was = before.iter().find(|(other, _)| *other == key && !is_new);
        let following = || update.following.iter().map(IdenStatic::as_str);
        changes.push(Change { now, before: was.map(|(_, row)| part(row, following())) });
    }
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use sea_orm::{DbBackend, NotSet, QueryTrait as _, Set, entity::prelude::*};

    use super::*;
    use crate::Rows;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "roles")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub name: String,
        pub description: String,
        pub secret: String,
        pub created_at: DateTimeUtc,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    fn offer() -> Offer<Entity> {
        Rows::of::<Entity>([ActiveModel {
            id: Set(1),
            name: Set("ADMIN".to_owned()),
            description: Set("Runs the school".to_owned()),
            secret: Set("!".to_owned()),
            created_at: NotSet,
        }])
    }

    fn sql(offer: &Offer<Entity>, by: &[Column]) -> String {
        let mut insert = Entity::insert_many(offer.models.clone()).into_query();
        upsert(&mut insert, &Update::of(offer, by).unwrap());
        let sql = DbBackend::Postgres.build(&insert).to_string();
        sql.split_once(" ON ").unwrap().1.to_owned()
    }

    #[test]
    fn only_rows_that_differ_are_written_and_the_key_is_watched() {
        assert_eq!(
            sql(&offer().insert_only([Column::Secret]), &[Column::Name]),
            r#"CONFLICT ("name") DO UPDATE SET "description" = "excluded"."description" "#
                .to_owned()
                + r#"WHERE ROW("roles"."description", "roles"."id") "#
                + r#"IS DISTINCT FROM ROW(excluded."description", excluded."id") "#
                + r#"RETURNING "roles"."id", (xmax = 0), to_jsonb("roles".*)"#
        );
    }

    #[test]
    fn a_row_that_is_found_by_its_key_may_have_any_name() {
        assert_eq!(
            sql(&offer().insert_only([Column::Secret, Column::Name]), &[Column::Id]),
            r#"CONFLICT ("id") DO UPDATE SET "description" = "excluded"."description" "#.to_owned()
                + r#"WHERE ROW("roles"."description") "#
                + r#"IS DISTINCT FROM ROW(excluded."description") "#
                + r#"RETURNING "roles"."id", (xmax = 0), to_jsonb("roles".*)"#
        );
    }

    #[test]
    fn a_row_of_which_nothing_follows_needs_no_update() {
        let offer = offer().insert_only([Column::Secret, Column::Name, Column::Description]);
        assert!(Update::of(&offer, &[Column::Id]).is_none());
    }
}
