//! Rows of other tables that refer to those of the file's tables.
//!
//! `ON DELETE CASCADE` and `SET NULL` would change tables that nobody named, so it does not
//! come to that: a row that is referred to from outside must be in the file.

use dbkit::Identifier;

use super::{
    error::{ImportError, Reference, failed},
    stage,
    target::Target,
};
use crate::data::{relations::Relation, session::Session};

/// A foreign key of a table that is not in the file.
#[derive(Clone, Debug)]
pub(super) struct Referring {
    schema: String,
    name: String,
    pub(super) constraint: String,
    /// Whether a DELETE is more than refused.
    pub(super) acts_on_delete: bool,
    from_columns: Vec<String>,
    to_columns: Vec<String>,
    equals: Vec<String>,
}

impl Referring {
    /// The table that refers, for people.
    pub(super) fn title(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }

    /// The same, quoted for SQL.
    pub(super) fn child(&self) -> String {
        format!("{}.{}", Identifier(&self.schema), Identifier(&self.name))
    }

    /// The condition that row `row` is the one that `c` refers to.
    fn is_of(&self, row: &str) -> String {
        let columns = self.to_columns.iter().zip(&self.equals).zip(&self.from_columns);
        let equal = columns.map(|((to, equals), from)| {
            format!("{row}.{} {equals} c.{}", Identifier(to), Identifier(from))
        });
        equal.collect::<Vec<_>>().join(" AND ")
    }
}

type Row = (String, String, String, bool, Vec<String>, Vec<String>, Vec<String>);

/// Lists the foreign keys to `relation` of tables that are neither among `all` nor partitions of them.
pub(super) async fn of(
    session: &mut Session,
    relation: &Relation,
    all: &[i64],
) -> Result<Vec<Referring>, sqlx::Error> {
    let names = |key: &str, of: &str| {
        format!(
            "ARRAY(SELECT a.attname::text FROM unnest(f.{key}) WITH ORDINALITY AS k (attnum, place)
                   JOIN pg_attribute a ON a.attrelid = f.{of} AND a.attnum = k.attnum
                   ORDER BY k.place)"
        )
    };
    let all = all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SELECT n.nspname::text, c.relname::text, f.conname::text,
             f.confdeltype IN ('c', 'n', 'd'),
             {}, {},
             ARRAY(SELECT format('OPERATOR(%I.%s)', s.nspname, o.oprname)
                   FROM unnest(f.conpfeqop) WITH ORDINALITY AS k (operator, place)
                   JOIN pg_operator o ON o.oid = k.operator
                   JOIN pg_namespace s ON s.oid = o.oprnamespace
                   ORDER BY k.place)
         FROM pg_constraint f
         JOIN pg_class c ON c.oid = f.conrelid
         JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE f.contype = 'f' AND f.conparentid = 0 AND f.confrelid = {}
             AND coalesce(pg_partition_root(f.conrelid)::oid, f.conrelid)::int8 NOT IN ({all})
         ORDER BY n.nspname, c.relname, f.conname",
        names("conkey", "conrelid"),
        names("confkey", "confrelid"),
        relation.oid,
    );
    let rows: Vec<Row> = session.rows(&sql).await?;
    let referring =
        |(schema, name, constraint, acts_on_delete, from_columns, to_columns, equals)| Referring {
            schema,
            name,
            constraint,
            acts_on_delete,
            from_columns,
            to_columns,
            equals,
        };
    Ok(rows.into_iter().map(referring).collect())
}

/// Refuses where a row that is referred to is not in the file, whose rows must be staged.
pub(super) async fn check(
    session: &mut Session,
    targets: &[Target<'_>],
) -> Result<(), ImportError> {
    let mut references = Vec::new();
    for (place, target) in targets.iter().enumerate() {
        for referring in &target.referring {
            let sql = lost(referring, target, place);
            let what = failed(&format!("look at what refers to {}", target.table));
            let (rows,): (i64,) = session.row(&sql).await.map_err(what)?;
            if rows > 0 {
                references.push(Reference {
                    table: referring.title(),
                    constraint: referring.constraint.clone(),
                    to: target.table.to_string(),
                    rows: rows.unsigned_abs(),
                });
            }
        }
    }
    if references.is_empty() { Ok(()) } else { Err(ImportError::Referenced(references)) }
}

/// How many rows refer to one that is there now and will not be.
fn lost(referring: &Referring, target: &Target<'_>, place: usize) -> String {
    let in_file = |name| target.table.columns.iter().any(|column| &column.name == name);
    // What the file does not say, because it is generated, may become anything.
    let kept = if referring.to_columns.iter().all(in_file) {
        format!("SELECT FROM {} AS s WHERE {}", stage::name(place), referring.is_of("s"))
    } else {
        "SELECT WHERE false".to_owned()
    };
    format!(
        "SELECT count(*) FROM {} AS c JOIN {} AS t ON {} WHERE NOT EXISTS ({kept})",
        referring.child(),
        target.relation.only(),
        referring.is_of("t"),
    )
}
