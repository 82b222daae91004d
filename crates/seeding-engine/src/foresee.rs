//! What a small seed would do with its rows, found out by reading alone.

use sea_orm::{
    ActiveModelTrait as _, ConnectionTrait, DbErr, EntityTrait, IdenStatic as _,
    sea_query::sea_value_to_json_value,
};
use serde_json::Value as Json;

use crate::{
    presence,
    rows::{Mode, Offer},
    summary::Counts,
    survey,
    sync::Update,
};

/// Rows are asked for in groups of so many.
const CHUNK: usize = 1_000;

/// Counts which rows of `offer` are missing, which differ from the code, and which stay. In a table
/// that a migration has yet to make, all are missing.
///
/// A value that the database keeps in another form than the code, such as a number with more digits, counts as one
/// that differs; writing decides.
pub(crate) async fn foresee<E: EntityTrait>(
    db: &impl ConnectionTrait,
    offer: &Offer<E>,
    mode: &Mode<E>,
) -> Result<Counts, DbErr> {
    if !survey::exists(db, E::default().table_name()).await? {
        return Ok(Counts { created: offer.models.len() as u64, ..Counts::default() });
    }
    let following = match mode {
        Mode::Fill => Vec::new(),
        Mode::Sync(by) => Update::of(offer, by).map(|update| update.following).unwrap_or_default(),
    };
    let mut counts = Counts::default();
    for chunk in offer.models.chunks(CHUNK) {
        let there = presence::rows::<E>(db, presence::keys::<E>(chunk)).await?;
        for model in chunk {
            let key = model.get_primary_key_value();
            let row = there.iter().find(|(other, _)| Some(other) == key.as_ref());
            match row {
                None => counts.created += 1,
                Some((_, row)) if differs::<E>(model, row, &following) => counts.updated += 1,
                Some(_) => counts.unchanged += 1,
            }
        }
    }
    Ok(counts)
}

fn differs<E: EntityTrait>(model: &E::ActiveModel, row: &Json, columns: &[E::Column]) -> bool {
    columns.iter().any(|column| {
        let wanted = model.get(*column).into_value().map(|value| sea_value_to_json_value(&value));
        wanted.as_ref() != row.get(column.as_str())
    })
}
