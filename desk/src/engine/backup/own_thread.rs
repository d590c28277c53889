//! Work for a backup that is done on a thread of its own, less important than those that serve: it
//! may take minutes, and wait for a disk that is slow or away. Tests: below.

use tokio::sync::oneshot;

use crate::engine::backup::error::BackupError;

/// How much less important the thread is than those that serve: `nice`.
const NICE: i32 = 10;

/// Does it. What is done may ask whether nobody waits for it any more.
///
/// # Errors
/// [`BackupError::Files`] where there is no thread, [`BackupError::BrokenOff`] where it panics.
pub(crate) async fn on_its_own_thread<T: Send + 'static>(
    work: impl FnOnce(&dyn Fn() -> bool) -> T + Send + 'static,
) -> Result<T, BackupError> {
    let (tell, done) = oneshot::channel();
    let thread = std::thread::Builder::new().name("backup".to_owned()).spawn(move || {
        // Of this thread alone, as Linux has it; where it may not be, it goes as it is.
        let _ = rustix_process::process::nice(NICE);
        let result = work(&|| tell.is_closed());
        let _ = tell.send(result);
    });
    thread.map_err(|error| BackupError::Files(error.to_string()))?;
    done.await.map_err(|_| BackupError::BrokenOff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_comes_of_it_is_answered_and_a_panic_is_told() {
        let done = on_its_own_thread(|is_unwanted| (7, is_unwanted())).await;
        assert_eq!(done.expect("done"), (7, false));
        let failed = on_its_own_thread(|_| assert!(std::hint::black_box(false))).await;
        assert!(matches!(failed, Err(BackupError::BrokenOff)), "{failed:?}");
    }

    #[tokio::test]
    async fn whoever_goes_away_is_no_longer_waited_for() {
        let (tell, heard) = oneshot::channel();
        let (starting, started) = oneshot::channel();
        let waiting = tokio::spawn(on_its_own_thread(move |is_unwanted| {
            let _ = starting.send(());
            while !is_unwanted() {
                std::thread::yield_now();
            }
            let _ = tell.send(());
        }));
        started.await.expect("it has started");
        waiting.abort();
        assert!(heard.await.is_ok());
    }
}
