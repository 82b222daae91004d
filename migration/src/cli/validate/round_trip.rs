//! The level `round-trip`: every migration up, down and up again.

use std::collections::BTreeMap;

use dbkit::{DatabaseUrl, Report};
use migration_engine::{
    Fill, Finding, Project, RoundTripError, ShadowError, ShadowOptions,
    round_trip::{RoundTripEvent, round_trip},
};
use terminal::Console;

use super::{Checked, Level};
use crate::cli::fill::{FillCommand, Filler};

/// Makes the trip. That the history does not even go up, or that there is no data, is a finding.
pub(super) async fn travel(
    target: &DatabaseUrl,
    shadow: &ShadowOptions,
    project: &Project,
    fill: Option<&FillCommand>,
    console: &Console,
) -> Result<Checked, RoundTripError> {
    let filler = fill.map(|command| Filler { command, console });
    let filler = filler.as_ref().map(|filler| filler as &dyn Fill);
    let trip = round_trip(target, shadow, project, filler, &Progress(console)).await;
    let (counts, findings) = match trip {
        Ok(trip) => {
            let with_data = trip.tried_filled.map(|tried| ("round trips with data", tried));
            let counts = [("round trips", trip.tried)].into_iter().chain(with_data);
            (counts.collect(), trip.findings)
        }
        Err(error) => (BTreeMap::new(), vec![finding(error)?]),
    };
    Ok(Checked { level: Level::RoundTrip, counts, findings })
}

/// What went wrong with the migrations or the data, and not with the shadow.
fn finding(error: RoundTripError) -> Result<Finding, RoundTripError> {
    match error {
        RoundTripError::Fill(why) => {
            let message = format!("the throw-away database could not be filled: {why}");
            Ok(Finding::error("round-trip.fill", "--fill-with", message))
        }
        RoundTripError::Shadow(ShadowError::Migration { migration, source, .. }) => {
            let message = format!("it cannot be applied: {source}");
            Ok(Finding::error("round-trip.up", migration, message))
        }
        RoundTripError::Shadow(ShadowError::Panicked { migration, message, .. }) => {
            let message = format!("it panics: {message}");
            Ok(Finding::error("round-trip.up", migration, message))
        }
        error => Err(error),
    }
}

/// Shows how far the trip is.
struct Progress<'a>(&'a Console);

impl Report<RoundTripEvent> for Progress<'_> {
    fn report(&self, event: &RoundTripEvent) {
        match event {
            RoundTripEvent::Filling => self.0.step("filling the throw-away database"),
            RoundTripEvent::Trying { name, filled, number, total } => {
                let data = if *filled { " with data" } else { "" };
                self.0.busy(&format!("trying {name}{data}, {number} of {total}"));
            }
        }
    }
}
