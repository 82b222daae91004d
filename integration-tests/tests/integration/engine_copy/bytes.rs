//! What we send is what the server gives back, to the byte.

use chrono::{DateTime, NaiveDate, NaiveTime};
use integration_tests::{TestDatabase, sql};
use sea_orm::{
    Value,
    prelude::Decimal,
    sea_query::{ArrayType, Enum, OptionEnum},
};
use seeding_engine::copy::{Columns, ColumnsError, EncodeError, LoadError, Tuples, compare, tally};
use serde_json::json;

use super::{Made, fill, id, look};

const TABLE: &str = "
    CREATE EXTENSION citext;
    CREATE TYPE mood AS ENUM ('calm', 'loud');
    CREATE DOMAIN price AS numeric(10, 2) CHECK (VALUE >= 0);
    CREATE DOMAIN offer AS price;
    CREATE TABLE everything (
        id uuid PRIMARY KEY, flag boolean, small smallint, middle integer, big bigint, real real,
        double double precision, free numeric, fixed numeric(8, 6), offer offer, text text,
        short varchar(5), padded character(5), letter \"char\"[], folded citext, day date,
        at time, rough time(2), stamp timestamp, moment timestamptz, rounded timestamptz(3),
        plain json, tree jsonb, address inet, bytes bytea, mood mood, words text[], moods mood[],
        numbers integer[], days date[], keys uuid[], prices numeric(6, 1)[]
    )
";

const COLUMNS: &[&str] = &[
    "id", "flag", "small", "middle", "big", "real", "double", "free", "fixed", "offer", "text",
    "short", "padded", "folded", "day", "at", "rough", "stamp", "moment", "rounded", "plain",
    "tree", "address", "bytes", "mood", "words", "moods", "numbers", "days", "keys", "prices",
];

fn decimal(text: &str) -> Value {
    text.parse::<Decimal>().unwrap().into()
}

fn mood(label: &'static str) -> Value {
    let label = Enum { type_name: "mood".into(), value: label.into() };
    Value::Enum(OptionEnum::Some(Box::new(label)))
}

fn moods(labels: &[&'static str]) -> Value {
    let labels = labels.iter().map(|label| mood(label)).collect();
    Value::Array(ArrayType::Enum(Box::new("mood".into())), Some(Box::new(labels)))
}

fn decimals(texts: &[&str]) -> Value {
    let numbers = texts.iter().map(|text| decimal(text)).collect();
    Value::Array(ArrayType::Decimal, Some(Box::new(numbers)))
}

fn texts(values: &[Option<&str>]) -> Value {
    let values = values.iter().map(|text| text.map(str::to_owned).into()).collect();
    Value::Array(ArrayType::String, Some(Box::new(values)))
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn time(text: &str) -> NaiveTime {
    text.parse().unwrap()
}

fn moment(text: &str) -> DateTime<chrono::Utc> {
    text.parse().unwrap()
}

/// Ordinary values.
fn ordinary() -> Vec<Value> {
    vec![
        id(0, 0),
        true.into(),
        (-7_i16).into(),
        70_000_i32.into(),
        (-7_000_000_000_i64).into(),
        1.5_f32.into(),
        (-0.1_f64).into(),
        decimal("1234567.89100"),
        decimal("-48.137154"),
        decimal("19.90"),
        "naïve \u{1f980} 'quoted'\t\\".into(),
        "abcde".into(),
        "äb".into(),
        "MiXed".into(),
        day("2026-03-02").into(),
        time("08:45:00").into(),
        time("08:45:01.239").into(),
        day("1999-12-31").and_time(time("23:59:59.999999")).into(),
        moment("2026-03-02T08:45:00.123456Z").into(),
        moment("1969-03-02T08:45:00.1235Z").into(),
        json!({"b": [1, 2.50], "a": null}).into(),
        json!({"bb": {"z": 1, "a": "é\n\u{1}"}, "c": [], "a": [true, {}, 1e2, 1.5e-7, 1e300, -0.0]})
            .into(),
        "203.0.113.7".into(),
        vec![0_u8, 255, 7].into(),
        mood("loud"),
        texts(&[Some("a"), None, Some(""), Some("NULL"), Some("{,}")]),
        moods(&["calm", "loud"]),
        vec![1_i32, -2, 3].into(),
        vec![day("2000-01-01"), day("1900-02-28")].into(),
        vec![super::key(1, 2)].into(),
        decimals(&["1.25", "-0.05", "100"]),
    ]
}

/// Values at the edges of what their types hold.
fn extreme() -> Vec<Value> {
    vec![
        id(0, 1),
        false.into(),
        i16::MIN.into(),
        i32::MAX.into(),
        i64::MIN.into(),
        f32::MIN_POSITIVE.into(),
        f64::NAN.into(),
        Decimal::MAX.into(),
        decimal("0.0000005"),
        decimal("0.004"),
        "".into(),
        "".into(),
        "".into(),
        "".into(),
        day("0001-01-01").into(),
        time("23:59:59.999999").into(),
        time("23:59:59.999").into(),
        day("2000-01-01").and_time(time("00:00:00")).into(),
        moment("9999-12-31T23:59:59.999999Z").into(),
        moment("1999-12-31T23:59:59.9995Z").into(),
        json!("just a text").into(),
        json!(18_446_744_073_709_551_615_u64).into(),
        "2001:db8::7/64".into(),
        Vec::<u8>::new().into(),
        mood("calm"),
        texts(&[]),
        moods(&[]),
        Vec::<i32>::new().into(),
        Vec::<NaiveDate>::new().into(),
        Vec::<uuid::Uuid>::new().into(),
        decimals(&["0.00", "-12345.678"]),
    ]
}

fn nothing() -> Vec<Value> {
    let ordinary = ordinary();
    let nothing = ordinary.iter().skip(1).map(Value::as_null);
    std::iter::once(id(0, 2)).chain(nothing).collect()
}

async fn everything() -> TestDatabase {
    let test = TestDatabase::empty().await;
    sql::run(test.db(), TABLE).await;
    test
}

#[tokio::test]
async fn every_type_comes_back_in_the_bytes_in_which_it_was_sent() {
    let test = everything().await;
    for (column, name) in COLUMNS.iter().enumerate().skip(1) {
        // Column by column first, so that a failure names its type.
        let columns: &'static [&'static str] = vec!["id", *name].leak();
        let source = Made::source("everything", columns, move |_| {
            [ordinary(), extreme(), nothing()]
                .into_iter()
                .map(|row| vec![row[0].clone(), row[column].clone()])
                .collect()
        });
        let sent = fill(&test, &source, 0..1).await.unwrap();
        let difference = compare(&look(&test).await, source.clone(), 0..1, 9).await.unwrap();
        assert!(difference.is_none() && difference.intact == 3, "{name}: {difference:?}");
        assert_eq!(sent.rows, 3);
        sql::run(test.db(), "TRUNCATE everything").await;
    }
}

#[tokio::test]
async fn the_sum_of_what_was_sent_is_the_sum_of_what_is_there() {
    let test = everything().await;
    let source = Made::source("everything", COLUMNS, |_| vec![ordinary(), extreme(), nothing()]);
    let sent = fill(&test, &source, 0..1).await.unwrap();
    let bulk = look(&test).await;
    let columns = Columns::read(&bulk, "everything", COLUMNS).await.unwrap();
    assert_eq!(tally(&bulk, &columns, &source.keys(&(0..1))).await.unwrap(), sent);
}

/// The server reads our bytes as the values that we meant, not only as some values.
#[tokio::test]
async fn the_server_reads_what_we_meant() {
    let test = everything().await;
    let source = Made::source("everything", COLUMNS, |_| vec![ordinary()]);
    fill(&test, &source, 0..1).await.unwrap();
    let read: String = sql::value(
        test.db(),
        "SELECT concat_ws('|', flag, small, middle, big, real, double, free, fixed, offer, text, short,
            padded, folded, day, at, rough, stamp, moment AT TIME ZONE 'UTC',
            rounded AT TIME ZONE 'UTC', plain, tree, address, encode(bytes, 'hex'), mood, words, moods,
            numbers, days, keys, prices) FROM everything",
    )
    .await;
    let fields: Vec<_> = read.split('|').collect();
    assert_eq!(
        fields[..9],
        ["t", "-7", "70000", "-7000000000", "1.5", "-0.1", "1234567.89100", "-48.137154", "19.90"]
    );
    assert_eq!(fields[9..13], ["naïve \u{1f980} 'quoted'\t\\", "abcde", "äb   ", "MiXed"]);
    assert_eq!(
        fields[13..19],
        [
            "2026-03-02",
            "08:45:00",
            "08:45:01.24",
            "1999-12-31 23:59:59.999999",
            "2026-03-02 08:45:00.123456",
            "1969-03-02 08:45:00.123",
        ]
    );
    assert_eq!(
        fields[21..],
        [
            "203.0.113.7",
            "00ff07",
            "loud",
            r#"{a,NULL,"","NULL","{,}"}"#,
            "{calm,loud}",
            "{1,-2,3}",
            "{2000-01-01,1900-02-28}",
            "{00000000-0000-0000-0000-000000000066}",
            "{1.3,-0.1,100.0}",
        ]
    );
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_named_with_its_column() {
    let test = everything().await;
    let source =
        Made::source("everything", &["id", "middle"], |_| vec![vec![id(0, 0), "seven".into()]]);
    let error = fill(&test, &source, 0..1).await.unwrap_err();
    assert!(matches!(error, LoadError::Encode(EncodeError::Unfit { .. })));
    assert_eq!(error.to_string(), "`middle` of `everything` is integer and cannot hold a text");
}

#[tokio::test]
async fn columns_that_do_not_fit_are_named() {
    let test = TestDatabase::empty().await;
    let create = "CREATE TABLE bills (
        id uuid PRIMARY KEY, net numeric NOT NULL, gross numeric GENERATED ALWAYS AS (net * 2) STORED,
        due date NOT NULL, number bigint GENERATED ALWAYS AS IDENTITY, made timestamptz NOT NULL DEFAULT now(),
        span int4range
    )";
    sql::run(test.db(), create).await;
    let read = async |table: &str, names: &[&str]| {
        Columns::read(test.db(), table, names).await.map(|columns| columns.all().len())
    };
    assert_eq!(read("bills", &["due", "net", "id", "number"]).await.unwrap(), 4);
    let error = |result: Result<usize, ColumnsError>| result.unwrap_err().to_string();
    assert_eq!(error(read("bils", &["id"]).await), "there is no table `bils`");
    assert_eq!(error(read("bills", &["id", "nett"]).await), "`bills` has no column `nett`");
    assert_eq!(
        error(read("bills", &["id"]).await),
        "the rows of `bills` have no value for `net`, `due`, which needs one"
    );
    assert_eq!(
        error(read("bills", &["id", "net", "due", "gross"]).await),
        "the server computes the values of `gross` of `bills`"
    );
    assert_eq!(
        error(read("bills", &["id", "net", "due", "span"]).await),
        "`span` of `bills` is int4range, which cannot be written"
    );
}

#[tokio::test]
async fn a_row_with_too_few_or_too_many_values_is_refused() {
    let test = super::notes().await;
    let columns = Columns::read(test.db(), "notes", &["id", "note"]).await.unwrap();
    let mut tuples = Tuples::new(columns);
    for row in [vec![id(0, 0)], vec![id(0, 0), "a".into(), "b".into()]] {
        assert!(matches!(tuples.row(&row), Err(EncodeError::Count { columns: 2, .. })));
    }
}
