//! Exported values, whatever is in them, arrive in the database as they were.

use std::{
    error::Error,
    io::{self, Write},
    sync::{Arc, Mutex},
};

use dbkit::Environment;
use entity::{festival::instructor, prelude::Instructor};
use integration_tests::{TestDatabase, sql};
use sea_orm::{ConnectionTrait as _, EntityTrait as _, NotSet, QueryOrder as _, Set};
use seeding_engine::{
    Content, Kind, Rows, Seed, Selection, World,
    export::{CsvFiles, ExportOptions, Files, SqlScript, export},
};
use serde_json::json;
use uuid::Uuid;

const HOSTILE: [&str; 16] = [
    "",
    " ",
    "'",
    "''; DROP TABLE instructors; --",
    "\"",
    "\\",
    "\\'",
    "\\.",
    "\\N",
    "NULL",
    "{a,b}",
    "a,\"b\"",
    "one\r\ntwo\n",
    "\t\u{7f}\u{1}",
    "Zoë 海 🎺 \u{202e}",
    "E'\\x41' $1 $$ ?",
];

fn instructor(number: usize, text: &str) -> instructor::ActiveModel {
    instructor::ActiveModel {
        id: Set(Uuid::from_u128(number as u128 + 1)),
        slug: Set(format!("instructor-{number}")),
        name: Set(format!("x{text}")),
        bio: Set((number > 0).then(|| text.to_owned())),
        specialties: Set(vec![text.to_owned(), "plain".to_owned()]),
        social_links: Set(json!({ text: text })),
        verified: Set(number.is_multiple_of(2)),
        created_at: NotSet,
        updated_at: NotSet,
    }
}

fn hostile(texts: &'static [&'static str]) -> [Seed; 1] {
    let rows = move || texts.iter().enumerate().map(|(number, text)| instructor(number, text));
    [Seed {
        id: "demo.hostile",
        description: "",
        kind: Kind::Demo,
        version: 1,
        environments: Kind::Demo.environments(),
        requires: &[],
        content: Content::rows(move |_| vec![Rows::of::<Instructor>(rows()).filled()]),
    }]
}

fn options() -> ExportOptions {
    ExportOptions {
        environment: Environment::Testing,
        world: World { seed: 1, as_of: "2026-03-02".parse().unwrap() },
        selection: Selection::default(),
        scale: 1,
    }
}

fn script() -> String {
    let mut out = Vec::new();
    export(&hostile(&HOSTILE), &options(), &mut SqlScript::new(&mut out)).unwrap();
    String::from_utf8(out).unwrap()
}

async fn assert_arrived(test: &TestDatabase) {
    let query = Instructor::find().order_by_asc(instructor::Column::Id);
    let found = query.all(test.db()).await.unwrap();
    assert_eq!(found.len(), HOSTILE.len());
    for (number, (row, text)) in found.iter().zip(HOSTILE).enumerate() {
        assert_eq!(row.name, format!("x{text}"));
        assert_eq!(row.bio.as_deref(), (number > 0).then_some(text));
        assert_eq!(row.specialties, [text, "plain"]);
        assert_eq!(row.social_links, json!({ text: text }));
        assert_eq!(row.verified, number.is_multiple_of(2));
    }
}

#[tokio::test]
async fn hostile_texts_arrive_as_they_were_in_a_script() {
    for setting in ["on", "off"] {
        let test = TestDatabase::migrated().await;
        // The first line is for psql alone.
        let script = script().replacen("\\set ON_ERROR_STOP on\n", "", 1);
        let script = format!("SET standard_conforming_strings = {setting}; {script}");
        test.db().execute_unprepared(&script).await.unwrap();
        assert_arrived(&test).await;
    }
}

/// Files that stay in memory.
#[derive(Default)]
struct Memory(Vec<(String, Arc<Mutex<Vec<u8>>>)>);

struct MemoryFile(Arc<Mutex<Vec<u8>>>);

impl Write for MemoryFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Files for &mut Memory {
    type File = MemoryFile;

    fn create(&mut self, name: &str) -> io::Result<MemoryFile> {
        let file = Arc::default();
        self.0.push((name.to_owned(), Arc::clone(&file)));
        Ok(MemoryFile(file))
    }
}

#[tokio::test]
async fn hostile_texts_arrive_as_they_were_in_a_file() {
    let test = TestDatabase::migrated().await;
    let mut memory = Memory::default();
    export(&hostile(&HOSTILE), &options(), &mut CsvFiles::new(&mut memory)).unwrap();
    assert_eq!(memory.0[0].0, "001-instructors.csv");
    let data = memory.0[0].1.lock().unwrap().clone();
    let header = String::from_utf8_lossy(&data).lines().next().unwrap().to_owned();
    let statement =
        format!("COPY instructors ({header}) FROM STDIN WITH (FORMAT csv, HEADER true)");
    let mut session = sql::session(test.url()).await.unwrap();
    let mut copy = session.copy_in_raw(&statement).await.unwrap();
    copy.send(data).await.unwrap();
    copy.finish().await.unwrap();
    assert_arrived(&test).await;
}

#[test]
fn the_character_nul_is_refused_with_the_place_where_it_is() {
    let sink = &mut SqlScript::new(Vec::new());
    let error = export(&hostile(&["a\0b"]), &options(), sink).unwrap_err();
    let mut said = error.to_string();
    let mut cause: &dyn Error = &error;
    while let Some(source) = cause.source() {
        said = format!("{said}: {source}");
        cause = source;
    }
    assert_eq!(
        said,
        "cannot export a row of `instructors` of seed `demo.hostile`: a value of `name` cannot be \
         exported: the text contains the character NUL"
    );
}
