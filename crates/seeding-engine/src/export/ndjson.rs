//! Rows as one JSON object a line, with the name of the table.

use std::io::{self, Write};

use sea_orm::Value;
use serde_json::{Map, Value as Json, json};

use super::{
    Header, Sink, SinkError,
    text::{NoText, text},
};

/// Writes `{"table": …, "row": {…}}` for every row.
#[derive(Debug)]
pub struct Ndjson<W> {
    out: W,
}

impl<W: Write> Ndjson<W> {
    /// Lines that go to `out`.
    pub fn new(out: W) -> Self {
        Self { out }
    }
}

impl<W: Write> Sink for Ndjson<W> {
    fn row(&mut self, header: Header<'_>, values: &[Value]) -> Result<(), SinkError> {
        let member = |(column, value): (&&'static str, &Value)| match json(value) {
            Ok(json) => Ok(((*column).to_owned(), json)),
            Err(source) => Err(SinkError::Value { column, source }),
        };
        let members = header.columns.iter().zip(values).map(member);
        let row = members.collect::<Result<Map<_, _>, _>>()?;
        Ok(writeln!(self.out, "{}", json!({ "table": header.table, "row": row }))?)
    }

    fn end(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// What JSON has a form for keeps it; decimals and all else are texts, so that nothing is rounded.
fn json(value: &Value) -> Result<Json, NoText> {
    let Some(text) = text(value)? else { return Ok(Json::Null) };
    Ok(match value {
        Value::Bool(Some(flag)) => Json::Bool(*flag),
        Value::SmallInt(Some(number)) => json!(number),
        Value::Int(Some(number)) => json!(number),
        Value::BigInt(Some(number)) => json!(number),
        Value::Json(Some(json)) => (**json).clone(),
        Value::Array(_, Some(values)) => {
            Json::Array(values.iter().map(json).collect::<Result<_, _>>()?)
        }
        _ => Json::String(text),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_one_line_whatever_is_in_it() {
        let mut out = Vec::new();
        let mut sink = Ndjson::new(&mut out);
        let header = Header { table: "t", columns: &["a", "b", "c"] };
        let values = [Value::from("two\nlines"), Value::Int(None), Value::from(7_i64)];
        sink.row(header, &values).unwrap();
        sink.end().unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "{\"row\":{\"a\":\"two\\nlines\",\"b\":null,\"c\":7},\"table\":\"t\"}\n"
        );
    }
}
