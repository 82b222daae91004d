//! The order in which tables are filled: what is referred to comes first.

use sea_orm::{ConnectionTrait, DbErr};
use serde_json::json;

use super::query;

/// The places of `tables`, which are quoted, in the order of their foreign keys. Of tables that refer
/// to each other in a circle, the order is as it was.
pub(super) async fn by_foreign_key(
    conn: &impl ConnectionTrait,
    tables: &[String],
) -> Result<Vec<usize>, DbErr> {
    const REFERENCES: &str = "
SELECT child.place - 1, parent.place - 1
FROM pg_constraint c
JOIN jsonb_array_elements_text($1) WITH ORDINALITY AS child (name, place)
    ON to_regclass(child.name) = c.conrelid
JOIN jsonb_array_elements_text($1) WITH ORDINALITY AS parent (name, place)
    ON to_regclass(parent.name) = c.confrelid
WHERE c.contype = 'f' AND c.conrelid <> c.confrelid";
    let rows = conn.query_all_raw(query(REFERENCES, [json!(tables).into()])).await?;
    let reference = |row: &sea_orm::QueryResult| {
        let place = |index| row.try_get_by_index::<i64>(index).map(place);
        Ok::<_, DbErr>((place(0)?, place(1)?))
    };
    let references = rows.iter().map(reference).collect::<Result<Vec<_>, _>>()?;
    Ok(sort(tables.len(), &references))
}

fn place(place: i64) -> usize {
    usize::try_from(place).unwrap_or_default()
}

/// Sorts the numbers below `count` such that of each pair (child, parent) the parent comes first.
fn sort(count: usize, references: &[(usize, usize)]) -> Vec<usize> {
    let mut sorted: Vec<usize> = Vec::with_capacity(count);
    while sorted.len() < count {
        let is_ready = |number: &usize| {
            let mut parents = references.iter().filter(|(child, _)| child == number);
            !sorted.contains(number) && parents.all(|(_, parent)| sorted.contains(parent))
        };
        let waiting = |number: &usize| !sorted.contains(number);
        let next = (0..count).find(is_ready).or_else(|| (0..count).find(waiting));
        sorted.extend(next);
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_come_first_and_a_circle_is_no_trap() {
        assert_eq!(sort(3, &[(0, 1), (1, 2)]), [2, 1, 0]);
        assert_eq!(sort(3, &[(0, 1), (1, 0)]), [2, 0, 1]);
        assert_eq!(sort(0, &[]), [0; 0]);
    }
}
