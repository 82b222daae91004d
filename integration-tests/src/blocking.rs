//! Waiting for asynchronous work where there is no `await`: in `Drop`.

use std::thread;

use tokio::runtime::Builder;

/// Runs `work` to its end on a thread and a runtime of its own.
///
/// The test's runtime cannot do it: its thread is the one that waits here.
pub(crate) fn run<T: Send>(work: impl Future<Output = T> + Send) -> T {
    thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let runtime = Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime can be made").block_on(work)
        });
        worker.join().expect("the work does not panic")
    })
}
