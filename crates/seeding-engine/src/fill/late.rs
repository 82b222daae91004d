//! References that close a circle of tables: filled at the end, by one statement each.

use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbBackend, DbErr, JsonValue, Statement};

use dbkit::{Identifier, Literal};

use super::{
    definition::{Definition, ForeignKey, Table},
    keys::{KeySpan, Keys},
    statement::{list, qualified},
};

/// Lets the rows of `table` that have `keys` refer to rows of the parent that `key` names; most of
/// them, since the reference may be empty.
pub(super) async fn fill(
    db: &DatabaseTransaction,
    definition: &Definition,
    table: &Table,
    key: &ForeignKey,
    keys: &Keys,
) -> Result<(), DbErr> {
    let (filter, values) = match keys {
        Keys::None => return Ok(()),
        Keys::Spans { column, spans } => {
            let within = |span: &KeySpan| {
                let (first, before) = (Literal(&span.first), Literal(&span.before));
                format!("{0} >= {first} AND {0} < {before}", Identifier(column))
            };
            let within: Vec<String> = spans.iter().map(within).collect();
            (format!("({})", within.join(" OR ")), Vec::new())
        }
        Keys::List { columns, values } => {
            let texts = super::statement::texts(columns);
            let filter = format!(
                "ROW({texts}) IN (SELECT {} FROM jsonb_array_elements($1) AS item)",
                (0..columns.len())
                    .map(|at| format!("item ->> {at}"))
                    .collect::<Vec<_>>()
                    .join(", ")
            );
            (filter, vec![JsonValue::from(values.clone()).into()])
        }
    };
    let sql = update(definition, table, key, &filter);
    db.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
    Ok(())
}

/// Rows are numbered on both sides. What must not be empty is there already, and is what the two
/// have in common; the other columns are set.
fn update(definition: &Definition, table: &Table, key: &ForeignKey, filter: &str) -> String {
    let target = qualified(&table.schema, &table.name);
    let parent = qualified(&key.parent_schema, &key.parent);
    let pairs = || key.columns.iter().zip(&key.parent_columns);
    let may_be_empty =
        |name: &String| table.column(name).is_some_and(|column| definition.nullable(column));
    let shared: Vec<_> = pairs().filter(|(own, _)| !may_be_empty(own)).collect();
    let own = |prefix: &str, columns: &[&String]| -> String {
        columns
            .iter()
            .map(|name| format!("{prefix}{}", Identifier(name)))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let partition = |columns: Vec<&String>| {
        if columns.is_empty() {
            String::new()
        } else {
            format!("PARTITION BY {} ", own("", &columns))
        }
    };
    let set: Vec<String> = pairs()
        .filter(|(own, _)| may_be_empty(own))
        .map(|(own, theirs)| format!("{} = parent.{}", Identifier(own), Identifier(theirs)))
        .collect();
    let join: Vec<String> = shared
        .iter()
        .map(|(own, theirs)| {
            format!("child.{} = parent.{} AND ", Identifier(own), Identifier(theirs))
        })
        .collect();
    let primary: Vec<&String> = table.primary_key().iter().collect();
    let identity: Vec<String> =
        primary.iter().map(|name| format!("target.{0} = child.{0}", Identifier(name))).collect();
    format!(
        "UPDATE {target} AS target SET {set} \
         FROM (SELECT *, row_number() OVER ({child_part}ORDER BY {key_columns}) - 1 AS \"#\"{parents} \
               FROM {target} WHERE {filter}) AS child \
         JOIN (SELECT *, row_number() OVER ({parent_part}ORDER BY {theirs}) - 1 AS \"#\", \
                      count(*) OVER ({parent_count}) AS \"##\" \
               FROM {parent}{parent_filter}) AS parent ON {join}{pairing} \
         WHERE {identity}",
        set = set.join(", "),
        child_part = partition(shared.iter().map(|(own, _)| *own).collect()),
        key_columns = list(table.primary_key()),
        parent_part = partition(shared.iter().map(|(_, theirs)| *theirs).collect()),
        parent_count = partition(shared.iter().map(|(_, theirs)| *theirs).collect()),
        parent_filter = parent_filter(table, key, filter),
        theirs = list(&key.parent_columns),
        join = join.concat(),
        // A number that both sides take part in would make the join look at every pair.
        parents = if shared.is_empty() {
            let filter = parent_filter(table, key, filter);
            format!(", (SELECT count(*) FROM {parent}{filter}) AS \"##\"")
        } else {
            String::new()
        },
        pairing =
            pairing(table, key).replace('@', if shared.is_empty() { "child" } else { "parent" }),
        identity = identity.join(" AND "),
    )
}

/// Which parents there are to choose from: of the table itself the new rows, and none that has its
/// only child.
fn parent_filter(table: &Table, key: &ForeignKey, filter: &str) -> String {
    if key.is_to(table) {
        return format!(" WHERE {filter}");
    }
    if !is_unique(table, key) {
        return String::new();
    }
    format!(
        " WHERE ROW({}) NOT IN (SELECT {own} FROM {target} WHERE ROW({own}) IS NOT NULL)",
        list(&key.parent_columns),
        own = list(&key.columns),
        target = qualified(&table.schema, &table.name),
    )
}

/// Whether a parent has one child at most.
fn is_unique(table: &Table, key: &ForeignKey) -> bool {
    table.keys.iter().any(|other| {
        !other.columns.is_empty() && other.columns.iter().all(|name| key.columns.contains(name))
    })
}

/// Which parent a child gets, by their numbers; `@` is the side that knows how many parents there are.
fn pairing(table: &Table, key: &ForeignKey) -> &'static str {
    match (key.is_to(table), is_unique(table, key)) {
        // A list, in which everybody but the first follows somebody.
        (true, true) => "child.\"#\" > 0 AND parent.\"#\" = child.\"#\" - 1",
        // A forest, in which some stand at the top.
        (true, false) => "child.\"#\" % 10 > 0 AND parent.\"#\" = (child.\"#\" - 1) / 4",
        (false, true) => "child.\"#\" % 10 < 9 AND parent.\"#\" = child.\"#\"",
        (false, false) => {
            "child.\"#\" % 10 < 9 AND parent.\"#\" = (child.\"#\" * 7919) % nullif(@.\"##\", 0)"
        }
    }
}
