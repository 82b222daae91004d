//! The one statement that changes all tables.

use dbkit::Identifier;

use super::{stage, target::Target};
use crate::data::relations;

/// What the statement is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// Add the rows of the file.
    Insert,
    /// Make the tables equal to the file.
    Replace,
}

/// A statement that answers with three arrays of how many rows were deleted, updated and inserted, each with a
/// number for each of `targets`.
pub(super) fn statement(targets: &[Target<'_>], work: Work) -> String {
    let mut parts = Vec::new();
    let (mut gone, mut changed, mut new) = (Vec::new(), Vec::new(), Vec::new());
    for (place, target) in targets.iter().enumerate() {
        let mut counted = |name: &str, part: Option<String>| match part {
            None => "0".to_owned(),
            Some(part) => {
                parts.push(format!("{name}_{place} AS ({part} RETURNING 1)"));
                format!("(SELECT pg_catalog.count(*) FROM {name}_{place})")
            }
        };
        // Each waits for the count of the one before: a value that must be unique may be that of a row
        // that goes.
        gone.push(counted("gone", (work == Work::Replace).then(|| delete(target, place))));
        let after = |count: &str| format!("{count} IS NOT NULL");
        let update = update(target, place, &after(&gone[place])).filter(|_| work == Work::Replace);
        changed.push(counted("changed", update));
        let after = format!("{} AND {}", after(&gone[place]), after(&changed[place]));
        new.push(counted("new", Some(insert(target, place, &after, work))));
    }
    let array = |counts: Vec<String>| format!("ARRAY[{}]::pg_catalog.int8[]", counts.join(", "));
    format!("WITH {} SELECT {}, {}, {}", parts.join(", "), array(gone), array(changed), array(new))
}

/// Without a key all rows go, and come again.
fn delete(target: &Target<'_>, place: usize) -> String {
    let condition = match same_key(target) {
        Some(same) => {
            format!(" WHERE NOT EXISTS (SELECT FROM {} AS s WHERE {same})", stage::name(place))
        }
        None => String::new(),
    };
    format!("DELETE FROM {} AS t{condition}", target.relation.only())
}

/// `*<>` compares what is stored and not what is meant: 1.0 and 1.00 are equal, and still not the same; and
/// there are types that know no equality. Without the casts it would be a comparison column by column.
fn update(target: &Target<'_>, place: usize, after: &str) -> Option<String> {
    let same = same_key(target)?;
    if target.settable.is_empty() {
        return None;
    }
    let set = target.settable.iter().map(|name| {
        let name = Identifier(name);
        format!("{name} = s.{name}")
    });
    let columns = &target.table.columns;
    Some(format!(
        "UPDATE {} AS t SET {} FROM {} AS s WHERE {same} \
         AND ROW({})::record OPERATOR(pg_catalog.*<>) ROW({})::record AND {after}",
        target.relation.only(),
        set.collect::<Vec<_>>().join(", "),
        stage::name(place),
        relations::list("t.", columns),
        relations::list("s.", columns),
    ))
}

fn insert(target: &Target<'_>, place: usize, after: &str, work: Work) -> String {
    let columns = &target.table.columns;
    let condition = match same_key(target) {
        _ if work == Work::Insert => String::new(),
        None => format!(" WHERE {after}"),
        Some(same) => format!(
            " WHERE NOT EXISTS (SELECT FROM {} AS t WHERE {same}) AND {after}",
            target.relation.only()
        ),
    };
    format!(
        "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} AS s{condition}",
        target.relation.quoted(),
        relations::list("", columns),
        relations::list("s.", columns),
        stage::name(place),
    )
}

/// The condition that row `t` of the table and row `s` of the file are the same one, if anything says so.
fn same_key(target: &Target<'_>) -> Option<String> {
    let equal = target.key.iter().map(|column| {
        let name = Identifier(&column.name);
        format!("t.{name} {} s.{name}", column.equals)
    });
    let equal: Vec<_> = equal.collect();
    (!equal.is_empty()).then(|| equal.join(" AND "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Column, Table, import::target::KeyColumn, relations::Relation};

    fn table() -> Table {
        let column = |name: &str| Column { name: name.to_owned(), r#type: "text".to_owned() };
        Table {
            schema: "s".to_owned(),
            name: "t".to_owned(),
            columns: vec![column("id"), column("a\"b")],
            primary_key: Vec::new(),
        }
    }

    fn target<'a>(table: &'a Table, key: &[&str]) -> Target<'a> {
        let key_column = |name: &&str| KeyColumn {
            name: (*name).to_owned(),
            equals: "OPERATOR(pg_catalog.=)".to_owned(),
        };
        Target {
            relation: Relation {
                oid: 1,
                schema: table.schema.clone(),
                name: table.name.clone(),
                kind: "r".to_owned(),
                is_partition: false,
            },
            table,
            settable: vec!["a\"b".to_owned()],
            key: key.iter().map(key_column).collect(),
            referring: Vec::new(),
            sequences: Vec::new(),
        }
    }

    #[test]
    fn rows_are_added_and_nothing_else() {
        assert_eq!(
            statement(&[target(&table(), &["id"])], Work::Insert),
            "WITH new_0 AS (INSERT INTO \"s\".\"t\" (\"id\", \"a\"\"b\") OVERRIDING SYSTEM VALUE \
             SELECT s.\"id\", s.\"a\"\"b\" FROM pg_temp.seaworthy_data_0 AS s RETURNING 1) \
             SELECT ARRAY[0]::pg_catalog.int8[], ARRAY[0]::pg_catalog.int8[], \
             ARRAY[(SELECT pg_catalog.count(*) FROM new_0)]::pg_catalog.int8[]"
        );
    }

    #[test]
    fn a_replacement_deletes_then_updates_then_inserts() {
        let sql = statement(&[target(&table(), &["id"])], Work::Replace);
        let at = |text: &str| sql.find(text).unwrap();
        assert!(at("DELETE FROM ONLY \"s\".\"t\"") < at("UPDATE ONLY \"s\".\"t\""), "{sql}");
        assert!(at("UPDATE ONLY") < at("INSERT INTO \"s\".\"t\""), "{sql}");
        assert!(sql.contains("SET \"a\"\"b\" = s.\"a\"\"b\" FROM"), "{sql}");
        assert!(sql.contains("FROM gone_0) IS NOT NULL RETURNING 1), new_0"), "{sql}");
        assert!(sql.contains("FROM changed_0) IS NOT NULL RETURNING 1) SELECT"), "{sql}");
    }

    #[test]
    fn without_a_key_all_rows_go_and_come_again() {
        let sql = statement(&[target(&table(), &[])], Work::Replace);
        assert!(sql.contains("(DELETE FROM ONLY \"s\".\"t\" AS t RETURNING 1)"), "{sql}");
        assert!(!sql.contains("UPDATE"), "{sql}");
    }
}
