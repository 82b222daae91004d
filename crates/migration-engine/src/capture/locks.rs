//! Which relations a session has locked, and whose rows it has written anew.

use std::collections::{BTreeMap, HashMap};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};

use super::concurrently;
use crate::observation::ObservedLock;

/// The modes from the weakest to the strongest.
///
/// <https://www.postgresql.org/docs/current/explicit-locking.html>
const MODES: [&str; 8] = [
    "AccessShareLock",
    "RowShareLock",
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
];

const RELATIONS: &str = "
SELECT c.oid::bigint, n.nspname::text, c.relname::text, c.relkind::text, c.relfilenode::bigint,
       i.indrelid::bigint
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'seaworthy')";

const HELD: &str = "
SELECT relation::bigint, mode FROM pg_catalog.pg_locks
WHERE pid = $1 AND locktype = 'relation' AND granted
  AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())";

/// Watches the locks of one session from another, so that the migration's own is left alone.
#[derive(Debug)]
pub(crate) struct Observer {
    db: DatabaseConnection,
    /// The server process of the session that is watched.
    pid: i32,
    schema: String,
    before: HashMap<i64, Relation>,
    strongest: BTreeMap<i64, (usize, usize)>,
}

#[derive(Debug)]
struct Relation {
    schema: String,
    name: String,
    kind: String,
    file: i64,
    /// Of an index, the table.
    table: Option<i64>,
}

impl Relation {
    fn is_index(&self) -> bool {
        matches!(self.kind.as_str(), "i" | "I")
    }

    fn has_rows(&self) -> bool {
        matches!(self.kind.as_str(), "r" | "m")
    }

    fn qualified(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }
}

impl Observer {
    /// Notes which relations there are before a migration runs in the session of `pid`.
    pub(crate) async fn start(
        db: &DatabaseConnection,
        pid: i32,
        schema: &str,
    ) -> Result<Self, DbErr> {
        let before = relations(db).await?;
        let (db, schema) = (db.clone(), schema.to_owned());
        Ok(Self { db, pid, schema, before, strongest: BTreeMap::new() })
    }

    /// Notes what is locked after the statement at place `index`.
    ///
    /// A statement that cannot run in a transaction has given its locks back when it ends. For the
    /// CONCURRENTLY forms the manual's word is taken: they hold SHARE UPDATE EXCLUSIVE on the table.
    pub(crate) async fn look(&mut self, index: usize, statement: &str) -> Result<(), DbErr> {
        if self.before.is_empty() {
            return Ok(());
        }
        let query = Statement::from_sql_and_values(DbBackend::Postgres, HELD, [self.pid.into()]);
        for row in self.db.query_all_raw(query).await? {
            let mode: String = row.try_get_by_index(1)?;
            if let Some(strength) = MODES.iter().position(|known| *known == mode) {
                self.note(row.try_get_by_index(0)?, strength, index);
            }
        }
        if let Some(table) = self.locked_concurrently(statement) {
            self.note(table, 3, index);
        }
        Ok(())
    }

    /// The locks that were held, by relation, and the tables that were written anew.
    pub(crate) async fn finish(self) -> Result<(Vec<ObservedLock>, Vec<String>), DbErr> {
        let after =
            if self.before.is_empty() { HashMap::new() } else { relations(&self.db).await? };
        let is_rewritten = |(oid, relation): &(&i64, &Relation)| {
            relation.has_rows() && after.get(oid).is_some_and(|now| now.file != relation.file)
        };
        let rewritten = self.before.iter().filter(is_rewritten);
        let mut rewritten: Vec<_> = rewritten.map(|(_, relation)| relation.qualified()).collect();
        rewritten.sort();
        let locks = self.strongest.iter().map(|(oid, &(strength, statement))| ObservedLock {
            relation: self.before[oid].qualified(),
            mode: MODES[strength].to_owned(),
            statement,
        });
        let mut locks: Vec<_> = locks.collect();
        locks.sort_by(|a, b| a.relation.cmp(&b.relation));
        Ok((locks, rewritten))
    }

    fn note(&mut self, oid: i64, strength: usize, index: usize) {
        if self.before.get(&oid).is_none_or(Relation::is_index) {
            return;
        }
        let strongest = self.strongest.entry(oid).or_insert((strength, index));
        if strength > strongest.0 {
            *strongest = (strength, index);
        }
    }

    fn locked_concurrently(&self, statement: &str) -> Option<i64> {
        let (schema, name) = concurrently::relation(statement)?;
        let schema = schema.unwrap_or_else(|| self.schema.clone());
        let found =
            |(_, relation): &(&i64, &Relation)| relation.schema == schema && relation.name == name;
        let (oid, relation) = self.before.iter().find(found)?;
        Some(relation.table.unwrap_or(*oid))
    }
}

async fn relations(db: &DatabaseConnection) -> Result<HashMap<i64, Relation>, DbErr> {
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Postgres, RELATIONS)).await?;
    let relations = rows.iter().map(|row| {
        let relation = Relation {
            schema: row.try_get_by_index(1)?,
            name: row.try_get_by_index(2)?,
            kind: row.try_get_by_index(3)?,
            file: row.try_get_by_index(4)?,
            table: row.try_get_by_index(5)?,
        };
        Ok((row.try_get_by_index(0)?, relation))
    });
    relations.collect()
}
