//! Changing the tables, and proving that they are what was asked for.

use dbkit::Report;

use super::{
    Applied,
    error::{Change, ImportError, failed},
    statement::{Work, statement},
    target::Target,
};
use crate::data::{
    DataEvent, Sequence, TableTally,
    relations::{self, OwnedSequence},
    session::Session,
};

/// Changes all tables. Whatever could still object, objects now.
pub(super) async fn apply(
    session: &mut Session,
    targets: &[Target<'_>],
    work: Work,
) -> Result<Vec<Applied>, ImportError> {
    if targets.is_empty() {
        return Ok(Vec::new());
    }
    let changing = || failed("change the tables");
    let (gone, changed, new): (Vec<i64>, Vec<i64>, Vec<i64>) =
        session.row(&statement(targets, work)).await.map_err(changing())?;
    session.execute("SET CONSTRAINTS ALL IMMEDIATE").await.map_err(changing())?;
    let counts = gone.into_iter().zip(changed).zip(new);
    let applied = targets.iter().zip(counts).map(|(target, ((gone, changed), new))| Applied {
        schema: target.table.schema.clone(),
        name: target.table.name.clone(),
        deleted: gone.unsigned_abs(),
        updated: changed.unsigned_abs(),
        inserted: new.unsigned_abs(),
    });
    Ok(applied.collect())
}

/// Checks that every row came in: a trigger can hold one back without an error.
pub(super) fn complete(applied: &[Applied], tables: &[TableTally]) -> Result<(), ImportError> {
    match applied.iter().zip(tables).find(|(applied, table)| applied.inserted != table.rows) {
        None => Ok(()),
        Some((applied, table)) => Err(ImportError::HeldBack {
            table: format!("{}.{}", table.schema, table.name),
            rows: table.rows,
            inserted: applied.inserted,
        }),
    }
}

/// Checks that the tables are now what the file says.
pub(super) async fn equal(
    session: &mut Session,
    targets: &[Target<'_>],
    tables: &[TableTally],
    report: &dyn Report<DataEvent>,
) -> Result<(), ImportError> {
    let changes = changes(session, targets, tables, report).await?;
    if changes.is_empty() { Ok(()) } else { Err(ImportError::Differs(changes)) }
}

/// Checks that nobody changed the tables since they were as `expected`.
pub(super) async fn expect(
    session: &mut Session,
    targets: &[Target<'_>],
    expected: &[TableTally],
    report: &dyn Report<DataEvent>,
) -> Result<(), ImportError> {
    let changes = changes(session, targets, expected, report).await?;
    if changes.is_empty() { Ok(()) } else { Err(ImportError::Unexpected(changes)) }
}

async fn changes(
    session: &mut Session,
    targets: &[Target<'_>],
    tallies: &[TableTally],
    report: &dyn Report<DataEvent>,
) -> Result<Vec<Change>, ImportError> {
    let mut changes = Vec::new();
    for target in targets {
        let table = target.table;
        let same =
            |tally: &&TableTally| (&tally.schema, &tally.name) == (&table.schema, &table.name);
        let Some(expected) = tallies.iter().find(same) else { continue };
        report.report(&DataEvent::Comparing { table: table.to_string() });
        let sql = relations::copy_out(&target.relation, table);
        let reading = failed(&format!("read the rows of {table}"));
        let found = session.tally(&sql).await.map_err(reading)?;
        if (found.rows, found.hash.to_string()) != (expected.rows, expected.hash.clone()) {
            let (expected_rows, found_rows) = (expected.rows, found.rows);
            changes.push(Change { table: table.to_string(), expected_rows, found_rows });
        }
    }
    Ok(changes)
}

/// Advances the sequences to where they stood; the names of those that were behind.
///
/// Last of all, because no transaction takes it back: one that is too far ahead does no harm.
pub(super) async fn sequences(
    session: &mut Session,
    recorded: &[Sequence],
    targets: &[Target<'_>],
) -> Result<Vec<String>, ImportError> {
    let mut advanced = Vec::new();
    for sequence in recorded {
        let is_its = |target: &&Target<'_>| {
            (&target.table.schema, &target.table.name) == (&sequence.schema, &sequence.table)
        };
        // Found by its column, because the sequence may have another name here.
        let owned = targets.iter().find(is_its).into_iter().flat_map(|target| &target.sequences);
        for owned in owned.filter(|owned| owned.column == sequence.column) {
            let what = failed(&format!("advance sequence {}.{}", owned.schema, owned.name));
            let set: Vec<(i64,)> = session.rows(&advance(owned, sequence)).await.map_err(what)?;
            if !set.is_empty() {
                advanced.push(format!("{}.{}", owned.schema, owned.name));
            }
        }
    }
    Ok(advanced)
}

fn advance(owned: &OwnedSequence, recorded: &Sequence) -> String {
    let Sequence { last_value, is_called, .. } = recorded;
    let beyond = if owned.increment > 0 { '<' } else { '>' };
    let quoted = owned.quoted();
    format!(
        "SELECT setval({}, {last_value}, {is_called}) FROM {quoted} AS s \
         WHERE s.last_value {beyond} {last_value} \
         OR (s.last_value = {last_value} AND {is_called} AND NOT s.is_called)",
        dbkit::Literal(&quoted),
    )
}
