//! A schema as rows: one for every object, comparable between databases.

use std::{collections::BTreeMap, fmt};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, TransactionTrait as _,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use crate::capture::hex;

const QUERY: &str = include_str!("snapshot.sql");

/// Names are printed relative to the search path, which differs between sessions; and to compile
/// this query takes far longer than to run it.
const SETTINGS: &str = "SET LOCAL search_path = pg_catalog; SET LOCAL jit = off";

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
        transaction.execute_unprepared(SETTINGS).await?;
        let snapshot = Self::read(&transaction).await;
        transaction.rollback().await?;
        snapshot
    }

    /// Takes a snapshot in the transaction that is open on `db`, and sees what it has changed.
    ///
    /// The search path is as it was afterwards.
    pub async fn take_in(db: &impl ConnectionTrait) -> Result<Self, DbErr> {
        const SHOW: &str = "SELECT current_setting('search_path')";
        const RESTORE: &str = "SELECT set_config('search_path', $1, true)";
        let path = db.query_one_raw(Statement::from_string(DbBackend::Postgres, SHOW)).await?;
        let path: Option<String> = path.map(|row| row.try_get_by_index(0)).transpose()?;
        db.execute_unprepared(SETTINGS).await?;
        let snapshot = Self::read(db).await?;
        let path = [path.unwrap_or_default().into()];
        let restore = Statement::from_sql_and_values(DbBackend::Postgres, RESTORE, path);
        db.execute_raw(restore).await?;
        Ok(snapshot)
    }

    async fn read(db: &impl ConnectionTrait) -> Result<Self, DbErr> {
        let rows = db.query_all_raw(Statement::from_string(DbBackend::Postgres, QUERY)).await?;
        let objects = rows.iter().map(|row| {
            let object = Object { kind: row.try_get_by_index(0)?, name: row.try_get_by_index(1)? };
            Ok((object, row.try_get_by_index::<Option<String>>(2)?.unwrap_or_default()))
        });
        objects.collect::<Result<_, DbErr>>().map(Self)
    }

    /// SHA-256 over all rows, in hexadecimal digits: equal for equal catalogs.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for (object, definition) in &self.0 {
            // A byte that PostgreSQL has in no text keeps the fields apart.
            for field in [&object.kind, &object.name, definition] {
                hash.update(field);
                hash.update([0]);
            }
        }
        hex(&hash.finalize())
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

/// A list of `[kind, name, definition]`, sorted.
impl Serialize for Snapshot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows = self.0.iter().map(|(object, text)| (&object.kind, &object.name, text));
        serializer.collect_seq(rows)
    }
}

impl<'de> Deserialize<'de> for Snapshot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rows = Vec::<(String, String, String)>::deserialize(deserializer)?;
        let objects = rows.into_iter().map(|(kind, name, text)| (Object { kind, name }, text));
        Ok(Self(objects.collect()))
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
    fn a_snapshot_survives_being_written_and_its_fingerprint_is_that_of_its_rows() {
        let one = snapshot(&[("a", "1"), ("b", "\"2\"\n")]);
        let text = serde_json::to_string(&one).unwrap();
        assert_eq!(text, r#"[["table","a","1"],["table","b","\"2\"\n"]]"#);
        let read: Snapshot = serde_json::from_str(&text).unwrap();
        assert_eq!((&read, read.fingerprint()), (&one, one.fingerprint()));
        assert_ne!(one.fingerprint(), snapshot(&[("a", "1")]).fingerprint());
        assert_ne!(snapshot(&[("a", "b")]).fingerprint(), snapshot(&[("ab", "")]).fingerprint());
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
