//! Every value of every type comes back as it was.

use integration_tests::sql;

use super::{content, exported, insert, replace, two};
use crate::content::assert_same;

const TABLE: &str = r#"
CREATE TYPE mood AS ENUM ('sad', 'o''k', 'very "happy"', 'back\slash');
CREATE DOMAIN positive AS numeric CHECK (VALUE > 0);
CREATE TYPE pair AS (a int, "b c" text, j jsonb);
CREATE TABLE "Odd ""Table; --" (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "row" text, "select" text, "with ""quotes"" and \" text, "t" int, "s" int,
    small smallint, whole int, num numeric, num38 numeric(38, 18), single real, double double precision,
    cash money, flag boolean, letter "char", fixed char(5), limited varchar(10), tag name, bytes bytea,
    day date, clock time(3), clockz timetz, at timestamp, atz timestamptz(3), span interval,
    j json, jb jsonb, js json[], jbs jsonb[], doc xml, path jsonpath,
    ip inet, net cidr, mac macaddr, mac8 macaddr8, bits bit(3), vbits varbit,
    r int4range, rn numrange, rt tstzrange, rs int4range[], mr int4multirange, mn nummultirange,
    ints int[], grid int[][], texts text[], boxes box[], p point, l line, poly polygon, circ circle,
    u uuid, ts tsvector, tq tsquery, m mood, ms mood[], dom positive, doms positive[], c pair, cs pair[],
    o oid, rc regclass, rt2 regtype, lsn pg_lsn, snap pg_snapshot, v int2vector,
    doubled bigint GENERATED ALWAYS AS (small * 2) STORED,
    parent bigint REFERENCES "Odd ""Table; --"
)"#;

const ROWS: &[&str] = &[
    // Nothing at all, and what looks like nothing.
    r#"INSERT INTO "Odd ""Table; --" DEFAULT VALUES"#,
    r#"INSERT INTO "Odd ""Table; --" ("row", "select", j, jb, js, jbs, texts, c, cs) VALUES
       ('', '\N', 'null', 'null', '{null,NULL,"null"}', '{null,"null","[null]"}', '{NULL,"NULL",""}',
        ROW(NULL, NULL, NULL), ARRAY[ROW(NULL, NULL, 'null')::pair, NULL])"#,
    // Separators and escapes of either side.
    r#"INSERT INTO "Odd ""Table; --" ("row", "select", "with ""quotes"" and \", j, jb, texts, ms, c, tag, limited) VALUES
       (E'\\', E'a\tb\nc\rd\be\ff\vg\x01\x1f\x7f', E'\\.', E'{"a" :\n 1, "a": 1.10, "b": "\\u2028\\\\"}',
        '{"n": 9007199254740993, "d": 12345678901234567890123456789012345678.00000000001, "s": "\u2028\"\\\n"}',
        ARRAY[E'\\', '"', ',', '{}', '', ' ', E'\n', NULL, 'null'], ARRAY['very "happy"', 'back\slash']::mood[],
        ROW(1, E'(a,"b")\\\n', '"x"'), 'na"me', '  pad  ')"#,
    "INSERT INTO \"Odd \"\"Table; --\" (\"row\", \"select\", jb) VALUES
       ('\u{2028}\u{2029}\u{85}\u{feff}', '\u{1f980}e\u{301}\u{10ffff}', '\"\u{2028}\"')",
    // The ends of numbers and of time.
    r#"INSERT INTO "Odd ""Table; --" (small, whole, num, num38, single, double, cash, flag, letter, fixed, bytes) VALUES
       (-32768, -2147483648, '99999999999999999999999999999999999999.99999999999999999999999999999999999990',
        12345678901234567890.123456789012345678, 'NaN', '-Infinity', '-92233720368547758.08', false, 'x', 'ab', '\x00ff0a5c09')"#,
    r#"INSERT INTO "Odd ""Table; --" (num, num38, single, double, letter, bytes, dom, doms) VALUES
       ('-Infinity', 'NaN', 1.1754944e-38, 0.1::float8 + 0.2::float8, '', '', 1e-100, '{0.10,0.1}'),
       ('1.00', 1, 3.4028235e38, 5e-324, E'\\', '\x5c', 1, '{}'),
       ('1.0', 0, '-0', '-0', ',', '\x', 2, NULL)"#,
    r#"INSERT INTO "Odd ""Table; --" (day, clock, clockz, at, atz, span) VALUES
       ('infinity', '24:00', '23:59:59.999999-15:59', '-infinity', 'infinity', '-178000000 years 11 mons -3 days 04:05:06.000007'),
       ('4713-01-01 BC', '00:00', '00:00+15:59', '294276-12-31 23:59:59.999999', '4713-01-02 00:00:00.123+00 BC', '1 mon -1 day'),
       ('5874897-12-31', '12:34:56.789', '12:00+00', '1999-12-31 23:59:60', '2026-03-29 02:30:00 Europe/Berlin', '0')"#,
    // What consists of parts.
    r#"INSERT INTO "Odd ""Table; --" (doc, path, ip, net, mac, mac8, bits, vbits, r, rn, rt, rs, mr, mn) VALUES
       (E'<a b="1">\n\t&amp;<!-- \\ --></a>', '$."a b"[*] ? (@ > 1)', '192.168.0.1/24', '::/0', '08:00:2b:01:02:03',
        '08:00:2b:01:02:03:04:05', B'101', B'', 'empty', '(,1.10]', '[-infinity,infinity)', '{empty,"[1,3)",NULL}',
        '{[1,3),[5,)}', '{}'),
       (NULL, NULL, '::1', '10.0.0.0/8', NULL, NULL, B'000', B'1', '[,]', '[1.0,1.00]', '["2020-01-01",)', '{}', '{}',
        '{(,1.5),(2,3.10]}')"#,
    r#"INSERT INTO "Odd ""Table; --" (ints, grid, texts, boxes, p, l, poly, circ, u, ts, tq) VALUES
       ('[-1:1]={1,NULL,3}', '{{1,2},{3,NULL}}', '[0:0]={"a,b"}', '{(1,2),(0,0);(3,3),(1,1)}', '(1e300,-0)',
        '{1,2,3}', '((0,0),(1,1),(2,0))', '<(0.1,0.2),0.3>', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
        $$'it''s':1A 'back\\slash':2,3B$$, $$'a''b':*A & !'c'$$),
       ('{}', '{}', '{}', '{}', NULL, NULL, NULL, NULL, NULL, '', NULL)"#,
    r#"UPDATE "Odd ""Table; --" SET parent = id + 1 WHERE id IN (1, 2, 3, 4)"#,
    r#"INSERT INTO "Odd ""Table; --" (m, ms, c, cs, o, rc, rt2, lsn, snap, v) VALUES
       ('o''k', '{sad,NULL}', ROW(-1, '', '{"a": null}'), ARRAY[ROW(1, 'x,y', '[1, 2.50]')::pair], 4294967295,
        'pg_class', 'mood', 'FFFFFFFF/FFFFFFFF', '10:20:10,14,15', '1 2 3')"#,
];

const NAME: &str = "public.Odd \"Table; --";

#[tokio::test]
async fn nasty_values_of_sixty_types_survive() {
    let (from, to) = two(TABLE).await;
    for rows in ROWS {
        sql::run(from.db(), rows).await;
    }
    let tables = [r#""Odd ""Table; --""#];
    let before = content(&from, &tables).await;
    let file = exported(&from, &[NAME]).await;
    assert!(file.exported.header.tables[0].columns.len() > 60);
    insert(&to, &file).await.unwrap();
    assert_same(&before, &content(&to, &tables).await);

    // What a comparison of values would not see: the same bytes once more, also as a replacement.
    let again = exported(&to, &[NAME]).await;
    assert_eq!(again.exported.tables, file.exported.tables);
    let permit = to.permit();
    let imported = replace(&to, &file, &permit).await.unwrap();
    let applied = &imported.tables[0];
    assert_eq!((applied.deleted, applied.updated, applied.inserted), (0, 0, 0));
}

#[tokio::test]
async fn json_null_is_not_null_and_numbers_are_not_rounded() {
    let ddl = "CREATE TABLE notes (id int PRIMARY KEY, j json, jb jsonb, n numeric)";
    let (from, to) = two(ddl).await;
    let rows = r#"INSERT INTO notes VALUES
        (1, NULL, NULL, NULL), (2, 'null', 'null', 'NaN'), (3, '"null"', '"null"', 1.10),
        (4, ' [ 1.0 , 9007199254740993 ] ', '[1.0, 9007199254740993]', 12345678901234567890123456789012345678)"#;
    sql::run(from.db(), rows).await;
    let file = exported(&from, &["notes"]).await;
    let text = |value: &str| Some(value.to_owned());
    let mut written = file.rows(0);
    written.sort();
    assert_eq!(written[0], [text("1"), None, None, None]);
    assert_eq!(written[1], [text("2"), text("null"), text("null"), text("NaN")]);
    assert_eq!(written[2], [text("3"), text("\"null\""), text("\"null\""), text("1.10")]);
    assert_eq!(written[3][1], text(" [ 1.0 , 9007199254740993 ] "));
    assert_eq!(written[3][3], text("12345678901234567890123456789012345678"));
    insert(&to, &file).await.unwrap();
    let nulls = "SELECT count(*) FROM notes WHERE jb IS NULL AND j IS NULL";
    assert_eq!(sql::value::<i64>(to.db(), nulls).await, 1);
    assert_same(&content(&from, &["notes"]).await, &content(&to, &["notes"]).await);
}

#[tokio::test]
async fn the_settings_of_either_database_do_not_matter() {
    let ddl = "CREATE TABLE events (id int PRIMARY KEY, at timestamptz, day date, span interval,
                                    bytes bytea, share float8, cash money)";
    let (from, to) = two(ddl).await;
    let row = r"INSERT INTO events VALUES
        (1, '2026-03-29 02:30:00+01', '2026-02-03', '-1 year 2 days -03:00', '\x00ff', 0.1::float8 + 0.2, 12.34)";
    sql::run(from.db(), row).await;
    for (test, settings) in [
        (
            &from,
            ["DateStyle = 'German'", "TimeZone = 'Asia/Kolkata'", "IntervalStyle = 'iso_8601'"],
        ),
        (&to, ["bytea_output = 'escape'", "DateStyle = 'SQL, DMY'", "extra_float_digits = -15"]),
    ] {
        for setting in settings {
            let set = format!("ALTER DATABASE {} SET {setting}", test.name());
            sql::run(test.db(), &set).await;
        }
    }
    insert(&to, &exported(&from, &["events"]).await).await.unwrap();
    let again = exported(&to, &["events"]).await;
    assert_eq!(again.exported.tables, exported(&from, &["events"]).await.exported.tables);
    let exact = "SELECT share = 0.1::float8 + 0.2 AND at = '2026-03-29 02:30:00+01' FROM events";
    assert!(sql::value::<bool>(to.db(), exact).await);
}
