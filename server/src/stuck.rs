//! Ends the process that was told to stop and does not: where all threads of its runtime are stuck,
//! none of them hears a signal. This one does, by a small runtime of its own. Tests:
//! `server/tests/server/command_line/clock.rs`.

use std::io;
use std::time::Duration;

use rustix_process::process::{Signal, getpid, kill_process};
use tokio::runtime::Builder;

use crate::serve::StopSignals;

/// How long a stop may take: more than one in order does, and less than systemd waits.
const STOP: Duration = Duration::from_secs(12);

/// The same once it is told once more.
const AT_ONCE: Duration = Duration::from_secs(2);

/// How long it may take to say so: whoever is stuck may hold what is needed for that.
const SAY: Duration = Duration::from_secs(1);

/// Watches from now on, to the end of the process.
///
/// # Errors
/// Where the system does not let it.
pub(crate) fn watch() -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().thread_name("stop").build()?;
    let inside = runtime.enter();
    let signals = StopSignals::listen()?;
    drop(inside);
    let watching = move || runtime.block_on(end(signals));
    std::thread::Builder::new().name("stop".to_owned()).spawn(watching).map(drop)
}

async fn end(mut signals: StopSignals) {
    let is_wish = signals.received().await;
    if tokio::time::timeout(STOP, signals.insisted(is_wish)).await.is_ok() {
        tokio::time::sleep(AT_ONCE).await;
    }
    let telling = tokio::task::spawn_blocking(|| {
        tracing::error!("told to stop, it does not: the process is ended by force");
    });
    let _ = tokio::time::timeout(SAY, telling).await;
    // Nothing is run at its end, which might wait for who is stuck; a core would hold secrets.
    let _ = kill_process(getpid(), Signal::Kill);
}
