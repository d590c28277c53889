//! Beside a server the database is read by whoever typed the command, and the server does the rest
//! without a restart: an old string opens from then on what it opened.

use testkit::program::ANY_PORT;

use super::fixture::{ADDRESS, STRINGS};
use super::{both, imported, is_silent, json};
use crate::support::Request;

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_brings_in_what_its_caller_has_read() {
    let latchkey = both().await;
    let serving = latchkey.serve_by(latchkey.command(&["serve", "--listen", ANY_PORT]));
    let verify = async |string: &str| {
        let header = format!("token {string}");
        let request = Request::get("/auth/verify").header("authorization", &header);
        request.send(serving.address).await.status
    };
    assert_eq!(verify(STRINGS[0]).await, 401);
    // The variable is the caller's: the server has none.
    let mut command = latchkey.command(&["rt", "import", "--yes", "--json"]);
    let ended = command.env("LATCHKEY_RT_DATABASE", ADDRESS).output().unwrap();
    let err = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(0), "{err}");
    assert_ne!(imported(&latchkey), 0);
    assert_eq!(verify(STRINGS[0]).await, 200);
    let status = json(&latchkey.run(&["rt", "status", "--json"]));
    assert_eq!(status["moved"], 1, "{status}");
    let files = latchkey.run(&["rt", "import", "--people", "none.jsonl", "--dry-run"]);
    assert!(files.code == Some(1) && files.err.contains("none.jsonl cannot be read"), "{files:?}");
    is_silent(&files);
    let (code, log) = serving.terminate();
    assert_eq!(code, Some(0), "{log}");
    assert!(
        !log.contains("bcrypt") && !log.contains(STRINGS[0]) && !log.contains(ADDRESS),
        "{log}"
    );
}
