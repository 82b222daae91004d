//! Listeners that turn events into what a person reads.

use dbkit::{ConnectEvent, Report, Sentence, local_server::LocalServerEvent};

use super::Console;

impl Report<ConnectEvent> for Console {
    fn report(&self, event: &ConnectEvent) {
        let ConnectEvent::Retrying { attempt, pause, cause } = event;
        let pause = pause.as_secs_f32();
        self.note(&format!("attempt {attempt} failed, next in {pause:.1} s: {cause}"));
    }
}

impl Report<LocalServerEvent> for Console {
    fn report(&self, event: &LocalServerEvent) {
        match event {
            LocalServerEvent::Waiting => {
                self.step("waiting for another command that works on the local server");
            }
            LocalServerEvent::Downloading { major, origin } => {
                self.step(&format!("downloading PostgreSQL {major} from {origin}"));
            }
            LocalServerEvent::Creating { version, data_dir } => {
                let place = data_dir.display();
                self.step(&format!("creating a PostgreSQL {version} cluster in {place}"));
            }
            LocalServerEvent::Starting { port } => {
                self.step(&format!("starting the local server on port {port}"));
            }
            LocalServerEvent::Stopping { .. } => self.step("stopping the local server"),
            // The URL in the answer says as much.
            LocalServerEvent::Started { .. } | LocalServerEvent::Reused { .. } => {}
        }
    }
}

/// Shows events in their own words: what goes on while it goes on, how it ended for good.
pub struct Steps<'a>(&'a Console);

impl Console {
    /// A listener for events that read as sentences.
    pub fn steps(&self) -> Steps<'_> {
        Steps(self)
    }
}

impl<E: Sentence> Report<E> for Steps<'_> {
    fn report(&self, event: &E) {
        if event.is_outcome() {
            self.0.note(&event.to_string());
        } else {
            self.0.busy(&event.to_string());
        }
    }
}
