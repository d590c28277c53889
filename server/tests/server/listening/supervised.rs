//! What systemd is told.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use testkit::program::ANY_PORT;

use crate::support::Latchkey;

/// Waits until it is told this; all that it was told.
pub(crate) fn until(socket: &UnixDatagram, wanted: &str) -> Vec<String> {
    let mut messages = Vec::new();
    loop {
        let mut bytes = [0; 4096];
        let read = socket.recv(&mut bytes).expect("told within a minute");
        let text = String::from_utf8_lossy(&bytes[..read]).into_owned();
        messages.extend(text.lines().map(str::to_owned));
        if messages.iter().any(|line| line == wanted) {
            return messages;
        }
    }
}

/// The socket at which this program is to tell it.
pub(crate) fn notified(latchkey: &Latchkey) -> UnixDatagram {
    let socket = UnixDatagram::bind(latchkey.path("notify")).unwrap();
    socket.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    socket
}

#[test]
fn it_is_told_when_it_is_ready_that_it_goes_on_and_when_it_stops() {
    let latchkey = Latchkey::new();
    let socket = notified(&latchkey);
    let mut command = latchkey.command(&["serve", "--demo", "--listen", ANY_PORT]);
    command.env("NOTIFY_SOCKET", latchkey.path("notify"));
    // It is told every two seconds, and each time has four for it, on whatever machine this is.
    command.env("WATCHDOG_USEC", "8000000");
    let serving = latchkey.serve_by(command);
    let messages = [until(&socket, "READY=1"), until(&socket, "WATCHDOG=1")].concat();
    let at = format!("STATUS=Serving at http://{}.", serving.address);
    let messages = [messages, until(&socket, "WATCHDOG=1")].concat();
    assert!(messages.contains(&at), "{messages:?}");
    assert_eq!(messages.iter().filter(|line| *line == "READY=1").count(), 1, "{messages:?}");
    let (code, log) = serving.terminate();
    assert_eq!(code, Some(0), "{log}");
    let messages = until(&socket, "STOPPING=1");
    assert!(!messages.contains(&"READY=1".to_owned()), "{messages:?}");
    assert!(!log.contains("nothing goes on"), "{log}");
}

#[test]
fn where_nobody_supervises_nothing_is_said_of_it() {
    let (code, log) = Latchkey::new().serve().terminate();
    assert_eq!(code, Some(0), "{log}");
    assert!(!log.contains("systemd"), "{log}");
}
