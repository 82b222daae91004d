//! The order of seeds: what a seed requires comes before it.

use std::collections::{BTreeMap, BTreeSet};

/// A seed as far as the order is concerned.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    /// Its name.
    pub id: &'a str,
    /// The names of those that come before it.
    pub requires: &'a [&'a str],
}

/// Why there is no order.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// Two seeds have the same name.
    #[error("two seeds are called `{0}`")]
    Twice(String),
    /// A required seed does not exist.
    #[error("seed `{seed}` requires `{unknown}`, which does not exist")]
    Unknown {
        /// The seed that requires it.
        seed: String,
        /// The name that nobody has.
        unknown: String,
    },
    /// Seeds require each other in a circle.
    #[error("seeds require each other in a circle: {}", .0.join(" -> "))]
    Cycle(Vec<String>),
}

/// Puts `nodes` in order and returns their indices; among equals, the alphabet decides.
pub fn order(nodes: &[Node<'_>]) -> Result<Vec<usize>, GraphError> {
    let index = index(nodes)?;
    let mut open: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for node in nodes {
        if let Some(unknown) = node.requires.iter().find(|id| !index.contains_key(*id)) {
            let (seed, unknown) = (node.id.to_owned(), (*unknown).to_owned());
            return Err(GraphError::Unknown { seed, unknown });
        }
        open.insert(node.id, node.requires.iter().copied().collect());
    }
    let mut ordered = Vec::with_capacity(nodes.len());
    while !open.is_empty() {
        let ready = open.iter().find(|(_, requires)| requires.is_empty()).map(|(id, _)| *id);
        let Some(id) = ready else { return Err(GraphError::Cycle(cycle(&open))) };
        open.remove(id);
        for requires in open.values_mut() {
            requires.remove(id);
        }
        ordered.push(index[id]);
    }
    Ok(ordered)
}

fn index<'a>(nodes: &[Node<'a>]) -> Result<BTreeMap<&'a str, usize>, GraphError> {
    let mut index = BTreeMap::new();
    for (position, node) in nodes.iter().enumerate() {
        if index.insert(node.id, position).is_some() {
            return Err(GraphError::Twice(node.id.to_owned()));
        }
    }
    Ok(index)
}

/// Follows first requirements until a name comes again. Every name in `open` has one.
fn cycle(open: &BTreeMap<&str, BTreeSet<&str>>) -> Vec<String> {
    let mut path: Vec<&str> = Vec::new();
    let mut at = open.keys().next().copied();
    while let Some(id) = at {
        let start = path.iter().position(|seen| *seen == id);
        path.push(id);
        if let Some(start) = start {
            path.drain(..start);
            break;
        }
        at = open.get(id).and_then(|requires| requires.first().copied());
    }
    path.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered<'a>(nodes: &[(&'a str, &'a [&'a str])]) -> Result<Vec<&'a str>, GraphError> {
        let nodes: Vec<Node<'_>> =
            nodes.iter().map(|(id, requires)| Node { id, requires }).collect();
        Ok(order(&nodes)?.into_iter().map(|index| nodes[index].id).collect())
    }

    #[test]
    fn requirements_come_first_and_the_alphabet_decides_among_equals() {
        let nodes: [(&str, &[&str]); 5] =
            [("d", &["b", "c"]), ("c", &["a"]), ("b", &["a"]), ("a", &[]), ("z", &[])];
        assert_eq!(ordered(&nodes), Ok(vec!["a", "b", "c", "d", "z"]));
    }

    #[test]
    fn the_order_in_which_seeds_are_listed_does_not_matter() {
        let mut nodes: Vec<(&str, &[&str])> =
            vec![("e", &["a"]), ("d", &[]), ("c", &["e"]), ("b", &["d", "e"]), ("a", &[])];
        let expected = ordered(&nodes);
        nodes.reverse();
        assert_eq!(ordered(&nodes), expected);
    }

    #[test]
    fn a_cycle_is_shown_as_a_path() {
        let nodes: [(&str, &[&str]); 4] = [("a", &["b"]), ("b", &["c"]), ("c", &["b"]), ("d", &[])];
        let error = ordered(&nodes).unwrap_err();
        assert_eq!(error.to_string(), "seeds require each other in a circle: b -> c -> b");
    }

    #[test]
    fn a_seed_that_requires_itself_is_a_cycle() {
        let error = ordered(&[("a", &["a"])]).unwrap_err();
        assert_eq!(error.to_string(), "seeds require each other in a circle: a -> a");
    }

    #[test]
    fn an_unknown_requirement_is_named() {
        let error = ordered(&[("a", &["b"])]).unwrap_err();
        assert_eq!(error.to_string(), "seed `a` requires `b`, which does not exist");
    }

    #[test]
    fn two_seeds_of_one_name_are_an_error() {
        assert_eq!(ordered(&[("a", &[]), ("a", &[])]), Err(GraphError::Twice("a".to_owned())));
    }
}
