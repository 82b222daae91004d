//! What would happen, with nothing changed: `migration plan` and `--dry-run`.

mod command;
mod locked;
mod rehearsal;
mod shadow_url;
