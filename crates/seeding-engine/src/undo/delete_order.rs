//! The order in which rows go from tables.

use sea_orm::DbErr;

use super::doomed::{Doomed, DoomedTable};
use crate::{
    copy::Bulk,
    graph::{self, GraphError, Node},
    relations,
};

/// Tables by their places, each with the places of those that refer to it.
type Children = Vec<Vec<usize>>;

/// The tables so that none comes before one that refers to it. Those that refer to each other in a
/// circle are together.
pub(super) async fn children_first<'a>(
    db: &Bulk,
    doomed: &'a Doomed,
) -> Result<Vec<Vec<&'a DoomedTable>>, DbErr> {
    let mut children = Children::with_capacity(doomed.tables.len());
    for parent in &doomed.tables {
        let keys = relations::referring(db, &parent.name).await?;
        let refers = |child: &DoomedTable| {
            child.name != parent.name && keys.iter().any(|key| key.is_of(&child.name))
        };
        let places = doomed.tables.iter().enumerate().filter(|(_, child)| refers(child));
        children.push(places.map(|(at, _)| at).collect());
    }
    let names: Vec<&str> = doomed.tables.iter().map(|table| table.name.as_str()).collect();
    let groups = grouped(&names, &children).into_iter();
    Ok(groups.map(|group| group.into_iter().map(|at| &doomed.tables[at]).collect()).collect())
}

/// Joins groups that are in a circle until there is none.
fn grouped(names: &[&str], children: &Children) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = (0..names.len()).map(|at| vec![at]).collect();
    loop {
        match order(names, children, &groups) {
            Ok(order) => return order.into_iter().map(|at| groups[at].clone()).collect(),
            Err(GraphError::Cycle(path)) => {
                let is_in = |group: &Vec<usize>| path.iter().any(|name| name == names[group[0]]);
                let (circle, mut others): (Vec<_>, Vec<_>) = groups.into_iter().partition(is_in);
                others.push(circle.concat());
                groups = others;
            }
            // Every table is there once and only those that are there refer, so this never comes;
            // in one statement, any order is right.
            Err(GraphError::Twice(_) | GraphError::Unknown { .. }) => {
                return vec![(0..names.len()).collect()];
            }
        }
    }
}

/// The places of `groups`, each of which goes by the name of its first table.
fn order(
    names: &[&str],
    children: &Children,
    groups: &[Vec<usize>],
) -> Result<Vec<usize>, GraphError> {
    let name_of = |place: &usize| {
        let group = groups.iter().find(|group| group.contains(place));
        group.map_or("", |group| names[group[0]])
    };
    let requires: Vec<Vec<&str>> = groups
        .iter()
        .map(|group| {
            let own = names[group[0]];
            let all = group.iter().flat_map(|table| &children[*table]).map(name_of);
            all.filter(|name| *name != own).collect()
        })
        .collect();
    let nodes = groups.iter().zip(&requires);
    let nodes: Vec<Node<'_>> =
        nodes.map(|(group, requires)| Node { id: names[group[0]], requires }).collect();
    graph::order(&nodes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str], children: &Children) -> Vec<String> {
        let group =
            |group: Vec<usize>| group.into_iter().map(|at| names[at]).collect::<Vec<_>>().join("+");
        grouped(names, children).into_iter().map(group).collect()
    }

    #[test]
    fn children_come_before_their_parents() {
        let children = vec![vec![1, 2], vec![2], vec![]];
        assert_eq!(named(&["a", "b", "c"], &children), ["c", "b", "a"]);
    }

    #[test]
    fn tables_in_a_circle_stay_together_and_the_others_keep_their_order() {
        // d refers to c, which refers to b, b to c and a.
        let children = vec![vec![1], vec![2], vec![1, 3], vec![]];
        assert_eq!(named(&["a", "b", "c", "d"], &children), ["d", "b+c", "a"]);
    }

    #[test]
    fn circles_that_share_a_table_are_one() {
        let children = vec![vec![1], vec![0, 2], vec![1]];
        assert_eq!(named(&["a", "b", "c"], &children).len(), 1);
    }
}
