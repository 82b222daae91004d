//! Whether there is a way down where one is promised.

use std::collections::BTreeMap;

use migration_header::Metadata;

use crate::Finding;

/// What became of a migration's `down` when it was carried out without a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WayDown {
    /// It sends something.
    Sends,
    /// It does nothing.
    Empty,
    /// It is the stock one, which only says that there is none.
    Stock,
    /// It cannot be told without a database, for this reason.
    Unknown(String),
}

pub(super) fn check(
    names: &[String],
    metadata: &[Metadata],
    ways_down: &BTreeMap<String, WayDown>,
) -> Vec<Finding> {
    let known = names.iter().filter_map(|name| Some((name, ways_down.get(name)?)));
    known
        .filter_map(|(name, way)| {
            let header = metadata.iter().find(|metadata| metadata.name == *name);
            judge(name, way, header.is_some_and(|header| header.irreversible.is_some()))
        })
        .collect()
}

fn judge(name: &str, way: &WayDown, irreversible: bool) -> Option<Finding> {
    let missing = match (way, irreversible) {
        (WayDown::Sends, true) => {
            let message = "it is declared irreversible, and has a way down";
            return Some(
                Finding::warning("static.down", name, message).hint("remove one of the two"),
            );
        }
        (WayDown::Empty, false) => "its `down` does nothing",
        (WayDown::Stock, false) => "it has no `down`",
        _ => return None,
    };
    Some(
        Finding::error("static.down", name, missing)
            .hint("write it, or say in the header why there is none: `//! irreversible: why`"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(way: WayDown, why: Option<&str>) -> Option<String> {
        let header = Metadata {
            name: "m1".to_owned(),
            irreversible: why.map(str::to_owned),
            ..Metadata::default()
        };
        let ways = BTreeMap::from([("m1".to_owned(), way)]);
        let found = check(&["m1".to_owned()], &[header], &ways);
        found.first().map(|it| format!("{}: {}", it.severity, it.message))
    }

    #[test]
    fn a_real_way_down_or_a_reason_is_fine() {
        assert_eq!(said(WayDown::Sends, None), None);
        assert_eq!(said(WayDown::Stock, Some("data is gone")), None);
        assert_eq!(said(WayDown::Empty, Some("data is gone")), None);
        assert_eq!(said(WayDown::Unknown("it asks the database".to_owned()), None), None);
    }

    #[test]
    fn an_empty_way_down_needs_a_reason() {
        assert_eq!(said(WayDown::Empty, None).unwrap(), "error: its `down` does nothing");
        assert_eq!(said(WayDown::Stock, None).unwrap(), "error: it has no `down`");
    }

    #[test]
    fn a_reason_beside_a_way_down_is_a_contradiction() {
        assert_eq!(
            said(WayDown::Sends, Some("data is gone")).unwrap(),
            "warning: it is declared irreversible, and has a way down"
        );
    }
}
