//! The order of a seed's tables: what rows refer to comes before them.
//!
//! The order of the seed's author decides wherever the references leave it open. Where tables refer to each
//! other in a circle, it is cut at a reference that may be null: its columns are postponed, that is written
//! as NULL and set once the rows of all tables are there.
//!
//! References of a table to itself are no part of this. The server checks them at the end of a
//! statement, so rows may refer to each other freely within one; only what takes several statements
//! has its own nullable references postponed. Where a seed offers to one table several times, the rows
//! of the first offer cannot refer to those of the next.

use std::collections::BTreeSet;

use crate::references::Reference;

/// What a seed has for one table.
pub(crate) trait Table {
    /// The table's name.
    fn name(&self) -> &'static str;

    /// What its rows refer to.
    fn references(&self) -> &[Reference];

    /// Whether rows that refer to each other may get into different statements.
    fn takes_several_statements(&self) -> bool;

    /// Leaves `columns` for later.
    fn postpone(&mut self, columns: &[&'static str]);
}

/// The tables by which a circle leads back to the first, which comes again at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Circle(pub(crate) Vec<&'static str>);

/// Puts `tables` in order.
pub(crate) fn arrange<T: Table>(tables: Vec<T>) -> Result<Vec<T>, Circle> {
    let (order, cuts) = order(&tables)?;
    let mut slots: Vec<Option<T>> = tables.into_iter().map(Some).collect();
    let mut arranged: Vec<T> = order.into_iter().filter_map(|at| slots[at].take()).collect();
    for table in &mut arranged {
        let columns = postponed(table, &cuts);
        table.postpone(&columns);
    }
    Ok(arranged)
}

/// A reference from one table to another, by their names.
type Edge = (&'static str, &'static str);

fn order<T: Table>(tables: &[T]) -> Result<(Vec<usize>, BTreeSet<Edge>), Circle> {
    let mut open: Vec<usize> = (0..tables.len()).collect();
    let (mut ordered, mut cuts) = (Vec::with_capacity(tables.len()), BTreeSet::new());
    while !open.is_empty() {
        let is_ready = |at: &usize| needed(tables, &open, &cuts, *at).is_none();
        if let Some(place) = open.iter().position(is_ready) {
            ordered.push(open.remove(place));
            continue;
        }
        let circle = circle(tables, &open, &cuts);
        let cut =
            circle.windows(2).map(|edge| (edge[0], edge[1])).find(|edge| can_cut(tables, *edge));
        cuts.insert(cut.ok_or(Circle(circle))?);
    }
    Ok((ordered, cuts))
}

/// The first of the open ones whose table the one at `at` refers to.
fn needed<T: Table>(
    tables: &[T],
    open: &[usize],
    cuts: &BTreeSet<Edge>,
    at: usize,
) -> Option<usize> {
    let table = &tables[at];
    let stands = |other: &T| {
        let (from, to) = (table.name(), other.name());
        from != to
            && !cuts.contains(&(from, to))
            && table.references().iter().any(|reference| reference.to == to)
    };
    open.iter().copied().find(|other| stands(&tables[*other]))
}

/// Follows first needs until a table comes again. Each of the open ones has one.
fn circle<T: Table>(tables: &[T], open: &[usize], cuts: &BTreeSet<Edge>) -> Vec<&'static str> {
    let mut path: Vec<&'static str> = Vec::new();
    let mut next = open.first().copied();
    while let Some(at) = next {
        let name = tables[at].name();
        let start = path.iter().position(|seen| *seen == name);
        path.push(name);
        if let Some(start) = start {
            path.drain(..start);
            break;
        }
        next = needed(tables, open, cuts, at);
    }
    path
}

fn can_cut<T: Table>(tables: &[T], (from, to): Edge) -> bool {
    let own = tables.iter().filter(|table| table.name() == from);
    own.flat_map(Table::references).filter(|reference| reference.to == to).all(|r| r.is_nullable)
}

fn postponed<T: Table>(table: &T, cuts: &BTreeSet<Edge>) -> Vec<&'static str> {
    let own = table.name();
    let is_postponed = |reference: &&Reference| {
        let to_itself = reference.to == own && reference.is_nullable;
        (to_itself && table.takes_several_statements())
            || cuts.iter().any(|(from, to)| *from == own && *to == reference.to)
    };
    let references = table.references().iter().filter(is_postponed);
    let mut columns: Vec<&'static str> = references.flat_map(|r| r.columns.clone()).collect();
    columns.sort_unstable();
    columns.dedup();
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug)]
    struct Small {
        name: &'static str,
        references: Vec<Reference>,
        is_long: bool,
        postponed: Vec<&'static str>,
    }

    impl Table for Small {
        fn name(&self) -> &'static str {
            self.name
        }

        fn references(&self) -> &[Reference] {
            &self.references
        }

        fn takes_several_statements(&self) -> bool {
            self.is_long
        }

        fn postpone(&mut self, columns: &[&'static str]) {
            self.postponed = columns.to_vec();
        }
    }

    /// A table whose references are written as `column>table`, with a `?` where it may be null.
    fn table(name: &'static str, references: &[&'static str]) -> Small {
        let read = |text: &&'static str| {
            let (column, to) = text.split_once('>').unwrap();
            let to_always = to.trim_end_matches('?');
            let (columns, is_nullable) = (vec![column], to != to_always);
            Reference { columns, to: to_always.to_owned(), is_nullable }
        };
        let references = references.iter().map(read).collect();
        Small { name, references, is_long: false, postponed: Vec::new() }
    }

    fn arranged(tables: Vec<Small>) -> Result<Vec<String>, Circle> {
        let shown = |table: &Small| {
            let postponed: Vec<_> = table.postponed.iter().map(|c| format!(" -{c}")).collect();
            format!("{}{}", table.name, postponed.concat())
        };
        Ok(arrange(tables)?.iter().map(shown).collect())
    }

    #[test]
    fn what_rows_refer_to_comes_first_and_the_author_decides_the_rest() {
        let tables = vec![
            table("grades", &["exam_id>exams", "student_id>students?"]),
            table("zoo", &[]),
            table("students", &["user_id>users"]),
            table("exams", &[]),
        ];
        assert_eq!(arranged(tables).unwrap(), ["zoo", "students", "exams", "grades"]);
    }

    #[test]
    fn an_order_that_is_right_is_left_alone() {
        let tables =
            vec![table("users", &[]), table("zoo", &[]), table("users", &["zoo_id>zoos?"])];
        assert_eq!(arranged(tables).unwrap(), ["users", "zoo", "users"]);
    }

    #[test]
    fn all_rows_of_a_table_come_before_those_that_refer_to_it() {
        let tables = vec![
            table("users", &[]),
            table("teachers", &["user_id>users"]),
            table("users", &[]),
            table("students", &["user_id>users"]),
        ];
        assert_eq!(arranged(tables).unwrap(), ["users", "users", "teachers", "students"]);
    }

    #[test]
    fn a_circle_that_is_never_null_is_shown_as_a_path() {
        let tables = vec![
            table("zoo", &["a_id>a?"]),
            table("a", &["b_id>b"]),
            table("b", &["c_id>c"]),
            table("c", &["b_id>b", "d_id>d"]),
            table("d", &[]),
        ];
        assert_eq!(arranged(tables).unwrap_err(), Circle(vec!["b", "c", "b"]));
    }

    #[test]
    fn a_circle_is_cut_at_its_first_reference_that_may_be_null() {
        let tables = vec![
            table("departments", &["head_id>teachers?", "deputy_id>teachers?", "site_id>sites"]),
            table("teachers", &["department_id>departments?"]),
            table("sites", &[]),
        ];
        assert_eq!(
            arranged(tables).unwrap(),
            ["sites", "departments -deputy_id -head_id", "teachers"]
        );
    }

    #[test]
    fn a_circle_is_cut_only_where_every_reference_between_two_tables_may_be_null() {
        let tables = vec![
            table("departments", &["head_id>teachers?", "founder_id>teachers"]),
            table("teachers", &["department_id>departments?"]),
        ];
        assert_eq!(arranged(tables).unwrap(), ["teachers -department_id", "departments"]);
    }

    #[test]
    fn references_of_a_table_to_itself_matter_only_across_statements() {
        let people = table("people", &["manager_id>people?", "house_id>people"]);
        assert_eq!(arranged(vec![people.clone()]).unwrap(), ["people"]);
        let long = Small { is_long: true, ..people };
        assert_eq!(arranged(vec![long]).unwrap(), ["people -manager_id"]);
    }
}
