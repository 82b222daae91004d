//! What `backup restore` has done.

use std::time::Duration;

use backup::{Backup, Comparison, Restored, Way};
use chrono::{DateTime, Utc};
use serde::Serialize;
use terminal::Answer;

#[derive(Serialize)]
pub(super) struct Done {
    backup: String,
    mode: Way,
    database: String,
    url: String,
    tables: usize,
    rows: u64,
    compared: Comparison,
    #[serde(skip_serializing_if = "Option::is_none")]
    proven_at: Option<DateTime<Utc>>,
    not_like_it: Option<String>,
    left_out: Vec<String>,
    seconds: f64,
    pub(super) kept: Option<String>,
    closed_for_seconds: Option<f64>,
    pub(super) safety_backup: Option<String>,
}

impl Done {
    pub(super) fn of(backup: &Backup, mode: Way, restored: &Restored, url: String) -> Self {
        Self {
            backup: backup.manifest.id.to_string(),
            mode,
            database: restored.database.clone(),
            url,
            tables: restored.tables,
            rows: restored.rows,
            compared: restored.compared,
            proven_at: restored.proven_at,
            not_like_it: restored.not_like_it.clone(),
            left_out: restored.left_out.clone(),
            seconds: restored.elapsed.as_secs_f64(),
            kept: None,
            closed_for_seconds: None,
            safety_backup: None,
        }
    }

    pub(super) fn exchanged(self, kept: String, closed_for: Duration) -> Self {
        let closed_for_seconds = Some(closed_for.as_secs_f64());
        Self { kept: Some(kept), closed_for_seconds, ..self }
    }
}

impl Answer for Done {
    const SCHEMA: &'static str = "seaworthy/backup.restore/1";

    fn text(&self) -> String {
        let as_recorded = match (self.compared, self.proven_at) {
            (Comparison::Content, _) => "each equal to the manifest".to_owned(),
            (Comparison::Counts, None) => {
                "as many as the manifest says (their values were not compared)".to_owned()
            }
            (Comparison::Counts, Some(at)) => format!(
                "as many as the manifest says (their values were compared when it was verified, {})",
                at.format("%Y-%m-%d %H:%M UTC")
            ),
        };
        let mut lines = vec![
            format!(
                "Restored {} into `{}` in {:.1} s: {} tables with {} rows, {as_recorded}",
                self.backup, self.database, self.seconds, self.tables, self.rows
            ),
            format!("  {}", self.url),
        ];
        lines.extend(self.not_like_it.iter().map(|reason| {
            format!("  without the owner, privileges and settings of the database itself: {reason}")
        }));
        lines.extend(self.left_out.iter().map(|key| {
            format!("  left out, since it refers to a table that was not wanted: {key}")
        }));
        if let Some(safety) = &self.safety_backup {
            lines.push(format!("  what was there is in backup {safety}"));
        }
        if let Some(kept) = &self.kept {
            let closed = self.closed_for_seconds.unwrap_or_default();
            lines.push(format!(
                "  nobody could get in for {closed:.2} s; what was there is kept as `{kept}`\n\n\
                 Take it back: `backup undo`. Give its room free: `backup finish`."
            ));
        }
        lines.join("\n")
    }
}
