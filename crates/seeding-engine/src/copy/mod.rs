//! Rows by PostgreSQL's binary COPY: in, out, and the comparison of the two.
//!
//! Rows are encoded in exactly the bytes in which the server gives them back, so that a row has one
//! hash, whether it was generated or read, and a table has one [`Fingerprint`].

mod columns;
mod compare;
mod connection;
mod encode;
mod fingerprint;
mod json;
mod key;
mod load;
mod numeric;
mod opening;
mod read;
mod refusal;
mod source;
mod tuples;
mod wire;

pub use columns::{Column, Columns, ColumnsError};
pub use compare::{CompareError, Difference, Keys, compare};
pub use connection::{Bulk, BulkError};
pub use fingerprint::{Fingerprint, InvalidFingerprint, Tally};
pub use key::{KeyValue, RowKey};
pub use load::{LoadError, load};
pub use read::{ReadError, tally};
pub use refusal::{Refusal, RefusalKind};
pub use source::{KeyRange, Source};
pub use tuples::{EncodeError, Tuples};
