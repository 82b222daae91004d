//! Columns of small seeds that are set once the rows of all tables are there, because tables refer
//! to each other in a circle.

use dbkit::Identifier;
use sea_orm::{
    ActiveModelTrait as _, ConnectionTrait as _, DbBackend, DbErr, EntityTrait, IdenStatic,
    Iterable as _, PrimaryKeyToColumn as _, Statement, sea_query::sea_value_to_json_value,
};
use serde_json::Value as Json;

use crate::{
    copy::Bulk,
    rows::Offer,
    write::{WriteError, Written, part},
};

/// Makes the `columns` of `model` null.
pub(crate) fn clear<E: EntityTrait>(model: &mut E::ActiveModel, columns: &[E::Column]) {
    for column in columns {
        if let Some(value) = model.get(*column).into_value() {
            model.set(*column, value.as_null());
        }
    }
}

/// Sets the `columns` of the rows of `offer` that were `written`, with one statement.
pub(crate) async fn set<E: EntityTrait>(
    db: &Bulk,
    offer: &Offer<E>,
    columns: &[E::Column],
    written: &mut Written,
) -> Result<(), WriteError> {
    let broken = |source| WriteError::Database { table: E::default().table_name(), source };
    let key: Vec<_> = key::<E>().collect();
    for row in update(db, offer, columns, written).await.map_err(broken)? {
        let key = part(&row, key.iter().copied());
        let Some(known) = written.rows.iter_mut().find(|known| known.key == key) else { continue };
        let Some(after) = known.after.as_object_mut() else { continue };
        for (name, value) in after {
            if let Some(now) = row.get(name) {
                value.clone_from(now);
            }
        }
    }
    Ok(())
}

fn key<E: EntityTrait>() -> impl Iterator<Item = &'static str> {
    E::PrimaryKey::iter().map(|key| key.into_column().as_str())
}

async fn update<E: EntityTrait>(
    db: &Bulk,
    offer: &Offer<E>,
    columns: &[E::Column],
    written: &Written,
) -> Result<Vec<Json>, DbErr> {
    let wanted: Vec<&str> = key::<E>().chain(columns.iter().map(IdenStatic::as_str)).collect();
    let offered: Json = offer.models.iter().map(|model| values::<E>(model, &wanted)).collect();
    let new: Json = written.rows.iter().map(|row| row.key.clone()).collect();
    let values = [offered.into(), new.into()];
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql::<E>(columns), values);
    let rows = db.query_all_raw(statement).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

fn values<E: EntityTrait>(model: &E::ActiveModel, names: &[&str]) -> Json {
    let own = E::Column::iter().filter(|column| names.contains(&column.as_str()));
    own.filter_map(|column| {
        let value = model.get(column).into_value()?;
        Some((column.as_str().to_owned(), sea_value_to_json_value(&value)))
    })
    .collect()
}

/// Rows that were there stay as they are, so those that are new are told by their keys.
fn sql<E: EntityTrait>(columns: &[E::Column]) -> String {
    let table = Identifier(E::default().table_name());
    let quoted: Vec<String> = columns.iter().map(|c| Identifier(c.as_str()).to_string()).collect();
    let same = |one: &str, other: &str| {
        let equal = |name| format!("{one}.{0} = {other}.{0}", Identifier(name));
        key::<E>().map(equal).collect::<Vec<_>>().join(" AND ")
    };
    let of_offered = |suffix: &str| -> Vec<String> {
        quoted.iter().map(|column| format!("offered.{column}{suffix}")).collect()
    };
    format!(
        "UPDATE {table} SET ({}) = ROW({})
         FROM jsonb_populate_recordset(NULL::{table}, $1) offered
         JOIN jsonb_populate_recordset(NULL::{table}, $2) new ON {}
         WHERE {} AND ({})
         RETURNING to_jsonb({table}.*)",
        quoted.join(", "),
        of_offered("").join(", "),
        same("new", "offered"),
        same(&table.to_string(), "offered"),
        of_offered(" IS NOT NULL").join(" OR "),
    )
}
