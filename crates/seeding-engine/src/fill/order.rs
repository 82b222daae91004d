//! The order of tables: a parent comes before its children, and where tables refer to each other
//! in a circle, a reference that may be empty waits until the end.

use std::collections::{BTreeMap, BTreeSet};

use super::definition::{Definition, ForeignKey, Table};
use crate::graph::{self, GraphError, Node};

/// In which order tables are filled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Order {
    /// Indices of the tables, parents first.
    pub(super) tables: Vec<usize>,
    /// References that are filled once all tables are, by table and name of the constraint.
    pub(super) late: BTreeSet<(usize, String)>,
    /// Circles in which every row would need another one first, as paths of tables.
    pub(super) impossible: Vec<Vec<String>>,
}

/// Puts the tables of `definition` in order.
pub(super) fn order(definition: &Definition) -> Order {
    let titles: Vec<String> = definition.tables.iter().map(Table::title).collect();
    let mut order = Order { late: references_to_itself(definition), ..Order::default() };
    let mut left: BTreeSet<usize> = (0..titles.len()).collect();
    loop {
        let required = required(definition, &titles, &left, &order.late);
        let nodes: Vec<(usize, Node<'_>)> = left
            .iter()
            .map(|table| (*table, Node { id: &titles[*table], requires: &required[table] }))
            .collect();
        match graph::order(&nodes.iter().map(|(_, node)| *node).collect::<Vec<_>>()) {
            Ok(ordered) => {
                order.tables = ordered.into_iter().map(|index| nodes[index].0).collect();
                return order;
            }
            Err(GraphError::Cycle(path)) => break_cycle(definition, &path, &mut order, &mut left),
            // Titles are unique, and only tables that are left are required.
            Err(GraphError::Twice(_) | GraphError::Unknown { .. }) => return order,
        }
    }
}

fn references_to_itself(definition: &Definition) -> BTreeSet<(usize, String)> {
    let tables = definition.tables.iter().enumerate();
    let own = tables.flat_map(|(index, table)| {
        let keys = table.foreign_keys.iter();
        let late = keys.filter(|key| key.is_to(table) && definition.optional(table, key));
        late.map(move |key| (index, key.name.clone()))
    });
    own.collect()
}

/// The titles that each table needs before itself.
fn required<'a>(
    definition: &'a Definition,
    titles: &'a [String],
    left: &BTreeSet<usize>,
    late: &BTreeSet<(usize, String)>,
) -> BTreeMap<usize, Vec<&'a str>> {
    let parents = |index: &usize| {
        let table = &definition.tables[*index];
        let keys = table.foreign_keys.iter();
        let early = keys.filter(|key| !late.contains(&(*index, key.name.clone())));
        let parents: BTreeSet<&str> = early
            .filter(|key| !key.is_to(table))
            .filter_map(|key| left.iter().find(|other| key.is_to(&definition.tables[**other])))
            .map(|other| titles[*other].as_str())
            .collect();
        (*index, parents.into_iter().collect())
    };
    left.iter().map(parents).collect()
}

/// Lets the first reference of the circle that may be empty wait, or gives its tables up.
fn break_cycle(
    definition: &Definition,
    path: &[String],
    order: &mut Order,
    left: &mut BTreeSet<usize>,
) {
    let find = |title: &String| {
        left.iter().copied().find(|index| definition.tables[*index].title() == *title)
    };
    for pair in path.windows(2) {
        let (Some(child), Some(parent)) = (find(&pair[0]), find(&pair[1])) else { continue };
        let (table, parent) = (&definition.tables[child], &definition.tables[parent]);
        let keys: Vec<&ForeignKey> =
            table.foreign_keys.iter().filter(|key| key.is_to(parent)).collect();
        if keys.iter().all(|key| definition.optional(table, key)) {
            order.late.extend(keys.into_iter().map(|key| (child, key.name.clone())));
            return;
        }
    }
    for table in path.iter().filter_map(find).collect::<Vec<_>>() {
        left.remove(&table);
    }
    order.impossible.push(path.to_vec());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fill::definition::Column;

    /// A table with references, of which those with a `?` may be empty.
    fn table(name: &str, parents: &[&str]) -> Table {
        let columns = parents.iter().map(|parent| Column {
            name: parent.to_string(),
            not_null: !parent.ends_with('?'),
            ..Column::default()
        });
        let foreign_keys = parents.iter().map(|parent| ForeignKey {
            name: format!("to {parent}"),
            parent: parent.trim_end_matches('?').to_owned(),
            parent_schema: "public".to_owned(),
            columns: vec![parent.to_string()],
            parent_columns: vec!["id".to_owned()],
        });
        Table {
            schema: "public".to_owned(),
            name: name.to_owned(),
            columns: columns.collect(),
            foreign_keys: foreign_keys.collect(),
            ..Table::default()
        }
    }

    fn ordered(tables: &[(&str, &[&str])]) -> (String, Vec<String>, Vec<String>) {
        let tables: Vec<Table> = tables.iter().map(|(name, to)| table(name, to)).collect();
        let definition = Definition { tables, ..Definition::default() };
        let order = order(&definition);
        let name = |index: &usize| definition.tables[*index].name.as_str();
        (
            order.tables.iter().map(name).collect::<Vec<_>>().join(" "),
            order.late.iter().map(|(index, key)| format!("{} {key}", name(index))).collect(),
            order.impossible.iter().map(|path| path.join(" -> ")).collect(),
        )
    }

    #[test]
    fn parents_come_first() {
        let (order, late, impossible) = ordered(&[("a", &["c"]), ("b", &[]), ("c", &["b?"])]);
        assert_eq!(order, "b c a");
        assert!(late.is_empty() && impossible.is_empty());
    }

    #[test]
    fn in_a_circle_the_reference_that_may_be_empty_waits() {
        let (order, late, _) = ordered(&[("a", &["b"]), ("b", &["a?"]), ("c", &["c?"])]);
        assert_eq!(order, "b a c");
        assert_eq!(late, ["b to a?", "c to c?"]);
    }

    #[test]
    fn a_circle_without_such_a_reference_is_shown_and_the_rest_goes_on() {
        let (order, late, impossible) = ordered(&[("a", &["b"]), ("b", &["a"]), ("c", &["c"])]);
        assert_eq!(order, "c");
        assert!(late.is_empty());
        assert_eq!(impossible, ["a -> b -> a"]);
    }
}
