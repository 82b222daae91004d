//! Rows that follow the code: written where they are missing or differ, and nowhere else.

use dbkit::Identifier;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue, ConnectionTrait as _, DatabaseTransaction, EntityTrait,
    IdenStatic as _, Iterable as _, PrimaryKeyArity as _, PrimaryKeyToColumn,
    sea_query::{Expr, InsertStatement, IntoValueTuple as _, OnConflict, Returning},
};

use crate::{
    presence::{self, PrimaryKey},
    rows::Offer,
    summary::Counts,
    write::WriteError,
};

/// Columns that the database keeps itself; the code has no opinion on them.
const KEPT_BY_THE_DATABASE: [&str; 2] = ["created_at", "updated_at"];

/// What a sync does to a row that is there.
pub(crate) struct Update<E: EntityTrait> {
    /// How it is found.
    by: Vec<E::Column>,
    /// What is made equal to the code.
    following: Vec<E::Column>,
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

/// Executes `insert`, which has the rows `offered`, as an upsert.
pub(crate) async fn sync<E: EntityTrait>(
    db: &DatabaseTransaction,
    mut insert: InsertStatement,
    update: &Update<E>,
    offered: &[E::ActiveModel],
) -> Result<Counts, WriteError> {
    let table = E::default().table_name();
    let broken = |source| WriteError::Database { table, source };
    let key = E::PrimaryKey::iter().map(|key| Expr::col((E::default(), key.into_column())));
    // A row version that no transaction has touched since (xmax) is new.
    let returned = key.chain([Expr::cust("(xmax = 0)")]);
    insert.on_conflict(update.on_conflict()).returning(Returning::new().exprs(returned));
    let offered = presence::keys::<E>(offered);
    let mut counts = Counts::default();
    for row in db.query_all(&insert).await.map_err(broken)? {
        let key: PrimaryKey<E> = row.try_get_many_by_index().map_err(broken)?;
        let name = format!("{key:?}");
        if !offered.contains(&key.into_value_tuple()) {
            return Err(WriteError::OtherKey { table, key: name });
        }
        let is_new = row.try_get_by_index(PrimaryKey::<E>::ARITY).map_err(broken)?;
        *(if is_new { &mut counts.created } else { &mut counts.updated }) += 1;
    }
    Ok(counts)
}
