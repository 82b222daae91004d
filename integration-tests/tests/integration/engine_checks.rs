//! What the engine finds in a database: entities that do not fit, broken data, and advice.

mod advice;
mod data;
mod entities;
mod remedy;

use migration_engine::Finding;

fn line(finding: &Finding) -> String {
    let Finding { severity, check, subject, message, .. } = finding;
    format!("{severity} {check} {subject}: {message}")
}
