//! A file that is not what was written is found before a database is asked for anything: only what
//! [`check`](backup::data::check) has read to its end can be imported.

use backup::data::{FileError, Mode};
use integration_tests::{TestDatabase, sql};

use super::{File, checked, exported, options};

const TABLES: &str = r"
CREATE TABLE people (id int PRIMARY KEY, name text);
INSERT INTO people VALUES (1, 'Ada'), (2, NULL), (3, E'back\\slash\nand \u00e9');
CREATE TABLE empty (id int);
CREATE TABLE notes (person int, body jsonb);
INSERT INTO notes VALUES (1, 'null'), (2, NULL)";

async fn file() -> (TestDatabase, File) {
    let test = TestDatabase::empty().await;
    sql::run(test.db(), TABLES).await;
    let file = exported(&test, &["people", "empty", "notes"]).await;
    assert!(checked(&file.bytes).is_ok());
    (test, file)
}

#[tokio::test]
async fn one_flipped_bit_anywhere_is_found() {
    let (_test, file) = file().await;
    let mut bytes = file.bytes.clone();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            bytes[at] ^= 1 << bit;
            assert!(checked(&bytes).is_err(), "bit {bit} of byte {at} of {}", bytes.len());
            bytes[at] ^= 1 << bit;
        }
    }
    assert!(checked(&bytes).is_ok());
}

#[tokio::test]
async fn a_cut_anywhere_is_found() {
    let (_test, file) = file().await;
    for length in 0..file.bytes.len() {
        let error = checked(&file.bytes[..length]).unwrap_err();
        let is_clear = matches!(error, FileError::Truncated { .. } | FileError::NotAnExport);
        assert!(is_clear, "cut at {length}: {error}");
    }
}

#[tokio::test]
async fn lines_that_go_come_or_change_places_are_found() {
    let (_test, file) = file().await;
    let lines: Vec<_> = file.bytes.split_inclusive(|byte| *byte == b'\n').collect();
    for at in 0..lines.len() {
        let (mut without, mut twice) = (lines.clone(), lines.clone());
        without.remove(at);
        twice.insert(at, lines[at]);
        assert!(checked(&without.concat()).is_err(), "without line {}", at + 1);
        assert!(checked(&twice.concat()).is_err(), "line {} twice", at + 1);
        for other in (at + 1..lines.len()).filter(|other| lines[*other] != lines[at]) {
            let mut swapped = lines.clone();
            swapped.swap(at, other);
            assert!(checked(&swapped.concat()).is_err(), "lines {} and {}", at + 1, other + 1);
        }
    }
    assert!(checked(&[&file.bytes, &b"\n"[..]].concat()).is_err());
    assert!(checked(&[&file.bytes, &file.bytes[..]].concat()).is_err());
}

#[tokio::test]
async fn another_file_is_called_what_it_is() {
    let (_test, file) = file().await;
    for other in ["", "\n", "id,name\n1,Ada\n", "{\"a\": 1}\n", "[\"1\"]\n", "\u{1f980}"] {
        let error = checked(other.as_bytes()).unwrap_err();
        assert!(matches!(error, FileError::NotAnExport), "{other:?}: {error}");
    }
    let text = String::from_utf8(file.bytes).unwrap();
    let newer = text.replacen("\"version\":1", "\"version\":2", 1);
    let error = checked(newer.as_bytes()).unwrap_err();
    assert!(matches!(error, FileError::Version { found: 2 }), "{error}");
}

#[tokio::test]
async fn a_file_that_changes_after_it_was_checked_changes_nothing() {
    let (test, file) = file().await;
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("file");
    std::fs::write(&path, &file.bytes).unwrap();
    let opened = backup::data::DataFile::open(&path).unwrap();
    let checked = backup::data::check(opened, &()).unwrap();
    let lines = String::from_utf8(file.bytes).unwrap();
    std::fs::write(&path, lines.replace("[\"1\",\"null\"]", "[\"7\",\"null\"]")).unwrap();
    let permit = test.permit();
    let mode = Mode::Replace(&permit);
    let before = crate::content::whole(test.db()).await;
    let error = backup::data::import(test.url(), &checked, &options(mode), &()).await.unwrap_err();
    assert!(error.to_string().contains("public.notes"), "{error}");
    crate::content::assert_same(&before, &crate::content::whole(test.db()).await);
}
