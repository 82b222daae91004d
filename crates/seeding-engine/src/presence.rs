//! Which of a seed's rows are in the database, found by their computed keys.

use sea_orm::{
    ActiveModelTrait as _, ConnectionTrait, DbErr, EntityTrait, Iterable as _,
    PrimaryKeyArity as _, PrimaryKeyToColumn, PrimaryKeyTrait, QueryFilter as _, QuerySelect as _,
    QueryTrait as _, Select,
    sea_query::{Expr, ExprTrait as _, IntoValueTuple, ValueTuple},
};
use serde_json::Value as Json;

use crate::write::as_json;

/// Looking at more rows does not find an intact seed any better.
const LOOKED_AT: usize = 100;

/// What identifies a row of `E`.
pub(crate) type PrimaryKey<E> = <<E as EntityTrait>::PrimaryKey as PrimaryKeyTrait>::ValueType;

/// Whether any of `models` is in the database, going by the first of them.
pub(crate) async fn any_present<E: EntityTrait>(
    db: &impl ConnectionTrait,
    models: &[E::ActiveModel],
) -> Result<bool, DbErr> {
    let first = &models[..models.len().min(LOOKED_AT)];
    Ok(!present::<E>(db, first).await?.is_empty())
}

/// The primary keys of those `models` that are in the database.
pub(crate) async fn present<E: EntityTrait>(
    db: &impl ConnectionTrait,
    models: &[E::ActiveModel],
) -> Result<Vec<ValueTuple>, DbErr> {
    let keys = keys::<E>(models);
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<PrimaryKey<E>> = with_keys::<E>(keys).into_tuple().all(db).await?;
    Ok(found.into_iter().map(IntoValueTuple::into_value_tuple).collect())
}

/// The rows with the primary keys `keys` that are in the database, as JSON.
pub(crate) async fn rows<E: EntityTrait>(
    db: &impl ConnectionTrait,
    keys: Vec<ValueTuple>,
) -> Result<Vec<(ValueTuple, Json)>, DbErr> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let query = with_keys::<E>(keys).expr(as_json::<E>()).into_query();
    let found = db.query_all(&query).await?;
    found
        .iter()
        .map(|row| {
            let key: PrimaryKey<E> = row.try_get_many_by_index()?;
            Ok((key.into_value_tuple(), row.try_get_by_index(PrimaryKey::<E>::ARITY)?))
        })
        .collect()
}

/// A query for the primary keys of the rows that have one of `keys`.
fn with_keys<E: EntityTrait>(keys: Vec<ValueTuple>) -> Select<E> {
    let columns = || E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column);
    let key = Expr::tuple(columns().map(|column| Expr::col((E::default(), column))));
    E::find().select_only().columns(columns()).filter(key.in_tuples(keys))
}

/// The primary keys of `models`.
pub(crate) fn keys<E: EntityTrait>(models: &[E::ActiveModel]) -> Vec<ValueTuple> {
    models.iter().filter_map(E::ActiveModel::get_primary_key_value).collect()
}
