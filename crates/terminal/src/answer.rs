//! The answer of a command: a text for people, or one JSON document for scripts.

use std::io::{self, Write as _};

use serde::Serialize;

use crate::{failure::Failure, flags::Format, redact::redact};

/// What a command has to say on stdout.
pub trait Answer: Serialize {
    /// The name and version of its JSON form, such as `seaworthy/migration.status/1`.
    const SCHEMA: &'static str;

    /// The text for people.
    fn text(&self) -> String;
}

#[derive(Serialize)]
struct Document<'a, A> {
    schema: &'static str,
    ok: bool,
    data: &'a A,
}

/// Prints `answer` on stdout; `ok` is false where the command ends with a finding.
pub(crate) fn print<A: Answer>(answer: &A, ok: bool, format: Format) -> Result<(), Failure> {
    let text = match format {
        Format::Text | Format::Sql | Format::Csv | Format::Ndjson => answer.text(),
        Format::Json => {
            serde_json::to_string_pretty(&Document { schema: A::SCHEMA, ok, data: answer })?
        }
    };
    write(&text);
    Ok(())
}

/// Prints a text that is the whole answer in any format, such as a URL or a script.
pub fn print_raw(text: &str) {
    write(text);
}

/// Where an answer goes that is too long to be held: the whole answer in any format.
pub fn raw_output() -> impl io::Write + Send {
    io::BufWriter::with_capacity(1 << 16, io::stdout())
}

fn write(text: &str) {
    // A reader that went away (`| head`) has had enough; that is no failure of ours.
    let mut stdout = anstream::stdout().lock();
    let _ = writeln!(stdout, "{}", text.trim_end_matches('\n'));
    let _ = stdout.flush();
}

/// Shows a failure: for people on stderr, for scripts as the document on stdout.
pub(crate) fn print_failure(failure: &Failure, format: Format) {
    if format == Format::Json
        && let Ok(document) = serde_json::to_string_pretty(&failure.document())
    {
        write(&redact(&document));
        return;
    }
    let _ = writeln!(anstream::stderr().lock(), "{}", redact(&failure.to_string()));
}
