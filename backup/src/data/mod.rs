//! Tables as lines of JSON, and back again, with nothing lost.
//!
//! [`export`](fn@export) writes tables from one snapshot; [`check`] reads such a file to its end, and
//! [`import`](fn@import) takes only what was checked, in one transaction. An undo is an export before, and an
//! import with [`Mode::Replace`] after.
//!
//! ```text
//! {"header":{"format":"seaworthy/data","version":1,"created_at":…,"source":…,"settings":…,"tables":[…],"sequences":[…]}}
//! {"table":{"schema":"public","name":"people"}}
//! ["1","Ada Lovelace",null,"{\"likes\": null}"]
//! {"end":{"rows":1,"hash":"6d0c…"}}
//! {"trailer":{"tables":1,"rows":1,"sha256":"9f86…"}}
//! ```
//!
//! A row is an array in the order of the header's columns. Every value is a string: the text that
//! PostgreSQL itself writes for it, and reads back to the same value. Nothing in between takes it for a number or for JSON, so
//! there is no type that this could be wrong for, and the JSON value `null` (`"null"`) stays apart from
//! SQL's NULL (`null`). Generated columns are left out.
//!
//! The trailer's SHA-256 is that of all lines before it. The hash of a table does not depend on the order of
//! its rows, and is computed as in the manifests of backups.

mod event;
mod export;
mod file;
mod header;
mod import;
mod line;
mod reader;
mod relations;
mod session;
mod writer;

pub use event::DataEvent;
pub use export::{ExportError, ExportRequest, Exported, export};
pub use file::{Checked, DataFile, NewFile, check};
pub use header::{Column, DataSource, Header, Sequence, Table, TableTally, Trailer};
pub use import::{
    Applied, Change, ImportError, ImportOptions, Imported, Mode, Problem, Reference, Triggers,
    import,
};
pub use reader::FileError;
