//! Rows as CSV files (RFC 4180), in the form that `\copy … csv header` reads.
//!
//! A table may have several files, because rows of one seed refer to those of another and because
//! seeds set different columns. The files have numbers, and a script loads them in that order.

use std::io::{self, Write};

use dbkit::Identifier;
use sea_orm::Value;

use super::{
    Header, Sink, SinkError,
    text::{NoText, text},
};

/// The name of the script that loads the files.
const SCRIPT: &str = "load.sql";

/// Opens the files.
pub trait Files {
    /// What is written to.
    type File: Write;

    /// Makes the file `name`.
    fn create(&mut self, name: &str) -> io::Result<Self::File>;
}

/// Writes a file for each stretch of rows with the same table and columns, and the script at last.
#[derive(Debug)]
pub struct CsvFiles<F: Files> {
    files: F,
    open: Option<Open<F::File>>,
    copies: Vec<String>,
}

#[derive(Debug)]
struct Open<W> {
    file: W,
    table: &'static str,
    columns: Vec<&'static str>,
}

impl<F: Files> CsvFiles<F> {
    /// Files that `files` opens.
    pub fn new(files: F) -> Self {
        Self { files, open: None, copies: Vec::new() }
    }

    fn file(&mut self, header: Header<'_>) -> io::Result<&mut F::File> {
        let goes_on =
            |open: &Open<F::File>| open.table == header.table && open.columns == header.columns;
        let open = match self.open.take() {
            Some(open) if goes_on(&open) => open,
            ended => {
                if let Some(mut ended) = ended {
                    ended.file.flush()?;
                }
                self.next(header)?
            }
        };
        Ok(&mut self.open.insert(open).file)
    }

    fn next(&mut self, header: Header<'_>) -> io::Result<Open<F::File>> {
        let name = format!("{:03}-{}.csv", self.copies.len() + 1, header.table);
        let columns: Vec<_> =
            header.columns.iter().map(|column| Identifier(column).to_string()).collect();
        let (table, columns) = (Identifier(header.table), columns.join(", "));
        self.copies.push(format!(
            "\\copy {table} ({columns}) FROM '{name}' WITH (FORMAT csv, HEADER true, ENCODING 'UTF8')\n"
        ));
        let mut file = self.files.create(&name)?;
        let names: Vec<_> = header.columns.iter().map(|column| field(Some(column))).collect();
        write!(file, "{}\r\n", names.join(","))?;
        Ok(Open { file, table: header.table, columns: header.columns.to_vec() })
    }
}

impl<F: Files> Sink for CsvFiles<F> {
    fn row(&mut self, header: Header<'_>, values: &[Value]) -> Result<(), SinkError> {
        let field = |(column, value): (&&'static str, &Value)| {
            let text = text(value).and_then(loadable);
            let text = text.map_err(|source| SinkError::Value { column, source })?;
            Ok(field(text.as_deref()))
        };
        let row = header.columns.iter().zip(values).map(field);
        let row = row.collect::<Result<Vec<_>, SinkError>>()?.join(",");
        Ok(write!(self.file(header)?, "{row}\r\n")?)
    }

    fn end(&mut self) -> io::Result<()> {
        if let Some(mut last) = self.open.take() {
            last.file.flush()?;
        }
        let mut script = self.files.create(SCRIPT)?;
        let copies = self.copies.concat();
        write!(script, "\\set ON_ERROR_STOP on\nBEGIN;\n{copies}COMMIT;\n")?;
        script.flush()
    }
}

/// Before PostgreSQL 18 `psql` ends the data at such a line, even in quotes.
fn loadable(text: Option<String>) -> Result<Option<String>, NoText> {
    let is_cut = |text: &String| {
        let mut lines = text.split(['\n', '\r']);
        text.contains(['\n', '\r']) && lines.any(|line| line == "\\.")
    };
    if text.as_ref().is_some_and(is_cut) { Err(NoText::EndOfData) } else { Ok(text) }
}

/// NULL is nothing at all; every text that could be taken for something else is in quotes.
fn field(text: Option<&str>) -> String {
    match text {
        None => String::new(),
        Some(text) if text.is_empty() || text.contains(['"', ',', '\n', '\r', '\\', ' ']) => {
            format!("\"{}\"", text.replace('"', "\"\""))
        }
        Some(text) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_an_empty_text_and_the_end_of_data_are_told_apart() {
        assert_eq!(field(None), "");
        assert_eq!(field(Some("")), "\"\"");
        assert_eq!(field(Some("\\.")), "\"\\.\"");
        assert_eq!(field(Some("NULL")), "NULL");
    }

    #[test]
    fn a_hostile_text_stays_one_field() {
        assert_eq!(field(Some("a\",\r\n\"b")), "\"a\"\",\r\n\"\"b\"");
    }

    #[test]
    fn a_text_that_psql_would_cut_off_is_refused() {
        let text = |text: &str| loadable(Some(text.to_owned()));
        assert_eq!(text("one\n\\.\ntwo"), Err(NoText::EndOfData));
        assert_eq!(text("\\."), Ok(Some("\\.".to_owned())));
        assert_eq!(text("a\\.\nb"), Ok(Some("a\\.\nb".to_owned())));
    }
}
