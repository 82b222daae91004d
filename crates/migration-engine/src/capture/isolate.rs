//! Running a team's code so that its panic is an error of ours.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};

/// A migration panicked; what it said.
#[derive(Debug)]
pub(crate) struct Panicked(pub(crate) String);

/// Runs `work` to its end, or to its panic.
///
/// A stock migration panics where it asks a recording connection for its sqlx pool, and where it
/// reads a column that SeaORM's proxy cannot pass on.
pub(crate) async fn isolated<F: Future>(work: F) -> Result<F::Output, Panicked> {
    let mut work = pin!(work);
    // What the panic leaves half done is this future's alone, and it is not polled again.
    let poll = std::future::poll_fn(|context| {
        match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
            Ok(poll) => poll.map(Ok),
            Err(payload) => Poll::Ready(Err(Panicked(message(payload.as_ref())))),
        }
    });
    poll.await
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|&text| text.to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
}
