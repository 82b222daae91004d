//! Texts and documents that nobody thought of come back as they were.

use std::fmt::Write as _;

use dbkit::Literal;
use integration_tests::sql;
use serde_json::{Map, Value};

use super::{content, exported, insert, two};
use crate::content::assert_same;

/// `SplitMix64`: the same numbers in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// Mostly what somebody has to escape.
    fn text(&mut self) -> String {
        const NASTY: [char; 20] = [
            '\\',
            '"',
            '\'',
            '\n',
            '\r',
            '\t',
            '\u{8}',
            '\u{b}',
            '\u{c}',
            '\u{1}',
            '\u{7f}',
            'N',
            '.',
            ',',
            '{',
            '}',
            '\u{2028}',
            '\u{feff}',
            '\u{1f980}',
            ' ',
        ];
        let length = self.below(12);
        (0..length)
            .map(|_| match self.below(3) {
                0 => char::from_u32(1 + u32::try_from(self.below(0xd7ff)).unwrap()).unwrap_or('x'),
                _ => NASTY[usize::try_from(self.below(20)).unwrap()],
            })
            .collect()
    }

    fn json(&mut self, depth: u64) -> Value {
        match self.below(if depth == 0 { 5 } else { 7 }) {
            0 => Value::Null,
            1 => Value::Bool(self.below(2) == 0),
            2 => Value::Number(self.next().into()),
            3 => Value::Number(self.next().cast_signed().into()),
            4 => Value::String(self.text()),
            5 => (0..self.below(4)).map(|_| self.json(depth - 1)).collect(),
            _ => {
                let members = (0..self.below(4)).map(|_| (self.text(), self.json(depth - 1)));
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }

    fn or_null(&mut self, value: &str, sql_type: &str) -> String {
        if self.below(8) == 0 {
            "NULL".to_owned()
        } else {
            format!("{}::{sql_type}", Literal(value))
        }
    }
}

#[tokio::test]
async fn random_texts_and_documents_survive() {
    let ddl =
        "CREATE TABLE notes (id int PRIMARY KEY, a text, b text, j json, jb jsonb, list text[])";
    let (from, to) = two(ddl).await;
    let mut random = Random(20_261_126);
    for batch in 0..10 {
        let mut rows = String::new();
        for id in 0..100 {
            let comma = if rows.is_empty() { "" } else { ", " };
            let (a, b) = (random.text(), random.text());
            let (j, jb) = (random.json(3).to_string(), random.json(3).to_string());
            let (a, b) = (random.or_null(&a, "text"), random.or_null(&b, "text"));
            let (j, jb) = (random.or_null(&j, "json"), random.or_null(&jb, "jsonb"));
            let list = format!("ARRAY[{}, {}]", Literal(&random.text()), Literal(&random.text()));
            write!(rows, "{comma}({}, {a}, {b}, {j}, {jb}, {list})", batch * 100 + id).unwrap();
        }
        sql::run(from.db(), &format!("INSERT INTO notes VALUES {rows}")).await;
    }
    let file = exported(&from, &["notes"]).await;
    assert_eq!(file.rows(0).len(), 1000);
    insert(&to, &file).await.unwrap();
    assert_same(&content(&from, &["notes"]).await, &content(&to, &["notes"]).await);
    assert_eq!(exported(&to, &["notes"]).await.exported.tables, file.exported.tables);
}
