//! Which entries of an archive belong to some of its tables: what `pg_restore --table` leaves out.
//!
//! A table's own are its rows, defaults, constraints, indexes, triggers, policies, statistics and the
//! sequences of its columns, with every comment and privilege on them. Besides, it needs things that stand
//! by themselves, such as a type, which may be there already.

use std::{collections::BTreeSet, fmt, str::FromStr};

use crate::{Manifest, TocEntry, restore::RestoreError};

/// Stand in the name of a table after a blank: `table constraint`.
const NAMED_AFTER_TABLE: [&str; 7] =
    ["DEFAULT", "CONSTRAINT", "CHECK CONSTRAINT", "FK CONSTRAINT", "TRIGGER", "RULE", "POLICY"];

/// Have the name of the table.
const NAMED_AS_TABLE: [&str; 2] = ["TABLE DATA", "ROW SECURITY"];

/// Belong to whatever they need.
const ATTACHED: [&str; 8] = [
    "INDEX",
    "STATISTICS",
    "SEQUENCE",
    "SEQUENCE OWNED BY",
    "SEQUENCE SET",
    "COMMENT",
    "ACL",
    "SECURITY LABEL",
];

/// Tie a partition, or an index of one, to its parent.
const TIES: [&str; 2] = ["TABLE ATTACH", "INDEX ATTACH"];

/// Stand by themselves, and can be brought along without bringing rows along.
const NEEDED: [&str; 19] = [
    "SCHEMA",
    "EXTENSION",
    "PROCEDURAL LANGUAGE",
    "TYPE",
    "SHELL TYPE",
    "DOMAIN",
    "FUNCTION",
    "PROCEDURE",
    "AGGREGATE",
    "SEQUENCE",
    "COLLATION",
    "CONVERSION",
    "OPERATOR",
    "OPERATOR CLASS",
    "OPERATOR FAMILY",
    "CAST",
    "TEXT SEARCH DICTIONARY",
    "TEXT SEARCH CONFIGURATION",
    "ACCESS METHOD",
];

/// The name of a table, with its schema.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TableName {
    /// The schema.
    pub schema: String,
    /// The table.
    pub name: String,
}

/// A text that names no table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not the name of a table")]
pub struct InvalidTable(pub String);

impl FromStr for TableName {
    type Err = InvalidTable;

    /// Reads `table`, which is in `public`, or `schema.table`; double quotes keep a dot or a comma in a name.
    fn from_str(text: &str) -> Result<Self, InvalidTable> {
        let mut parts = vec![String::new()];
        let (mut quoted, mut characters) = (false, text.trim().chars().peekable());
        while let Some(character) = characters.next() {
            let part = parts.last_mut().expect("there is always a part");
            match character {
                '"' if quoted && characters.next_if_eq(&'"').is_some() => part.push('"'),
                '"' => quoted = !quoted,
                '.' if !quoted => parts.push(String::new()),
                other => part.push(other),
            }
        }
        let invalid = || InvalidTable(text.to_owned());
        if quoted || parts.iter().any(String::is_empty) {
            return Err(invalid());
        }
        match <[String; 2]>::try_from(parts) {
            Ok([schema, name]) => Ok(Self { schema, name }),
            Err(parts) => match <[String; 1]>::try_from(parts) {
                Ok([name]) => Ok(Self { schema: "public".to_owned(), name }),
                Err(_) => Err(invalid()),
            },
        }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

/// What belongs to some tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    /// The tables, with the partitions of those that have any.
    pub(crate) tables: BTreeSet<TableName>,
    /// The sequences of their columns.
    pub(crate) sequences: BTreeSet<TableName>,
    /// The numbers of the entries that are their own.
    pub(crate) own: BTreeSet<u32>,
    /// The numbers of those that they need besides.
    pub(crate) needed: BTreeSet<u32>,
    /// The numbers of what ties them to something that is not among them.
    pub(crate) outward: BTreeSet<u32>,
    /// The foreign keys of that kind, by name.
    pub(crate) left_out: Vec<String>,
}

/// Selects what belongs to these `tables`. Without any, everything is wanted and nothing selected; but of
/// a backup of some tables, these are, since it may lack what they refer to.
pub(crate) fn of(
    manifest: &Manifest,
    tables: &[TableName],
) -> Result<Option<Selection>, RestoreError> {
    if tables.is_empty() && manifest.selection.is_none() {
        return Ok(None);
    }
    let all = || {
        manifest
            .content
            .tables
            .iter()
            .map(|table| TableName { schema: table.schema.clone(), name: table.name.clone() })
    };
    let all = if tables.is_empty() { all().collect() } else { Vec::new() };
    let tables = if tables.is_empty() { &all } else { tables };
    let toc = &manifest.toc;
    let absent = |table: &&TableName| !toc.iter().any(|entry| is_table(entry, table));
    let absent: Vec<_> = tables.iter().filter(absent).map(ToString::to_string).collect();
    if !absent.is_empty() {
        return Err(RestoreError::NoSuchTables { tables: absent });
    }
    let mut selection = Selection::default();
    for entry in toc.iter().filter(|entry| tables.iter().any(|table| is_table(entry, table))) {
        selection.take_table(entry);
    }
    selection.take_partitions(toc);
    selection.take_own(toc);
    selection.take_needed(toc);
    Ok(Some(selection))
}

fn is_table(entry: &TocEntry, table: &TableName) -> bool {
    entry.kind == "TABLE"
        && entry.schema.as_ref() == Some(&table.schema)
        && entry.name == table.name
}

fn name(entry: &TocEntry) -> TableName {
    TableName { schema: entry.schema.clone().unwrap_or_default(), name: entry.name.clone() }
}

impl Selection {
    fn take_table(&mut self, entry: &TocEntry) -> bool {
        self.tables.insert(name(entry));
        self.own.insert(entry.id)
    }

    fn has_all_of(&self, entry: &TocEntry) -> bool {
        entry.needs.iter().all(|need| self.own.contains(need))
    }

    fn has_some_of(&self, entry: &TocEntry) -> bool {
        entry.needs.iter().any(|need| self.own.contains(need))
    }

    /// A partition needs its parent, and an entry ties it to it.
    fn take_partitions(&mut self, toc: &[TocEntry]) {
        let ties = || toc.iter().filter(|entry| entry.kind == "TABLE ATTACH");
        let is_partition = |table: &TocEntry| ties().any(|tie| name(tie) == name(table));
        loop {
            let more = toc.iter().filter(|entry| entry.kind == "TABLE");
            let more: Vec<_> =
                more.filter(|entry| self.has_some_of(entry) && is_partition(entry)).collect();
            let mut grown = false;
            for entry in more {
                grown |= self.take_table(entry);
            }
            if !grown {
                return;
            }
        }
    }

    /// What needs something else of the tables comes after it, so that one pass is enough for all but
    /// comments on comments.
    fn take_own(&mut self, toc: &[TocEntry]) {
        for entry in toc {
            let kind = entry.kind.as_str();
            if NAMED_AS_TABLE.contains(&kind) && self.tables.contains(&name(entry)) {
                self.own.insert(entry.id);
            } else if NAMED_AFTER_TABLE.contains(&kind) && self.is_after_ours(entry, toc) {
                self.take_named_after(entry, toc);
            } else if ATTACHED.contains(&kind) && self.has_some_of(entry) {
                self.own.insert(entry.id);
                if kind == "SEQUENCE" {
                    self.sequences.insert(name(entry));
                }
            } else if TIES.contains(&kind) && self.has_some_of(entry) {
                let outward = !self.has_all_of(entry);
                if outward { &mut self.outward } else { &mut self.own }.insert(entry.id);
            }
        }
    }

    /// Whether an entry `table constraint` is of one of our tables, and not of one whose name is longer.
    fn is_after_ours(&self, entry: &TocEntry, toc: &[TocEntry]) -> bool {
        let begins =
            |table: &str| entry.name.strip_prefix(table).is_some_and(|rest| rest.starts_with(' '));
        let tables = toc.iter().filter(|other| {
            other.kind == "TABLE" && other.schema == entry.schema && begins(&other.name)
        });
        let owner = tables.max_by_key(|table| table.name.len());
        owner.is_some_and(|table| self.own.contains(&table.id))
    }

    fn take_named_after(&mut self, entry: &TocEntry, toc: &[TocEntry]) {
        let is_elsewhere =
            |other: &TocEntry| other.kind == "TABLE" && !self.own.contains(&other.id);
        let mut needs = toc.iter().filter(|other| entry.needs.contains(&other.id));
        let refers_out = entry.kind == "FK CONSTRAINT"
            && (needs.clone().any(is_elsewhere)
                // What it refers to is not in the archive at all.
                || !needs.any(|other| matches!(other.kind.as_str(), "CONSTRAINT" | "INDEX")));
        if refers_out {
            self.outward.insert(entry.id);
            self.left_out.push(name(entry).to_string());
        } else {
            self.own.insert(entry.id);
        }
    }

    fn take_needed(&mut self, toc: &[TocEntry]) {
        let mut open: Vec<u32> = self.own.iter().copied().collect();
        while let Some(id) = open.pop() {
            let Some(entry) = toc.iter().find(|entry| entry.id == id) else { continue };
            let needs = toc.iter().filter(|other| entry.needs.contains(&other.id));
            for other in needs.filter(|other| NEEDED.contains(&other.kind.as_str())) {
                if !self.own.contains(&other.id) && self.needed.insert(other.id) {
                    open.push(other.id);
                }
            }
        }
        // Its position, comment and privileges come with it.
        let with = |entry: &&TocEntry| {
            matches!(entry.kind.as_str(), "SEQUENCE SET" | "COMMENT" | "ACL")
                && entry.needs.iter().any(|need| self.needed.contains(need))
        };
        let more: Vec<_> = toc.iter().filter(with).map(|entry| entry.id).collect();
        self.needed.extend(more);
    }

    /// The list for `pg_restore --use-list`, in the archive's own order, which is one that works.
    ///
    /// What ties a partition to a parent that is not among the tables comes last.
    pub(crate) fn list(&self, toc: &[TocEntry], wanted: impl Fn(&TocEntry) -> bool) -> String {
        let mut entries: Vec<_> = toc.iter().filter(|entry| wanted(entry)).collect();
        // A parent that is there already would give a partition its indexes, which come by themselves.
        let is_tied = |entry: &TocEntry| TIES.iter().position(|kind| entry.kind == *kind);
        entries.sort_by_key(|entry| is_tied(entry).filter(|_| self.outward.contains(&entry.id)));
        // What stands after the number is for people.
        let lines: Vec<_> =
            entries.iter().map(|entry| format!("{}; {}", entry.id, entry.kind)).collect();
        lines.join("\n") + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: u32, kind: &str, schema: &str, name: &str, needs: &[u32]) -> TocEntry {
        TocEntry {
            id,
            kind: kind.to_owned(),
            schema: (schema != "-").then(|| schema.to_owned()),
            name: name.to_owned(),
            owner: "app".to_owned(),
            needs: needs.to_vec(),
            data_at: None,
        }
    }

    fn toc() -> Vec<TocEntry> {
        vec![
            entry(6, "SCHEMA", "-", "s", &[]),
            entry(8, "DOMAIN", "public", "dom", &[]),
            entry(9, "TYPE", "s", "mood", &[6]),
            entry(10, "FUNCTION", "public", "trg()", &[]),
            entry(11, "SEQUENCE", "public", "free", &[]),
            entry(20, "TABLE", "public", "parent", &[8, 9, 11]),
            entry(21, "SEQUENCE", "public", "parent_id_seq", &[20]),
            entry(22, "TABLE", "s", "child", &[6]),
            entry(23, "TABLE", "s", "child of", &[6]),
            entry(24, "SEQUENCE", "s", "child_id_seq", &[22, 6]),
            entry(25, "SEQUENCE OWNED BY", "s", "child_id_seq", &[24]),
            entry(26, "COMMENT", "s", "TABLE child", &[22]),
            entry(30, "TABLE", "public", "pt", &[]),
            entry(31, "TABLE", "public", "pt1", &[30]),
            entry(32, "TABLE ATTACH", "public", "pt1", &[31, 30]),
            entry(33, "VIEW", "public", "v", &[20]),
            entry(40, "DEFAULT", "s", "child id", &[24, 22]),
            entry(41, "TABLE DATA", "s", "child", &[22]),
            entry(42, "TABLE DATA", "public", "parent", &[20]),
            entry(43, "SEQUENCE SET", "s", "child_id_seq", &[24]),
            entry(44, "SEQUENCE SET", "public", "free", &[11]),
            entry(50, "CONSTRAINT", "public", "parent parent_pkey", &[20]),
            entry(51, "CONSTRAINT", "s", "child child_pkey", &[22]),
            entry(52, "CONSTRAINT", "s", "child of pkey", &[23]),
            entry(53, "INDEX", "s", "child_t", &[22]),
            entry(54, "COMMENT", "s", "INDEX child_t", &[53]),
            entry(55, "INDEX", "public", "ptk", &[30]),
            entry(56, "INDEX", "public", "pt1_k_idx", &[55, 31]),
            entry(57, "INDEX ATTACH", "public", "pt1_k_idx", &[56, 55, 31, 30]),
            entry(58, "TRIGGER", "s", "child tg", &[10, 22]),
            entry(59, "FK CONSTRAINT", "s", "child child_p_fkey", &[20, 22, 50]),
            entry(60, "COMMENT", "s", "CONSTRAINT child_p_fkey ON child", &[59]),
        ]
    }

    fn selected(tables: &[&str]) -> Selection {
        let mut manifest = crate::manifest::tests::manifest("20261120T214530Z_manual_9f1c02ab");
        manifest.toc = toc();
        let tables: Vec<_> = tables.iter().map(|table| table.parse().unwrap()).collect();
        of(&manifest, &tables).unwrap().unwrap()
    }

    #[test]
    fn a_table_comes_with_everything_that_is_its_own() {
        let selection = selected(&["s.child"]);
        let own = [22, 24, 25, 26, 40, 41, 43, 51, 53, 54, 58];
        assert_eq!(Vec::from_iter(selection.own), own);
        assert_eq!(Vec::from_iter(selection.needed), [6, 10]);
        assert_eq!(Vec::from_iter(selection.outward), [59]);
        assert_eq!(selection.left_out, ["s.child child_p_fkey"]);
        let sequences: Vec<_> = selection.sequences.iter().map(ToString::to_string).collect();
        assert_eq!(sequences, ["s.child_id_seq"]);
    }

    #[test]
    fn a_foreign_key_between_two_that_are_wanted_comes_along() {
        let selection = selected(&["s.child", "parent"]);
        assert!(selection.own.contains(&59) && selection.own.contains(&60));
        assert!(selection.left_out.is_empty());
        assert!(!selection.own.contains(&33), "a view is no part of a table");
        assert_eq!(Vec::from_iter(selection.needed), [6, 8, 9, 10, 11, 44]);
    }

    #[test]
    fn a_name_that_begins_like_another_is_not_taken_for_it() {
        assert_eq!(Vec::from_iter(selected(&["s.child of"]).own), [23, 52]);
    }

    #[test]
    fn a_partitioned_table_comes_with_its_partitions_and_a_partition_alone() {
        let whole = selected(&["pt"]);
        assert_eq!(Vec::from_iter(whole.own), [30, 31, 32, 55, 56, 57]);
        assert_eq!(whole.tables.len(), 2);
        let alone = selected(&["pt1"]);
        assert_eq!(Vec::from_iter(alone.own.clone()), [31, 56]);
        assert_eq!(Vec::from_iter(alone.outward.clone()), [32, 57]);
        assert_eq!(
            alone.list(&toc(), |entry| [31, 32, 56, 57].contains(&entry.id)),
            "31; TABLE\n56; INDEX\n32; TABLE ATTACH\n57; INDEX ATTACH\n"
        );
    }

    #[test]
    fn of_a_backup_of_some_tables_all_of_them_are_wanted() {
        let mut manifest = crate::manifest::tests::manifest("20261120T214530Z_manual_9f1c02ab");
        manifest.toc = vec![
            entry(22, "TABLE", "s", "child", &[]),
            entry(51, "CONSTRAINT", "s", "child child_pkey", &[22]),
            entry(59, "FK CONSTRAINT", "s", "child child_p_fkey", &[22]),
            entry(61, "FK CONSTRAINT", "s", "child itself", &[22, 51]),
        ];
        manifest.content.tables[0].schema = "s".to_owned();
        manifest.content.tables[0].name = "child".to_owned();
        let selection = of(&manifest, &[]).unwrap().unwrap();
        assert_eq!(Vec::from_iter(selection.own), [22, 51, 61]);
        assert_eq!(selection.left_out, ["s.child child_p_fkey"]);
    }

    #[test]
    fn what_is_not_there_is_named() {
        let mut manifest = crate::manifest::tests::manifest("20261120T214530Z_manual_9f1c02ab");
        manifest.toc = toc();
        let tables = ["parent", "nowhere", "public.child"].map(|table| table.parse().unwrap());
        let error = of(&manifest, &tables).unwrap_err();
        assert_eq!(error.to_string(), "not in the backup: public.nowhere, public.child");
        manifest.selection = None;
        assert_eq!(of(&manifest, &[]).unwrap(), None);
    }

    #[test]
    fn names_are_read_with_and_without_schema_and_quotes() {
        let read = |text: &str| text.parse::<TableName>().map(|table| (table.schema, table.name));
        let pair = |schema: &str, name: &str| Ok((schema.to_owned(), name.to_owned()));
        assert_eq!(read(" users "), pair("public", "users"));
        assert_eq!(read("s.Users"), pair("s", "Users"));
        assert_eq!(read("\"a.b\".\"c\"\"d\""), pair("a.b", "c\"d"));
        for invalid in ["", ".", "a.", "a.b.c", "\"a"] {
            assert!(read(invalid).is_err(), "{invalid}");
        }
    }
}
