//! What was taken back: marked with the operation that did it, never deleted.

use sea_orm::{ConnectionTrait, DbErr, Value};
use uuid::Uuid;

use super::execute;

const PARTS: &str = "UPDATE seaworthy.seed_tables SET removed_by = $3
WHERE removed_by IS NULL AND ($1::uuid IS NULL OR run_id = $1)
  AND ($2::text IS NULL OR seed_id = $2)";

const ROWS: &str = "UPDATE seaworthy.seed_rows SET removed_by = $3
WHERE removed_by IS NULL AND ($1::uuid IS NULL OR run_id = $1)
  AND ($2::text IS NULL OR seed_id = $2)";

/// Marks what `run` wrote of `seed`, or all runs and all seeds where none is named, as taken back by
/// `operation`.
pub(crate) async fn mark_removed(
    db: &impl ConnectionTrait,
    run: Option<Uuid>,
    seed: Option<&str>,
    operation: Uuid,
) -> Result<(), DbErr> {
    for sql in [PARTS, ROWS] {
        let values: [Value; 3] = [run.into(), seed.map(str::to_owned).into(), operation.into()];
        execute(db, sql, values).await?;
    }
    Ok(())
}
