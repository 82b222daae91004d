//! A schema as rows: one for every object, comparable between databases.

use std::{collections::BTreeMap, fmt};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, TransactionTrait as _,
};
use serde::Serialize;

const QUERY: &str = include_str!("snapshot.sql");

/// Every object of a database's schemas and its definition, without anything that differs between
/// two equal databases. The schemas of the system, and our own `seaworthy`, are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot(BTreeMap<Object, String>);

/// An object's kind and qualified name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Object {
    /// `table`, `column`, `index`, …
    pub kind: String,
    /// Its qualified name.
    pub name: String,
}

/// One difference between two snapshots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What differs.
    pub object: Object,
    /// Its definition before; nothing where it was not there.
    pub before: Option<String>,
    /// Its definition after; nothing where it is gone.
    pub after: Option<String>,
}

impl Snapshot {
    /// Takes a snapshot of the database behind `db`.
    pub async fn take(db: &DatabaseConnection) -> Result<Self, DbErr> {
        let transaction = db.begin().await?;
        // Names are printed relative to the search path, which differs between sessions.
        transaction.execute_unprepared("SET LOCAL search_path = pg_catalog").await?;
        let query = Statement::from_string(DbBackend::Postgres, QUERY);
        let rows = transaction.query_all_raw(query).await?;
        transaction.rollback().await?;
        let objects = rows.iter().map(|row| {
            let object = Object { kind: row.try_get_by_index(0)?, name: row.try_get_by_index(1)? };
            Ok((object, row.try_get_by_index::<Option<String>>(2)?.unwrap_or_default()))
        });
        objects.collect::<Result<_, DbErr>>().map(Self)
    }

    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The objects of one kind.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let wanted = self.0.iter().filter(move |(object, _)| object.kind == kind);
        wanted.map(|(object, definition)| (object.name.as_str(), definition.as_str()))
    }

    /// What differs from here to `after`.
    pub fn changes(&self, after: &Self) -> Vec<Change> {
        let objects = self.0.keys().chain(after.0.keys().filter(|key| !self.0.contains_key(key)));
        let changes = objects.map(|object| Change {
            object: object.clone(),
            before: self.0.get(object).cloned(),
            after: after.0.get(object).cloned(),
        });
        changes.filter(|change| change.before != change.after).collect()
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Object { kind, name } = &self.object;
        match (&self.before, &self.after) {
            (None, Some(after)) => write!(f, "+ {kind} {name}: {after}"),
            (Some(before), None) => write!(f, "- {kind} {name}: {before}"),
            (before, after) => write!(
                f,
                "~ {kind} {name}: {} -> {}",
                before.as_deref().unwrap_or_default(),
                after.as_deref().unwrap_or_default()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(objects: &[(&str, &str)]) -> Snapshot {
        let object = |name: &str| Object { kind: "table".to_owned(), name: name.to_owned() };
        Snapshot(objects.iter().map(|(name, text)| (object(name), (*text).to_owned())).collect())
    }

    #[test]
    fn a_change_is_an_addition_a_removal_or_a_new_definition() {
        let before = snapshot(&[("a", "1"), ("b", "1"), ("c", "1")]);
        let after = snapshot(&[("a", "1"), ("b", "2"), ("d", "1")]);
        let shown: Vec<_> = before.changes(&after).iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["~ table b: 1 -> 2", "- table c: 1", "+ table d: 1"]);
        assert!(before.changes(&before).is_empty());
    }
}
