//! `backup audit tail`

use clap::Args;
use dbkit::audit::Event;
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure, table};

use super::seen::{TrailFlags, Which, line, sources};

#[derive(Args)]
pub(in crate::cli) struct Flags {
    /// How many events
    #[arg(short = 'n', long = "number", value_name = "N", default_value_t = 20)]
    number: u32,

    #[command(flatten)]
    trails: TrailFlags,
}

#[derive(Serialize)]
struct Tail {
    events: Vec<Line>,
    unfinished: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    trail: Which,
    #[serde(flatten)]
    event: Event,
}

pub(super) async fn run(flags: &Flags, context: &Context) -> Result<Exit, Failure> {
    let mut shown = Tail { events: Vec::new(), unfinished: Vec::new() };
    for source in sources(&flags.trails, context).await? {
        let trail = source.which();
        let of_trail = |event| Line { trail, event };
        shown.events.extend(source.tail(flags.number).await?.into_iter().map(of_trail));
        shown.unfinished.extend(source.unfinished().await?.into_iter().map(of_trail));
    }
    // Stable: within one trail, its own order holds, whatever the clocks said.
    shown.events.sort_by_key(|line| line.event.at);
    let surplus = shown.events.len().saturating_sub(flags.number as usize);
    shown.events.drain(..surplus);
    context.answer(&shown)
}

impl Line {
    fn row(&self) -> [String; 5] {
        let Event { at, tool, command, outcome, actor, .. } = &self.event;
        [
            at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            self.trail.name().to_owned(),
            outcome.clone(),
            format!("{tool} {command}"),
            actor.clone(),
        ]
    }
}

impl Answer for Tail {
    const SCHEMA: &'static str = "seaworthy/backup.audit-tail/1";

    fn text(&self) -> String {
        if self.events.is_empty() {
            return "Nothing was done yet".to_owned();
        }
        let rows: Vec<_> = self.events.iter().map(Line::row).collect();
        let mut text = table(["at", "trail", "outcome", "what", "by"], &rows);
        for Line { trail, event } in &self.unfinished {
            let line = line(event);
            text = format!("{text}\n\nno result in the {} trail: {line}", trail.name());
        }
        text
    }
}
