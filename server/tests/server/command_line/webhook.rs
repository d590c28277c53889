//! What `latchkey check` says of the webhook's receiver. What is posted there a real one says
//! (`tools/test-mail`).

use std::io::Read as _;
use std::net::TcpListener;
use std::process::Stdio;
use std::thread;

use crate::support::Latchkey;

/// What it prints, whatever it says no reason not to start.
fn checked(url: &str) -> String {
    let latchkey = Latchkey::new();
    let ended = latchkey
        .command(&["check"])
        .env("LATCHKEY_WEBHOOK_URL", url)
        .env("LATCHKEY_WEBHOOK_SECRET", "a text of 24 characters!")
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let printed = String::from_utf8(ended.stdout).unwrap();
    assert!(ended.status.success(), "{printed}{}", String::from_utf8_lossy(&ended.stderr));
    assert!(!printed.contains("a-secret-path"), "{printed}");
    printed
}

#[test]
fn a_receiver_that_is_there_is_tried_and_gets_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let reading = thread::spawn(move || {
        let mut read = Vec::new();
        listener.accept().unwrap().0.read_to_end(&mut read).unwrap();
        read
    });
    let printed = checked(&format!("http://{at}/a-secret-path"));
    let line = format!("Webhook: {at} takes a connection. Nothing was posted.");
    assert!(printed.lines().any(|shown| shown == line), "{printed}");
    assert_eq!(reading.join().unwrap(), b"", "nothing was posted");
}

#[test]
fn one_that_is_away_or_speaks_no_tls_is_said_and_keeps_nobody_from_starting() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    // Whatever it is greeted with, it hangs up.
    let hanging_up = thread::spawn(move || drop(listener.accept().unwrap()));
    let careful = format!("Careful: the webhook’s {at} is not reached: ");
    let printed = checked(&format!("https://{at}/a-secret-path"));
    assert!(printed.contains(&careful), "{printed}");
    hanging_up.join().unwrap();
    // And now nobody listens there.
    let printed = checked(&format!("http://{at}/a-secret-path"));
    assert!(printed.contains(&careful), "{printed}");
}

#[test]
fn without_one_nothing_is_said_of_it() {
    let ended = Latchkey::new().run(&["check"]);
    assert!(!ended.out.to_lowercase().contains("webhook"), "{}", ended.out);
}
