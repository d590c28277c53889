//! `latchkey token`: it makes none, and says of what is no token that it does not work.

use serde_json::Value;

use super::restoring::{in_store, made, run};
use crate::support::Latchkey;

#[test]
fn nobody_makes_a_token_for_somebody_else() {
    let latchkey = Latchkey::new();
    for args in [
        &["token", "create", "ada"][..],
        &["token", "create", "--as", "ada", "sam", "--description", "x"],
    ] {
        let ended = latchkey.run(args);
        assert_eq!(ended.code, Some(3));
        assert_eq!(
            ended.err,
            "latchkey: Nobody can make a token for another person. Ask them to make it under \
                Settings → Auth Tokens.\n"
        );
    }
    assert!(!latchkey.run(&["token", "--help"]).out.contains("create"));
}

#[test]
fn what_is_no_token_does_not_work() {
    let latchkey = Latchkey::new();
    assert_eq!(
        latchkey.run_with(&["user", "import", "-"], "netid,name\nnora,Nora\n").code,
        Some(0)
    );
    let ended = latchkey.run_with(&["token", "verify", "--token-stdin"], "latchkey_nonsense\n");
    assert_eq!(ended.code, Some(4), "{}", ended.err);
    assert!(!ended.out.contains("nonsense") && !ended.err.contains("nonsense"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_id_that_is_too_short_it_is_said_and_its_beginning_is_enough() {
    let latchkey = Latchkey::new();
    let tokens = in_store(&latchkey, async |desk| made(desk, &["nora"]).await).await;
    let listed = run(&latchkey, &["token", "list", "nora", "--format", "json"]);
    let listed: Value = serde_json::from_str(&listed.out).unwrap();
    let id = listed[0]["id"].as_str().unwrap();
    let works = || loop {
        let ended = latchkey.run_with(&["token", "verify", "--token-stdin"], &tokens[0]);
        if !ended.err.contains("in use") {
            return ended.code;
        }
    };
    for short in ["", &id[..4], &id[..7]] {
        let refused = run(&latchkey, &["token", "revoke", "nora", short]);
        assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""), "{short}");
        assert!(refused.err.contains("first 8 characters at least"), "{}", refused.err);
    }
    assert_eq!(works(), Some(0));
    let unknown = run(&latchkey, &["token", "revoke", "nora", "zzzzzzzz"]);
    assert!(unknown.code == Some(3) && unknown.err.contains("no such token"), "{}", unknown.err);
    let revoked = run(&latchkey, &["token", "revoke", "nora", &id[..8]]);
    assert_eq!(revoked.code, Some(0), "{}", revoked.err);
    assert_eq!(works(), Some(4));
}
