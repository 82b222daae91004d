//! Fills tables as planned, in one transaction.

use std::collections::BTreeMap;

use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DatabaseTransaction, DbErr, RuntimeErr,
    TransactionTrait as _,
};

use dbkit::{Clock, Environment, Literal, Report, stamp};
use uuid::Uuid;

use super::{
    definition::{ForeignKey, Table},
    keys::Keys,
    late,
    parents::MOST_PARENTS,
    plan::{self, FillError, FillPlan},
    recipe::Recipe,
    record,
    statement::{list, qualified},
    summary::{FillSummary, FilledTable, Problem, TableProposal},
    write,
};
use crate::{Ending, history};

/// What a fill is, for the history.
#[derive(Clone, Debug)]
pub struct FillRun {
    /// Its name.
    pub id: Uuid,
    /// What kind of database it is. The caller has compared this with the database's own stamp.
    pub environment: Environment,
    /// Whether it lasts.
    pub ending: Ending,
    /// Who runs it.
    pub actor: String,
    /// The version of the tool.
    pub tool_version: String,
    /// The revision of the source.
    pub git_revision: Option<String>,
}

/// Writes what `plan` says, keeps in the history which rows these are, and stamps the database with
/// its environment. Each table that is done is reported.
///
/// A table that the database refuses is left as it was and named; the others are filled. The caller
/// holds the lock that keeps other runs away.
pub async fn run(
    db: &DatabaseConnection,
    plan: &FillPlan,
    run: &FillRun,
    clock: &dyn Clock,
    report: &dyn Report<FilledTable>,
) -> Result<FillSummary, FillError> {
    let (started, lasts) = (clock.now(), run.ending == Ending::Commit);
    if lasts {
        stamp::install(db).await.map_err(FillError::Stamp)?;
        history::install(db).await.map_err(FillError::History)?;
    }
    let transaction = db.begin().await.map_err(FillError::Transaction)?;
    // Somebody may hold a row that we want; that wait has a limit, too.
    let limit = transaction.execute_unprepared("SET LOCAL lock_timeout = '10s'").await;
    limit.map_err(FillError::Transaction)?;
    let mut tables = tables(&transaction, plan, report).await?;
    references(&transaction, plan, &mut tables).await?;
    let immediate = transaction.execute_unprepared("SET CONSTRAINTS ALL IMMEDIATE").await;
    immediate.map_err(FillError::Transaction)?;
    if lasts {
        finish(&transaction, plan, &tables).await.map_err(FillError::Transaction)?;
        let begun = record::begin(&transaction, run, plan.world, started).await;
        begun.map_err(FillError::History)?;
        let ended = record::finish(&transaction, run.id, &tables, started, clock.now()).await;
        ended.map_err(FillError::History)?;
        stamp::write(&transaction, run.environment).await.map_err(FillError::Stamp)?;
    }
    match run.ending {
        Ending::Commit => transaction.commit().await,
        Ending::RollBack => transaction.rollback().await,
    }
    .map_err(FillError::Transaction)?;
    Ok(FillSummary { run: run.id, world: plan.world, ending: run.ending, tables })
}

async fn tables(
    db: &DatabaseTransaction,
    plan: &FillPlan,
    report: &dyn Report<FilledTable>,
) -> Result<Vec<FilledTable>, FillError> {
    let mut tables = Vec::with_capacity(plan.tables.len());
    for (proposal, position) in plan.tables.iter().zip(&plan.positions) {
        let filled = table(db, plan, proposal, *position).await?;
        report.report(&filled);
        tables.push(filled);
    }
    Ok(tables)
}

async fn table(
    db: &DatabaseTransaction,
    plan: &FillPlan,
    proposal: &TableProposal,
    position: usize,
) -> Result<FilledTable, FillError> {
    let TableProposal { table, existing, rows, problems, .. } = proposal.clone();
    let nothing = FilledTable { table, existing, written: 0, keys: Keys::None, problems };
    if rows == 0 {
        return Ok(nothing);
    }
    let definition = &plan.definition.tables[position];
    let late = plan::late(&plan.order, position);
    let mut recipe = Recipe::new(&plan.definition, definition, late, plan.world);
    let planned: BTreeMap<&str, u64> =
        plan.tables.iter().map(|table| (&*table.table, table.existing + table.rows)).collect();
    let available =
        |key: &ForeignKey| planned.get(&*key.parent_title()).copied().unwrap_or(MOST_PARENTS);
    recipe.keep_apart(existing + rows, &available);
    let savepoint = db.begin().await.map_err(FillError::Transaction)?;
    let mut filled = match write::fill(&savepoint, &recipe, existing, rows).await {
        Ok(filled) => {
            savepoint.commit().await.map_err(FillError::Transaction)?;
            filled
        }
        Err(error) => {
            savepoint.rollback().await.map_err(FillError::Transaction)?;
            let failed = Problem::Failed { message: said(&error) };
            FilledTable { problems: vec![failed], ..nothing.clone() }
        }
    };
    filled.problems.splice(0..0, nothing.problems);
    Ok(filled)
}

/// What the database said, without the words of the driver.
fn said(error: &DbErr) -> String {
    let (DbErr::Exec(RuntimeErr::SqlxError(source)) | DbErr::Query(RuntimeErr::SqlxError(source))) =
        error
    else {
        return error.to_string();
    };
    source.as_database_error().map_or_else(|| error.to_string(), |said| said.message().to_owned())
}

/// Fills the references that had to wait.
async fn references(
    db: &DatabaseTransaction,
    plan: &FillPlan,
    tables: &mut [FilledTable],
) -> Result<(), FillError> {
    for (table, name) in &plan.order.late {
        let Some(at) = plan.positions.iter().position(|position| position == table) else {
            continue;
        };
        let definition = &plan.definition.tables[*table];
        let Some(key) = definition.foreign_keys.iter().find(|key| key.name == *name) else {
            continue;
        };
        let savepoint = db.begin().await.map_err(FillError::Transaction)?;
        let filled = late::fill(&savepoint, &plan.definition, definition, key, &tables[at].keys);
        match filled.await {
            Ok(()) => savepoint.commit().await.map_err(FillError::Transaction)?,
            Err(error) => {
                savepoint.rollback().await.map_err(FillError::Transaction)?;
                let (constraint, message) = (name.clone(), said(&error));
                tables[at].problems.push(Problem::LeftEmpty { constraint, message });
            }
        }
    }
    Ok(())
}

/// Lets sequences go on behind the numbers that were given out, and the planner know the tables. No
/// transaction takes a sequence back.
async fn finish(
    db: &DatabaseTransaction,
    plan: &FillPlan,
    tables: &[FilledTable],
) -> Result<(), DbErr> {
    for (filled, position) in tables.iter().zip(&plan.positions) {
        if filled.written == 0 {
            continue;
        }
        let table = &plan.definition.tables[*position];
        for sql in sequences(table) {
            db.execute_unprepared(&sql).await?;
        }
        db.execute_unprepared(&format!("ANALYZE {}", qualified(&table.schema, &table.name)))
            .await?;
    }
    Ok(())
}

fn sequences(table: &Table) -> Vec<String> {
    let counted =
        table.columns.iter().filter_map(|column| Some((column, column.sequence.as_ref()?)));
    let advance = counted.map(|(column, sequence)| {
        format!(
            "SELECT setval({}, greatest(max({}), (SELECT last_value FROM {sequence}))) FROM {}",
            Literal(sequence),
            list([&column.name]),
            qualified(&table.schema, &table.name),
        )
    });
    advance.collect()
}
