//! What a person sees while a command works: a bar on a terminal, lines elsewhere, on stderr.

mod reports;

pub use reports::Steps;

use std::{
    io::Write as _,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::redact::redact;

/// How often a command without bars says how far it is.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// How much is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// One line that moves.
    Bar,
    /// A line for each step, and one every few seconds within a long step.
    Lines,
    /// Warnings alone.
    Quiet,
}

/// The part of the terminal that is not the answer.
pub struct Console {
    style: Style,
    bar: ProgressBar,
    last_line: Mutex<Instant>,
}

impl Console {
    pub(crate) fn new(style: Style) -> Self {
        let target = match style {
            Style::Bar => ProgressDrawTarget::stderr(),
            Style::Lines | Style::Quiet => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(None, target).with_style(spinner());
        Self { style, bar, last_line: Mutex::new(Instant::now()) }
    }

    /// Says what starts now, and will take a while.
    pub fn step(&self, text: &str) {
        if self.style == Style::Lines {
            self.line(text);
            *self.last_line() = Instant::now();
        } else {
            // What is left of this step must not be judged by how long others took.
            self.bar.reset();
            self.busy(text);
        }
    }

    /// Says what goes on; without a bar, only if nothing was said for a while.
    pub fn busy(&self, text: &str) {
        match self.style {
            Style::Bar => {
                self.bar.set_style(spinner());
                self.bar.set_message(redact(text));
                self.bar.enable_steady_tick(Duration::from_millis(100));
            }
            Style::Lines if self.is_due() => self.line(text),
            Style::Lines | Style::Quiet => {}
        }
    }

    /// Says how far the current step is: `done` of `total` units.
    pub fn progress(&self, text: &str, done: u64, total: u64) {
        if self.style == Style::Bar {
            self.bar.set_style(measured());
            self.bar.set_length(total);
            self.bar.set_position(done);
            self.bar.set_message(redact(text));
        } else if self.style == Style::Lines && self.is_due() {
            self.line(&format!("{text}: {done} of {total}"));
        }
    }

    /// Says something that stays on the screen.
    pub fn note(&self, text: &str) {
        if self.style != Style::Quiet {
            self.line(text);
            *self.last_line() = Instant::now();
        }
    }

    /// Says something that must not be missed, even where all else is quiet.
    pub fn warn(&self, text: &str) {
        self.line(&format!("warning: {text}"));
    }

    /// Takes the bar away before an answer, a question or an error.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }

    fn line(&self, text: &str) {
        // `suspend` keeps a bar and a line from writing over each other.
        self.bar.suspend(|| {
            let _ = writeln!(anstream::stderr().lock(), "{}", redact(text));
        });
    }

    fn is_due(&self) -> bool {
        let mut last = self.last_line();
        let due = last.elapsed() >= LINE_EVERY;
        if due {
            *last = Instant::now();
        }
        due
    }

    fn last_line(&self) -> std::sync::MutexGuard<'_, Instant> {
        self.last_line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn spinner() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {msg}").expect("the template is well-formed")
}

fn measured() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {msg} {wide_bar} {pos}/{len} {eta}")
        .expect("the template is well-formed")
}
