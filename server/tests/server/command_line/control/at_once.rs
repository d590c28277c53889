//! What a command changes beside a server counts from the server's next answer on.

use super::super::serving::{log_in, make_token, status};
use crate::support::Latchkey;

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_a_command_revokes_opens_nothing_from_the_next_request_on() {
    let latchkey = Latchkey::new();
    let serving = latchkey.serve();
    let mut session = String::new();
    log_in(serving.address, &mut session).await;
    let (token, id) = make_token(serving.address, &mut session, "one", "1").await;
    // Whoever only looks does not use it.
    let verify = ["token", "verify", "--demo", "--token-stdin"];
    assert_eq!(latchkey.run_with(&verify, &token).code, Some(0));
    let list = latchkey.run(&["token", "list", "tia", "--demo"]);
    assert!(list.out.contains("never used"), "{}", list.out);
    assert_eq!(status(serving.address, &token).await, 200);
    let revoked = latchkey.run(&["token", "revoke", "tia", &id, "--demo"]);
    assert_eq!((revoked.code, revoked.out.as_str()), (Some(0), "“one” of tia revoked.\n"));
    assert_eq!(status(serving.address, &token).await, 401);
    assert_eq!(latchkey.run_with(&verify, &token).code, Some(4));
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_command_disables_is_out_from_the_next_request_on() {
    let latchkey = Latchkey::new();
    let serving = latchkey.serve();
    let mut session = String::new();
    log_in(serving.address, &mut session).await;
    let (token, _) = make_token(serving.address, &mut session, "one", "1").await;
    assert_eq!(status(serving.address, &token).await, 200);
    let disabled = latchkey.run(&["user", "disable", "tia", "--demo"]);
    assert_eq!((disabled.code, disabled.out.as_str()), (Some(0), "tia is now disabled.\n"));
    assert_eq!(status(serving.address, &token).await, 401);
    // And it is in the store, and the audit, whatever becomes of the server.
    serving.kill();
    let shown = latchkey.run(&["user", "show", "tia", "--json", "--demo"]).out;
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["user"]["disabled"], true);
    assert_eq!(latchkey.run(&["audit", "verify", "--demo"]).code, Some(0));
}
