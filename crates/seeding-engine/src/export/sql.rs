//! Rows as one SQL script: all of them in one transaction, or none.

use std::io::{self, Write};

use dbkit::{Identifier, Literal};
use sea_orm::Value;

use super::{Header, Sink, SinkError, text::text};

/// More rows in a statement are not faster, and a mistake would be harder to find.
const MOST_ROWS: u64 = 500;

/// Writes `INSERT` statements for `psql`.
///
/// Values are quoted literals without a type, which PostgreSQL reads as what their column is.
#[derive(Debug)]
pub struct SqlScript<W> {
    out: W,
    open: Option<Open>,
    begun: bool,
}

/// The statement that is being written.
#[derive(Debug)]
struct Open {
    table: &'static str,
    columns: Vec<&'static str>,
    rows: u64,
}

impl<W: Write> SqlScript<W> {
    /// A script that goes to `out`.
    pub fn new(out: W) -> Self {
        Self { out, open: None, begun: false }
    }

    fn begin(&mut self) -> io::Result<()> {
        if !std::mem::replace(&mut self.begun, true) {
            // Without it psql would go on after a mistake and end with success.
            writeln!(self.out, "\\set ON_ERROR_STOP on")?;
            writeln!(self.out, "SET client_encoding = 'UTF8';")?;
            writeln!(self.out, "BEGIN;")?;
        }
        Ok(())
    }

    /// Begins a row, in the statement that is open where it goes on.
    fn begin_row(&mut self, header: Header<'_>) -> io::Result<()> {
        if let Some(open) = self.open.as_mut().filter(|open| open.takes(header)) {
            open.rows += 1;
            return write!(self.out, ",\n(");
        }
        self.end_statement()?;
        let columns: Vec<_> =
            header.columns.iter().map(|column| Identifier(column).to_string()).collect();
        let (table, columns) = (Identifier(header.table), columns.join(", "));
        write!(self.out, "INSERT INTO {table} ({columns}) VALUES\n(")?;
        self.open = Some(Open { table: header.table, columns: header.columns.to_vec(), rows: 1 });
        Ok(())
    }

    fn end_statement(&mut self) -> io::Result<()> {
        if self.open.take().is_some() {
            writeln!(self.out, ";")?;
        }
        Ok(())
    }
}

impl Open {
    fn takes(&self, header: Header<'_>) -> bool {
        self.rows < MOST_ROWS && self.table == header.table && self.columns == header.columns
    }
}

impl<W: Write> Sink for SqlScript<W> {
    fn row(&mut self, header: Header<'_>, values: &[Value]) -> Result<(), SinkError> {
        let literal = |(column, value): (&&'static str, &Value)| match text(value) {
            Ok(Some(text)) => Ok(quoted(&text)),
            Ok(None) => Ok("NULL".to_owned()),
            Err(source) => Err(SinkError::Value { column, source }),
        };
        let row = header.columns.iter().zip(values).map(literal);
        let row = row.collect::<Result<Vec<_>, _>>()?.join(", ");
        self.begin()?;
        self.begin_row(header)?;
        Ok(write!(self.out, "{row})")?)
    }

    fn end(&mut self) -> io::Result<()> {
        self.begin()?;
        self.end_statement()?;
        writeln!(self.out, "COMMIT;")?;
        self.out.flush()
    }
}

/// The plain form where it means the same under either setting of `standard_conforming_strings`.
fn quoted(text: &str) -> String {
    if text.contains('\\') {
        Literal(text).to_string()
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(rows: &[(&'static str, Value)]) -> String {
        let mut out = Vec::new();
        let mut sink = SqlScript::new(&mut out);
        for (table, value) in rows {
            let header = Header { table, columns: &["a"] };
            sink.row(header, std::slice::from_ref(value)).unwrap();
        }
        sink.end().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn rows_of_one_table_share_a_statement_and_all_share_a_transaction() {
        let rows = [("s", Value::from(1)), ("s", Value::String(None)), ("t", Value::from("x"))];
        assert_eq!(
            script(&rows),
            "\\set ON_ERROR_STOP on\nSET client_encoding = 'UTF8';\nBEGIN;\n\
             INSERT INTO \"s\" (\"a\") VALUES\n('1'),\n(NULL);\n\
             INSERT INTO \"t\" (\"a\") VALUES\n('x');\nCOMMIT;\n"
        );
    }

    #[test]
    fn a_statement_has_at_most_500_rows() {
        let rows: Vec<_> = (0..1_001).map(|number| ("t", Value::from(number))).collect();
        assert_eq!(script(&rows).matches("INSERT").count(), 3);
    }

    #[test]
    fn a_hostile_text_stays_one_literal() {
        assert_eq!(quoted("'); DROP TABLE users; --"), "'''); DROP TABLE users; --'");
        assert_eq!(quoted(r"\'"), r"E'\\'''");
    }
}
