//! A small archive for tests.

use super::{blocks::ROWS, positions::UNKNOWN};

fn number(value: i32) -> Vec<u8> {
    [&[u8::from(value < 0)][..], &value.abs().to_le_bytes()].concat()
}

fn text(text: &str) -> Vec<u8> {
    [number(i32::try_from(text.len()).unwrap()), text.into()].concat()
}

/// An entry with the statements that drop it and copy its rows, and with what it needs.
fn entry(id: i32, kind: &str, [drop, copy]: [&str; 2], needs: &[&str], said: u8) -> Vec<u8> {
    let names = [text("0").repeat(2), text("t"), text(kind), number(3)].concat();
    let statements = [text(""), text(drop), text(copy)].concat();
    let places = [text("s"), text("").repeat(2), text("me"), text("false")].concat();
    let needs: Vec<u8> = needs.iter().flat_map(|id| text(id)).collect();
    let end = [number(-1), vec![said], vec![0; 8]].concat();
    [number(id), number(1), names, statements, places, needs, end].concat()
}

/// A table and its rows, as `pg_dump` 15 writes them into a pipe.
pub(super) fn archive() -> Vec<u8> {
    archive_of("TABLE")
}

/// The same with something of another kind that has the rows.
pub(super) fn archive_of(kind: &str) -> Vec<u8> {
    let header = [b"PGDMP".to_vec(), vec![1, 14, 0, 4, 8, 1], number(0).repeat(8)].concat();
    let table = entry(7, kind, ["DROP TABLE s.t;\n", ""], &[], 3);
    let data = entry(8, "TABLE DATA", ["", "COPY s.t (n) FROM stdin;\n"], &["7"], UNKNOWN);
    let rows = [vec![ROWS], number(8), text("1\n"), text("\\.\n\n"), number(0)].concat();
    [header, text("").repeat(3), number(2), table, data, rows].concat()
}
