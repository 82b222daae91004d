//! `backup sanitise --init`

use std::{fs::OpenOptions, io::Write as _, path::PathBuf};

use backup::{CreateLimits, command::explain};
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure};

#[derive(Serialize)]
struct Written {
    profile: PathBuf,
    classified: usize,
    doubtful: Vec<String>,
}

pub(super) async fn run(file: PathBuf, context: &Context) -> Result<Exit, Failure> {
    let url = context.locate().await?;
    let lock_wait = CreateLimits::default().table_lock;
    let first = backup::first_profile(&url, lock_wait).await.map_err(explain::snapshot)?;
    // What somebody has classified is never overwritten.
    let created = OpenOptions::new().write(true).create_new(true).open(&file);
    created.and_then(|mut file| file.write_all(first.text.as_bytes())).map_err(|error| {
        Failure::new(Exit::Failed, "sanitise.write", error)
            .context(format!("cannot write {}", file.display()))
            .hint("choose another file: `--profile FILE`")
    })?;
    context.answer(&Written {
        profile: file,
        classified: first.classified,
        doubtful: first.doubtful.iter().map(ToString::to_string).collect(),
    })
}

impl Answer for Written {
    const SCHEMA: &'static str = "seaworthy/backup.sanitise.init/1";

    fn text(&self) -> String {
        let mut text = format!(
            "Wrote {} with {} columns classified by their names and types: look at each\n",
            self.profile.display(),
            self.classified
        );
        if !self.doubtful.is_empty() {
            let lines: Vec<_> = self.doubtful.iter().map(|name| format!("  {name}\n")).collect();
            let title = format!("{} columns are yours to classify:\n", lines.len());
            text = [text, title, lines.concat()].concat();
        }
        text.push_str("\nSee that it fits: `cargo run -p backup -- sanitise --check`");
        text
    }
}
