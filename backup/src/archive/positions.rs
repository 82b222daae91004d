//! Telling an archive where its own data begin.
//!
//! `pg_dump` cannot go back in a pipe to write it down, and without it each worker of `pg_restore` reads all
//! the data before its own, and none knows which table is the largest. A file can be told afterwards.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufReader},
    os::unix::fs::FileExt as _,
};

use super::{
    TocEntry,
    at::At,
    blocks::{LARGE_OBJECTS, ROWS},
    fields::{Fields, not_understood},
    toc,
};

/// What stands before a position: that it is not known, or that it is.
pub(super) const UNKNOWN: u8 = 1;
const KNOWN: u8 = 2;

/// Where something is to be written, and what.
type Patch = (u64, Vec<u8>);

/// Writes into the archive in `file`, where that is missing, at which position the data of each entry begin as
/// `known` says; nothing at all, unless every one of them is found there: the archive is as good without.
pub(crate) fn fill_in(file: &File, known: &[TocEntry]) -> io::Result<()> {
    for (position, bytes) in patches(file, known).unwrap_or_default() {
        file.write_all_at(&bytes, position)?;
    }
    Ok(())
}

fn patches(file: &File, known: &[TocEntry]) -> io::Result<Vec<Patch>> {
    let (fields, toc) = toc::read(BufReader::new(At { file, position: 0 }))?;
    if usize::from(toc.offset_size) != size_of::<u64>() {
        return Err(not_understood("positions of an unknown size"));
    }
    let known: HashMap<_, _> = known.iter().map(|entry| (entry.id, entry)).collect();
    let mut patches = Vec::new();
    for (entry, places) in toc.entries.iter().zip(toc.places) {
        let like = known.get(&entry.id).filter(|known| known.kind == entry.kind);
        let Some(data_at) = like.and_then(|like| like.data_at) else { continue };
        let mut said = [0];
        file.read_exact_at(&mut said, places.slot)?;
        if said != [UNKNOWN] {
            continue;
        }
        if block_at(file, data_at, fields.int_size)? != entry.id {
            return Err(not_understood("other data where those of an entry should begin"));
        }
        let mut bytes = vec![KNOWN];
        bytes.extend_from_slice(&data_at.to_le_bytes());
        patches.push((places.slot, bytes));
    }
    Ok(patches)
}

/// Of which entry the block is that begins at `position`.
fn block_at(file: &File, position: u64, int_size: usize) -> io::Result<u32> {
    let mut fields = Fields::of(At { file, position });
    fields.int_size = int_size;
    match fields.byte()? {
        ROWS | LARGE_OBJECTS => {}
        other => return Err(not_understood(&format!("a block of kind {other}"))),
    }
    u32::try_from(fields.number()?).map_err(|_| not_understood("a block of nothing"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::archive::{sample::archive, survey::survey};

    #[test]
    fn an_archive_learns_where_its_data_begin_and_nothing_else_changes() {
        let archive = archive();
        let known = survey(&archive[..]).unwrap().toc;
        assert_eq!(known[0].data_at, None);
        let data_at = known[1].data_at.unwrap();
        assert_eq!(archive[usize::try_from(data_at).unwrap()], ROWS);

        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("archive");
        fs::write(&path, &archive).unwrap();
        let file = fs::OpenOptions::new().read(true).write(true).open(&path).unwrap();
        fill_in(&file, &known).unwrap();
        let told = fs::read(&path).unwrap();
        let slot = usize::try_from(data_at).unwrap() - 9;
        assert_eq!(told[slot..slot + 9], [&[KNOWN][..], &data_at.to_le_bytes()].concat());
        assert_eq!((&told[..slot], &told[slot + 9..]), (&archive[..slot], &archive[slot + 9..]));
        assert_eq!(survey(&told[..]).unwrap().toc, known);
    }

    #[test]
    fn an_archive_of_which_something_else_is_known_stays_as_it_is() {
        let archive = archive();
        let mut known = survey(&archive[..]).unwrap().toc;
        known[1].data_at = Some(5);
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(&archive, 0).unwrap();
        assert!(patches(&file, &known).is_err());
        fill_in(&file, &known).unwrap();
        let mut kept = vec![0; archive.len()];
        file.read_exact_at(&mut kept, 0).unwrap();
        assert_eq!(kept, archive);
    }
}
