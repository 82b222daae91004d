//! The archive's table of contents.

use std::io::{self, Read};

use serde::{Deserialize, Serialize};

use super::fields::{Fields, not_understood};

/// One thing in an archive, such as a table, its rows, or an index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TocEntry {
    /// Its number in the archive, by which `pg_restore --use-list` selects it.
    pub id: u32,
    /// What it is, such as `TABLE`, `TABLE DATA` or `FK CONSTRAINT`.
    pub kind: String,
    /// Its schema, if it has one.
    pub schema: Option<String>,
    /// Its name; that of a constraint or trigger has the table's before it.
    pub name: String,
    /// To whom it belongs.
    pub owner: String,
    /// The numbers of the entries that it needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<u32>,
    /// Where its data begin in the archive, in bytes, if it has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_at: Option<u64>,
}

/// A table of contents with what is only of use while one has the archive.
pub(super) struct Toc {
    pub(super) entries: Vec<TocEntry>,
    /// For each entry, where the parts of it stand that can be written anew.
    pub(super) places: Vec<Places>,
    /// How many bytes such a position has.
    pub(super) offset_size: u8,
}

/// Where something about an entry stands in the archive, in bytes from its beginning.
pub(super) struct Places {
    /// The statement that drops it, behind its length.
    pub(super) drop: u64,
    /// The statement that copies its rows, behind its length.
    pub(super) copy: u64,
    /// The position of its data, behind whether it is known.
    pub(super) slot: u64,
}

/// The versions of the custom format that can be read: 14 is of PostgreSQL 12 to 15, 15 of 16, and
/// 16 of 17 and 18.
const VERSIONS: std::ops::RangeInclusive<u8> = 14..=16;

/// The format that `--format=custom` gives.
const CUSTOM: u8 = 1;

/// Reads everything before the first row.
pub(super) fn read<R: Read>(source: R) -> io::Result<(Fields<R>, Toc)> {
    let mut fields = Fields::of(source);
    if fields.bytes()? != *b"PGDMP" {
        return Err(not_understood("no header"));
    }
    let [major, minor, _revision, int_size, offset_size, format] = fields.bytes()?;
    if major != 1 || !VERSIONS.contains(&minor) || format != CUSTOM || !(1..=8).contains(&int_size)
    {
        return Err(not_understood(&format!("version {major}.{minor} of format {format}")));
    }
    fields.int_size = usize::from(int_size);
    if minor >= 15 {
        fields.byte()?;
    } else {
        fields.number()?;
    }
    for _time in 0..7 {
        fields.number()?;
    }
    for _database_and_versions in 0..3 {
        fields.text()?;
    }
    let count = fields.length()?;
    let mut toc = Toc { entries: Vec::new(), places: Vec::new(), offset_size };
    for _ in 0..count {
        let (entry, places) = entry(&mut fields, minor)?;
        toc.entries.push(entry);
        toc.places.push(places);
        fields.skip(1 + u64::from(offset_size))?;
    }
    Ok((fields, toc))
}

fn entry<R: Read>(fields: &mut Fields<R>, minor: u8) -> io::Result<(TocEntry, Places)> {
    let id = id(fields.number()?)?;
    fields.number()?;
    for _table_and_object in 0..2 {
        fields.text()?;
    }
    let name = fields.text()?.unwrap_or_default();
    let kind = fields.text()?.unwrap_or_default();
    fields.number()?;
    let _definition = fields.text()?;
    let drop = fields.source.position;
    fields.text()?;
    let copy = fields.source.position;
    fields.text()?;
    let schema = fields.text()?.filter(|schema| !schema.is_empty());
    for _tablespace_and_access_method in 0..2 {
        fields.text()?;
    }
    if minor >= 16 {
        fields.number()?;
    }
    let owner = fields.text()?.unwrap_or_default();
    fields.text()?;
    let mut needs = Vec::new();
    while let Some(number) = fields.text()? {
        needs.push(number.parse().map_err(|_| not_understood("a dependency without a number"))?);
    }
    let places = Places { drop, copy, slot: fields.source.position };
    Ok((TocEntry { id, kind, schema, name, owner, needs, data_at: None }, places))
}

fn id(number: i64) -> io::Result<u32> {
    u32::try_from(number).map_err(|_| not_understood("an entry without a number"))
}
