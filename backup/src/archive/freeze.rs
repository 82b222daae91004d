//! Letting rows be written into new tables as rows that everybody sees.
//!
//! Rows that `COPY` has frozen need no second look: no index build asks whether they were committed, no `VACUUM`
//! writes them again, and index-only scans work at once. PostgreSQL does so only in the transaction that
//! made or emptied the table, which is how the workers of `pg_restore` fill a table that they have made. It has no
//! option for it, but the statement stands in the archive. The statement grows by as much as the
//! table's `DROP`, which nobody needs in a new database, is cut: everything else stays in its place.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufReader},
    os::unix::fs::FileExt as _,
};

use super::{
    at::At,
    fields::{Fields, not_understood},
    toc,
};

/// How a statement ends that copies rows into the table itself, and how if it freezes them.
const PLAIN: &[u8] = b" FROM stdin;\n";
const FROZEN: &[u8] = b" FROM stdin FREEZE;\n";

/// A text that takes the place of another one: where its length stands, the bytes of both, the new text.
struct Edit {
    position: usize,
    bytes: usize,
    text: Vec<u8>,
}

/// Has the rows of every table that the archive in `file` makes frozen; nothing at all, if it is not understood:
/// the archive is as good without. Only for several workers of `pg_restore` and a new database.
pub(crate) fn freeze(file: &File) -> io::Result<()> {
    match frozen(file) {
        Ok(toc) => file.write_all_at(&toc, 0),
        Err(_) => Ok(()),
    }
}

/// The beginning of the archive up to the first row, with statements that freeze, as long as it was.
fn frozen(file: &File) -> io::Result<Vec<u8>> {
    let (fields, toc) = toc::read(BufReader::new(At { file, position: 0 }))?;
    let int_size = fields.int_size;
    let mut old = vec![0; offset(fields.source.position)?];
    file.read_exact_at(&mut old, 0)?;

    let entries = || toc.entries.iter().zip(&toc.places);
    let mut tables: HashMap<_, _> = entries()
        .filter(|(entry, _)| entry.kind == "TABLE")
        .map(|(entry, places)| (entry.id, places))
        .collect();
    let mut edits = Vec::new();
    for (entry, places) in entries().filter(|(entry, _)| entry.kind == "TABLE DATA") {
        // An extension's table, whose rows a dump may hold as well, was not made by `pg_restore`. Removed,
        // since a table has its room for one statement only, whatever a forged archive says.
        let Some(table) = entry.needs.first().and_then(|table| tables.remove(table)) else {
            continue;
        };
        let copy = text_at(&old, places.copy, int_size)?;
        let drop = text_at(&old, table.drop, int_size)?;
        if let Some([drop_text, copy_text]) = freezing(&drop.text, &copy.text) {
            edits.push(Edit { text: drop_text, ..drop });
            edits.push(Edit { text: copy_text, ..copy });
        }
    }
    Ok(edited(&old, edits, int_size))
}

/// Instead of the statements that drop a table and copy its rows, if they go into that table itself and not through
/// the root of its partitions: nothing, and one that freezes; together as long as they were.
fn freezing(drop: &[u8], copy: &[u8]) -> Option<[Vec<u8>; 2]> {
    let table = drop.strip_prefix(b"DROP TABLE ")?.strip_suffix(b";\n")?;
    let copying = copy.strip_suffix(PLAIN)?;
    let rest = copying.strip_prefix(b"COPY ")?.strip_prefix(table)?;
    if !(rest.is_empty() || rest.starts_with(b" ")) {
        return None;
    }
    let room = drop.len().checked_sub(FROZEN.len() - PLAIN.len())?;
    Some([vec![b' '; room], [copying, FROZEN].concat()])
}

/// The text whose length stands at `position`.
fn text_at(toc: &[u8], position: u64, int_size: usize) -> io::Result<Edit> {
    let position = offset(position)?;
    let mut fields = Fields::of(&toc[position..]);
    fields.int_size = int_size;
    let start = position + 1 + int_size;
    let text =
        fields.number()?.try_into().ok().and_then(|length: usize| toc[start..].get(..length));
    // None at all is as good as an empty one.
    let text = text.unwrap_or_default().to_vec();
    Ok(Edit { position, bytes: 1 + int_size + text.len(), text })
}

/// `old` with other texts in some places.
fn edited(old: &[u8], mut edits: Vec<Edit>, int_size: usize) -> Vec<u8> {
    edits.sort_unstable_by_key(|edit| edit.position);
    let mut new = Vec::with_capacity(old.len());
    let mut done = 0;
    for Edit { position, bytes, text } in edits {
        new.extend_from_slice(&old[done..position]);
        new.push(0);
        new.extend_from_slice(&(text.len() as u64).to_le_bytes()[..int_size]);
        new.extend_from_slice(&text);
        done = position + bytes;
    }
    new.extend_from_slice(&old[done..]);
    new
}

fn offset(position: u64) -> io::Result<usize> {
    usize::try_from(position).map_err(|_| not_understood("a table of contents beyond all memory"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::{sample, survey::survey};

    fn after_freezing(archive: &[u8]) -> Vec<u8> {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(archive, 0).unwrap();
        freeze(&file).unwrap();
        let mut frozen = vec![0; archive.len()];
        file.read_exact_at(&mut frozen, 0).unwrap();
        assert_eq!(file.metadata().unwrap().len(), archive.len() as u64);
        frozen
    }

    #[test]
    fn rows_of_a_table_that_is_made_are_frozen_and_nothing_moves() {
        let archive = sample::archive();
        let frozen = after_freezing(&archive);
        let texts = |archive: &[u8]| String::from_utf8_lossy(archive).into_owned();
        assert!(texts(&archive).contains("COPY s.t (n) FROM stdin;\n"));
        assert!(texts(&frozen).contains("COPY s.t (n) FROM stdin FREEZE;\n"));
        assert!(!texts(&frozen).contains("DROP"));
        assert_eq!(survey(&frozen[..]).unwrap().toc, survey(&archive[..]).unwrap().toc);
        assert_eq!(after_freezing(&frozen), frozen);
    }

    #[test]
    fn rows_of_another_table_stay_as_they_are() {
        let archive = sample::archive_of("EXTENSION");
        assert_eq!(after_freezing(&archive), archive);
    }

    #[test]
    fn rows_that_go_elsewhere_are_not_frozen() {
        let drop = b"DROP TABLE s.t;\n";
        assert!(freezing(drop, b"COPY s.t FROM stdin;\n").is_some());
        for copy in
            ["COPY s.root (n) FROM stdin;\n", "COPY s.tt FROM stdin;\n", "COPY s.t (n) FROM x;\n"]
        {
            assert_eq!(freezing(drop, copy.as_bytes()), None, "{copy}");
        }
    }

    #[test]
    fn what_is_no_archive_stays_as_it_is() {
        assert_eq!(after_freezing(b"PGDMP, or so"), b"PGDMP, or so");
    }
}
