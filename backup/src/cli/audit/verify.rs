//! `backup audit verify`

use clap::Args;
use dbkit::audit::{Chain, Event};
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure};

use super::seen::{Source, TrailFlags, Which, line, sources};

#[derive(Args)]
pub(in crate::cli) struct Flags {
    /// A head that was printed before and kept elsewhere: proves that nothing up to it is gone
    #[arg(long, value_name = "SHA256", value_parser = sha256)]
    head: Vec<String>,

    #[command(flatten)]
    trails: TrailFlags,
}

#[derive(Serialize)]
struct Verified {
    trails: Vec<Verdict>,
    heads: Vec<Kept>,
}

#[derive(Serialize)]
struct Verdict {
    trail: Which,
    place: String,
    chain: Option<Chain>,
    unfinished: Vec<Event>,
}

/// A head that was kept, and where it is now.
#[derive(Serialize)]
struct Kept {
    sha256: String,
    trail: Option<Which>,
    position: Option<i64>,
}

fn sha256(text: &str) -> Result<String, String> {
    let text = text.to_ascii_lowercase();
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(text);
    }
    Err("a head has 64 hexadecimal digits, as `backup audit verify` prints them".to_owned())
}

pub(super) async fn run(flags: &Flags, context: &Context) -> Result<Exit, Failure> {
    context.told_as("audit verify");
    let sources = sources(&flags.trails, context).await?;
    let mut answer = Verified { trails: Vec::new(), heads: Vec::new() };
    for source in &sources {
        answer.trails.push(Verdict {
            trail: source.which(),
            place: source.place().to_owned(),
            chain: source.chain().await?,
            unfinished: source.unfinished().await?,
        });
    }
    for head in &flags.head {
        answer.heads.push(Kept::find(head, &sources).await?);
    }
    if answer.is_whole() {
        return context.answer(&answer);
    }
    context.fact("class", "backup.audit");
    context.finding(&answer)
}

impl Kept {
    async fn find(head: &str, sources: &[Source]) -> Result<Self, Failure> {
        for source in sources {
            if let Some(position) = source.position_of(head).await? {
                let (trail, position) = (Some(source.which()), Some(position));
                return Ok(Self { sha256: head.to_owned(), trail, position });
            }
        }
        Ok(Self { sha256: head.to_owned(), trail: None, position: None })
    }

    fn text(&self) -> String {
        match (self.trail, self.position) {
            (Some(trail), Some(position)) => {
                format!("head {} is event {position} of the {} trail", self.sha256, trail.name())
            }
            _ => format!(
                "head {} is in no trail: its end was cut off, or it was written anew",
                self.sha256
            ),
        }
    }
}

impl Verified {
    /// An intent without a result is no finding: its operation may be running now, and one that was cut off
    /// stays in the trail for ever.
    fn is_whole(&self) -> bool {
        let is_broken = |verdict: &Verdict| {
            verdict.chain.as_ref().is_some_and(|chain| chain.fracture.is_some())
        };
        !self.trails.iter().any(is_broken) && self.heads.iter().all(|head| head.trail.is_some())
    }
}

impl Verdict {
    fn text(&self) -> String {
        let title = format!("{} {}", self.trail.name(), self.place);
        let Some(chain) = &self.chain else { return format!("{title}: no trail yet") };
        let state = match &chain.fracture {
            Some(fracture) => fracture.to_string(),
            None => "whole".to_owned(),
        };
        let mut text = format!("{title}: {} events, {state}", chain.events);
        if let Some(head) = &chain.head {
            text = format!("{text}\n  head {}", head.hash);
        }
        for event in &self.unfinished {
            text = format!("{text}\n  no result (it runs now, or was cut off): {}", line(event));
        }
        text
    }
}

impl Answer for Verified {
    const SCHEMA: &'static str = "seaworthy/backup.audit-verify/1";

    fn text(&self) -> String {
        let trails = self.trails.iter().map(Verdict::text);
        trails.chain(self.heads.iter().map(Kept::text)).collect::<Vec<_>>().join("\n")
    }
}
