//! Whether a restored database holds what was written down.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::Serialize;

use crate::{
    archive::RowHash,
    manifest::{Content, LargeObjects, SequenceContent, SequenceState, TableContent},
};

/// How closely a restored database is compared with what was written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
    /// Every value of every row, which takes about a fifth of the time of the restore itself.
    Content,
    /// How many rows every table has, how many large objects there are, and where the sequences stand.
    Counts,
}

/// One thing that is not as it was written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What it is, such as `table public.users`.
    pub object: String,
    /// What the manifest says.
    pub recorded: String,
    /// What the database holds.
    pub found: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} recorded, {} found", self.object, self.recorded, self.found)
    }
}

/// Lists what differs between the recorded content and that of a restored database.
pub fn compare(recorded: &Content, found: &Content, how: Comparison) -> Vec<Difference> {
    let hashes = how == Comparison::Content;
    let roots = roots([recorded, found]);
    let tables = [recorded, found].map(|content| under_roots(&content.tables, &roots));
    let [before, after] =
        tables.each_ref().map(|tables| by_name(tables, |table| (&table.schema, &table.name)));
    let mut differences = pair_up(
        "table",
        &before,
        &after,
        |recorded, found| recorded.rows == found.rows && (!hashes || recorded.hash == found.hash),
        |table| if hashes { hashed(table) } else { format!("{} rows", table.rows) },
    );
    differences.extend(pair_up(
        "sequence",
        &by_name(&recorded.sequences, |sequence| (&sequence.schema, &sequence.name)),
        &by_name(&found.sequences, |sequence| (&sequence.schema, &sequence.name)),
        |recorded, found| may_be(recorded, found.before),
        range,
    ));
    let (before, after) = (&recorded.large_objects, &found.large_objects);
    if before.count != after.count || (hashes && before != after) {
        differences.push(Difference {
            object: "large objects".to_owned(),
            recorded: objects(before),
            found: objects(after),
        });
    }
    differences
}

/// For partitions among which rows may move, their root.
type Roots<'a> = BTreeMap<(&'a str, &'a str), &'a [String; 2]>;

fn roots<'a>(contents: [&'a Content; 2]) -> Roots<'a> {
    let tables = contents.into_iter().flat_map(|content| &content.tables);
    let rooted = |table: &'a TableContent| {
        Some(((table.schema.as_str(), table.name.as_str()), table.root.as_ref()?))
    };
    tables.filter_map(rooted).collect()
}

/// The tables, with one for all partitions of a root among which rows may move.
fn under_roots(tables: &[TableContent], roots: &Roots<'_>) -> Vec<TableContent> {
    let mut merged: BTreeMap<[String; 2], TableContent> = BTreeMap::new();
    for table in tables {
        let root = roots.get(&(table.schema.as_str(), table.name.as_str()));
        let own = || [table.schema.clone(), table.name.clone()];
        let name = root.map_or_else(own, |root| (*root).clone());
        let Some(whole) = merged.get_mut(&name) else {
            let [schema, root] = name.clone();
            merged.insert(name, TableContent { schema, name: root, ..table.clone() });
            continue;
        };
        whole.rows += table.rows;
        let sum = RowHash::sum(&whole.hash, &table.hash);
        whole.hash =
            sum.map_or_else(|| format!("{}+{}", whole.hash, table.hash), |sum| sum.to_string());
    }
    merged.into_values().collect()
}

type ByName<'a, T> = BTreeMap<(&'a str, &'a str), &'a T>;

fn by_name<T>(items: &[T], name: impl Fn(&T) -> (&String, &String)) -> ByName<'_, T> {
    let named = |item| {
        let (schema, name) = name(item);
        ((schema.as_str(), name.as_str()), item)
    };
    items.iter().map(named).collect()
}

fn pair_up<T>(
    what: &str,
    recorded: &ByName<'_, T>,
    found: &ByName<'_, T>,
    same: impl Fn(&T, &T) -> bool,
    describe: impl Fn(&T) -> String,
) -> Vec<Difference> {
    let names: BTreeSet<_> = recorded.keys().chain(found.keys()).copied().collect();
    let or_none = |item: Option<&&T>| item.map_or("none".to_owned(), |item| describe(item));
    let mut differences = Vec::new();
    for name in names {
        let (one, other) = (recorded.get(&name), found.get(&name));
        if !one.zip(other).is_some_and(|(one, other)| same(one, other)) {
            differences.push(Difference {
                object: format!("{what} {}.{}", name.0, name.1),
                recorded: or_none(one),
                found: or_none(other),
            });
        }
    }
    differences
}

fn hashed(table: &TableContent) -> String {
    format!("{} rows with hash {}", table.rows, table.hash)
}

fn objects(objects: &LargeObjects) -> String {
    format!("{} with hash {}", objects.count, objects.hash)
}

/// Whether `pg_dump` may have seen the sequence in this state.
fn may_be(recorded: &SequenceContent, state: SequenceState) -> bool {
    let (before, after) = (recorded.before, recorded.after);
    if before == after {
        return state == before;
    }
    let lowest = before.last_value.min(after.last_value);
    let highest = before.last_value.max(after.last_value);
    (lowest..=highest).contains(&state.last_value)
}

fn range(sequence: &SequenceContent) -> String {
    let shown = |state: SequenceState| {
        let called = if state.is_called { "" } else { " (not yet used)" };
        format!("{}{called}", state.last_value)
    };
    if sequence.before == sequence.after {
        shown(sequence.before)
    } else {
        format!("{} to {}", shown(sequence.before), shown(sequence.after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, rows: u64, hash: &str) -> TableContent {
        TableContent {
            schema: "s".to_owned(),
            name: name.to_owned(),
            columns: vec!["id".to_owned()],
            rows,
            hash: hash.to_owned(),
            root: None,
        }
    }

    fn sequence(before: i64, after: i64) -> SequenceContent {
        let state = |last_value| SequenceState { last_value, is_called: true };
        SequenceContent {
            schema: "s".to_owned(),
            name: "q".to_owned(),
            before: state(before),
            after: state(after),
        }
    }

    fn content(tables: &[TableContent], sequences: &[SequenceContent]) -> Content {
        Content {
            tables: tables.into(),
            sequences: sequences.into(),
            large_objects: LargeObjects::default(),
        }
    }

    #[track_caller]
    fn check(recorded: &Content, found: &Content, expected: &[&str]) {
        let differences = compare(recorded, found, Comparison::Content);
        assert_eq!(differences.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn every_difference_of_a_table_is_found() {
        let recorded = content(&[table("a", 1, "7"), table("b", 2, "8"), table("c", 3, "9")], &[]);
        check(&recorded, &recorded, &[]);
        let found = content(&[table("b", 2, "0"), table("c", 4, "9"), table("d", 0, "0")], &[]);
        check(
            &recorded,
            &found,
            &[
                "table s.a: 1 rows with hash 7 recorded, none found",
                "table s.b: 2 rows with hash 8 recorded, 2 rows with hash 0 found",
                "table s.c: 3 rows with hash 9 recorded, 4 rows with hash 9 found",
                "table s.d: none recorded, 0 rows with hash 0 found",
            ],
        );
    }

    #[test]
    fn counts_alone_do_not_see_what_was_changed() {
        let recorded = content(&[table("a", 1, "7"), table("b", 2, "8")], &[]);
        let found = content(&[table("a", 1, "0"), table("b", 3, "8")], &[]);
        let differences = compare(&recorded, &found, Comparison::Counts);
        let told: Vec<_> = differences.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["table s.b: 2 rows recorded, 3 rows found"]);
    }

    #[test]
    fn rows_may_move_among_the_partitions_of_a_root_and_nowhere_else() {
        let within = |table: TableContent| {
            let root = Some(["s".to_owned(), "root".to_owned()]);
            TableContent { root, ..table }
        };
        let recorded = content(&[table("a", 1, "f"), table("b", 2, "8"), table("c", 3, "9")], &[]);
        let [a, b] = [table("a", 2, "7"), table("b", 1, "10")].map(within);
        check(&recorded, &content(&[a.clone(), b.clone(), table("c", 3, "9")], &[]), &[]);
        let zeros = "0".repeat(30);
        let expected = [
            "table s.c: 3 rows with hash 9 recorded, 2 rows with hash 9 found".to_owned(),
            format!(
                "table s.root: 3 rows with hash {zeros}17 recorded, 4 rows with hash {zeros}17 found"
            ),
        ];
        let found = content(&[TableContent { rows: 3, ..a }, b, table("c", 2, "9")], &[]);
        check(&recorded, &found, &expected.each_ref().map(String::as_str));
    }

    #[test]
    fn a_sequence_that_stood_still_must_stand_there() {
        let recorded = content(&[], &[sequence(5, 5)]);
        check(&recorded, &content(&[], &[sequence(5, 5)]), &[]);
        let found = content(&[], &[sequence(6, 6)]);
        check(&recorded, &found, &["sequence s.q: 5 recorded, 6 found"]);
        let mut unused = recorded.clone();
        unused.sequences[0].before.is_called = false;
        unused.sequences[0].after.is_called = false;
        check(&recorded, &unused, &["sequence s.q: 5 recorded, 5 (not yet used) found"]);
    }

    #[test]
    fn a_sequence_that_moved_may_stand_anywhere_between() {
        for (before, after) in [(5, 9), (9, 5)] {
            let recorded = content(&[], &[sequence(before, after)]);
            for value in 5..=9 {
                check(&recorded, &content(&[], &[sequence(value, value)]), &[]);
            }
            for value in [4, 10] {
                let found = content(&[], &[sequence(value, value)]);
                assert_eq!(compare(&recorded, &found, Comparison::Counts).len(), 1);
            }
        }
    }

    #[test]
    fn a_lost_large_object_is_found() {
        let mut recorded = content(&[], &[]);
        recorded.large_objects = LargeObjects { count: 1, hash: "5".to_owned() };
        let expected = "large objects: 1 with hash 5 recorded, 0 with hash  found";
        check(&recorded, &content(&[], &[]), &[expected]);
    }
}
