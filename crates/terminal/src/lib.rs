//! Everything that touches the terminal, the same in every command.
//!
//! A binary's `main` is one call of [`run`]; a command takes a [`Context`], calls its library, and
//! prints one [`Answer`]. Errors become a [`Failure`] with an [`Exit`] code and a hint. stdout is
//! the answer, stderr is everything else.

mod answer;
mod audited;
mod common;
mod consent;
mod console;
mod context;
mod exit;
mod failure;
mod flags;
pub mod local;
mod logs;
mod notice;
mod redact;
mod run;
mod settings;
mod snapshot;
mod story;
mod table;
mod target;
mod workspace;

pub use answer::{Answer, print_raw, raw_output};
pub use common::{CommonCommand, run as run_common};
pub use console::{Console, Steps};
pub use context::{Context, Tool};
pub use exit::Exit;
pub use failure::Failure;
pub use flags::{Color, ConsentFlags, Format, LockFlags, SharedFlags};
pub use run::{CommandLine, run};
pub use settings::{Origin, Setting, Settings};
pub use table::table;
pub use target::Opened;
