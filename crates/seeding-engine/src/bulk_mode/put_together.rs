//! What guards tables, made again and compared.

use sea_orm::{ConnectionTrait as _, DbErr};

use super::{
    BulkModeError, catalog,
    take_apart::{Part, TakenApart},
};
use crate::{
    copy::{Bulk, Refusal},
    write::Progress,
};

/// Makes again what was dropped: indexes, then constraints, foreign keys last, then what belongs to
/// them. `progress` hears of each part that is there.
///
/// Anything that is not as it was before is an error, after which the transaction must be rolled
/// back; as is a row that breaks a constraint. `maintenance_work_mem` stays as the server has it:
/// four times as much was not faster over four million rows that come in the order of their keys.
pub async fn put_together(
    taken: TakenApart,
    db: &Bulk,
    progress: Progress<'_>,
) -> Result<(), BulkModeError> {
    let TakenApart { tables, parts, entries } = taken;
    for part in parts.iter().filter(|part| part.turn == 2) {
        execute(db, part, part.build.iter().chain(&part.attach)).await?;
        progress(1);
    }
    for part in parts.iter().filter(|part| part.turn == 1) {
        execute(db, part, part.attach.iter()).await?;
        progress(1);
    }
    for part in &parts {
        execute(db, part, part.finish.iter()).await?;
    }
    let after = catalog::entries(db, &tables).await.map_err(BulkModeError::Database)?;
    compare(&entries, &after)
}

async fn execute(
    db: &Bulk,
    part: &Part,
    statements: impl Iterator<Item = &String>,
) -> Result<(), BulkModeError> {
    for statement in statements {
        let done = db.execute_unprepared(statement).await;
        done.map_err(|error| failed(&part.table, error))?;
    }
    Ok(())
}

fn failed(table: &str, error: DbErr) -> BulkModeError {
    match Refusal::of_orm(&error) {
        Some(refusal) => BulkModeError::Refused { table: table.to_owned(), refusal },
        None => BulkModeError::Database(error),
    }
}

fn compare(before: &[String], after: &[String]) -> Result<(), BulkModeError> {
    let lacking = |from: &[String], to: &[String]| -> Vec<String> {
        from.iter().filter(|entry| !to.contains(entry)).cloned().collect()
    };
    let (gone, new) = (lacking(before, after), lacking(after, before));
    if gone.is_empty() && new.is_empty() {
        Ok(())
    } else {
        Err(BulkModeError::Different { gone, new })
    }
}
