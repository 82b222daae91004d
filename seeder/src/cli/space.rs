//! Whether there is room for what a run would load.

use std::path::Path;

use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use seeding_engine::Proposal;
use terminal::{Exit, Failure, Opened};

/// What a row takes on the disk beside its data: its header, its share of the indexes, and the
/// write-ahead log until the next checkpoint.
const OVERHEAD: u64 = 3;

/// Refuses a load that would fill the disk of a server on this machine. Of another machine's disk
/// nothing is known.
pub(super) async fn suffices(opened: &Opened, proposal: &Proposal) -> Result<(), Failure> {
    let generated = proposal.seeds.iter().filter_map(|seed| seed.generated.as_ref());
    let bytes: u64 = generated.map(|seed| seed.bytes).sum();
    let needed = bytes.saturating_mul(OVERHEAD);
    let Some(free) = free(opened).await.filter(|free| needed > *free) else { return Ok(()) };
    Err(Failure::message(
        Exit::Failed,
        "seed.no_space",
        format!(
            "scale {} would need about {}, and the server's disk has {}; nothing was written",
            proposal.scale.unwrap_or_default(),
            size(needed),
            size(free)
        ),
    )
    .hint("choose a smaller `--scale`, or make room"))
}

/// How many bytes the server's disk has left, where it can be known.
async fn free(opened: &Opened) -> Option<u64> {
    if !opened.target.local {
        return None;
    }
    // Only roles that may see the server's files are told where they are.
    let sql = "SELECT setting FROM pg_settings WHERE name = 'data_directory'";
    let row = opened.db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await;
    let folder: String = row.ok()??.try_get_by_index(0).ok()?;
    let disk = rustix::fs::statvfs(Path::new(&folder)).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// A number of bytes as people read it.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut unit = 0;
    let mut whole = bytes;
    while whole >= 10_000 && unit + 1 < UNITS.len() {
        whole /= 1_000;
        unit += 1;
    }
    format!("{whole} {}", UNITS[unit])
}
