//! The statement that adds made rows to a table, as far as the table's own conditions let them in.

use dbkit::Identifier;

use super::{
    definition::{Column, Table},
    recipe::{Filling, Recipe},
};

/// The name under which a row's number goes along; no column has it.
const NUMBER: &str = "#";

/// A table's name as SQL.
pub(super) fn qualified(schema: &str, name: &str) -> String {
    format!("{}.{}", Identifier(schema), Identifier(name))
}

/// Names as SQL, in a row.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| Identifier(name).to_string()).collect();
    quoted.join(", ")
}

/// Adds the rows of the JSON document `$1` that pass, at most `$2` of them after the first `$3`, and
/// returns their primary keys.
///
/// The rows are cast to the types below the columns' domains first, so that a domain's condition
/// can be asked like any other instead of failing the statement.
pub(super) fn insert(recipe: &Recipe<'_>) -> String {
    let table = recipe.table;
    let written = list(written(recipe).map(|column| &column.name));
    let key = match table.primary_key() {
        [] => "1".to_owned(),
        key => texts(key),
    };
    let conflict = if table.keys.iter().any(|key| key.deferrable) {
        // PostgreSQL refuses to skip conflicts where one is looked for only at the end.
        ""
    } else {
        "ON CONFLICT DO NOTHING"
    };
    let conditions: Vec<String> = conditions(recipe).into_iter().map(|(_, sql)| sql).collect();
    let conditions =
        if conditions.is_empty() { "TRUE".to_owned() } else { conditions.join(" AND ") };
    format!(
        "{} INSERT INTO {} ({written}) OVERRIDING SYSTEM VALUE \
         SELECT {written} FROM complete WHERE {conditions} ORDER BY {} LIMIT $2 OFFSET $3 \
         {conflict} RETURNING {key}",
        complete(recipe),
        qualified(&table.schema, &table.name),
        Identifier(NUMBER),
    )
}

/// Counts for each condition how many rows of the JSON document `$1` it turns down; `None` where
/// there is no condition.
pub(super) fn refusals(recipe: &Recipe<'_>) -> Option<(Vec<String>, String)> {
    let (names, counts): (Vec<String>, Vec<String>) = conditions(recipe)
        .into_iter()
        .map(|(name, sql)| (name, format!("count(*) FILTER (WHERE NOT ({sql}))")))
        .unzip();
    let sql = format!("{} SELECT {} FROM complete", complete(recipe), counts.join(", "));
    (!names.is_empty()).then_some((names, sql))
}

/// The columns that are written.
pub(super) fn written<'a>(recipe: &Recipe<'a>) -> impl Iterator<Item = &'a Column> {
    let fillings = recipe.fillings.clone();
    let columns = recipe.table.columns.iter();
    columns.filter(move |column| fillings[&*column.name] != Filling::Database)
}

/// The columns of a key as text.
pub(super) fn texts(columns: &[String]) -> String {
    let texts: Vec<String> =
        columns.iter().map(|name| format!("CAST({} AS text)", Identifier(name))).collect();
    texts.join(", ")
}

fn complete(recipe: &Recipe<'_>) -> String {
    let shown = |column: &Column| match recipe.definition.types.get(&column.kind) {
        Some(kind) if kind.domain => kind.shown.clone(),
        _ => column.shown.clone(),
    };
    let (mut casts, mut given) = (vec![Identifier(NUMBER).to_string()], Vec::new());
    given.push(format!("{} bigint", Identifier(NUMBER)));
    let computed = |column: &Column| matches!(recipe.fillings[&*column.name], Filling::Computed(_));
    for column in written(recipe).filter(|column| !computed(column)) {
        let name = Identifier(&column.name);
        casts.push(format!("CAST({name} AS {}) AS {name}", shown(column)));
        given.push(format!("{name} text"));
    }
    let generated = recipe.table.columns.iter().filter_map(|column| {
        let expression = match &recipe.fillings[&*column.name] {
            Filling::Computed(expression) => expression,
            _ => column.generated.as_ref()?,
        };
        Some(format!(", CAST({expression} AS {}) AS {}", shown(column), Identifier(&column.name)))
    });
    format!(
        "WITH made AS MATERIALIZED (SELECT {} FROM jsonb_to_recordset($1) AS given ({})), \
         complete AS MATERIALIZED (SELECT *{} FROM made)",
        casts.join(", "),
        given.join(", "),
        generated.collect::<String>(),
    )
}

/// What a row must fulfil, as SQL over `complete`, by the name of the constraint.
fn conditions(recipe: &Recipe<'_>) -> Vec<(String, String)> {
    let table = recipe.table;
    let holds = |expression: &str| format!("({expression}) IS NOT FALSE");
    let own = table.checks.iter().map(|check| (check.name.clone(), holds(&check.expression)));
    let mut conditions: Vec<(String, String)> = own.collect();
    conditions.extend(partitions(table));
    for column in &table.columns {
        let Some(kind) = recipe.definition.types.get(&column.kind) else { continue };
        conditions.extend(kind.checks.iter().map(|check| {
            // What a domain calls VALUE is a name like any other out here.
            let source = format!("SELECT {} AS value", Identifier(&column.name));
            let sql = format!("SELECT {} FROM ({source}) AS given", check.expression);
            (check.name.clone(), holds(&sql))
        }));
    }
    conditions
}

/// That one of the table's partitions takes the row.
fn partitions(table: &Table) -> Option<(String, String)> {
    let all: Option<Vec<String>> = table.partitions.iter().cloned().collect();
    let all = all.filter(|all| !all.is_empty())?;
    let any: Vec<String> = all.iter().map(|condition| format!("({condition})")).collect();
    Some((format!("partitions of {}", table.title()), format!("({}) IS TRUE", any.join(" OR "))))
}
