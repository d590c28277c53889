//! `latchkey directory end-groups`, and what `check` and the start say before.

use serde_json::{Value, json};

use crate::support::{Answer, Latchkey, Request};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

const PUSHED: &str = "[scim]\ntoken = \"0123456789abcdef0123456789abcdef\"\n";

const GROUPS: &str = "groups = true\n[groups]\nhelp_desk = [\"help-desk\"]\nprivileged = [\"*\"]\n";

fn post(latchkey: &Latchkey, bodies: &[(&str, Value)]) -> String {
    let serving = latchkey.serve_by(latchkey.command(&["serve", "--listen", "127.0.0.1:0"]));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for (path, body) in bodies {
        let request =
            Request::new("POST", path).header("authorization", &format!("Bearer {TOKEN}"));
        let answer: Answer =
            runtime.block_on(request.body(body.to_string().into_bytes()).send(serving.address));
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
    let (code, log) = serving.terminate();
    assert_eq!(code, Some(0), "{log}");
    log
}

#[test]
fn what_groups_gave_that_are_heard_of_no_longer_is_said_and_ended() {
    let latchkey = Latchkey::new();
    latchkey.write("latchkey.toml", &format!("{PUSHED}{GROUPS}"));
    let members = json!({ "displayName": "help-desk", "members": [{ "value": "nora" }] });
    post(
        &latchkey,
        &[("/scim/v2/Users", json!({ "userName": "nora" })), ("/scim/v2/Groups", members)],
    );
    let expected = "still give rights: nora (help_desk → staff)";
    assert!(!latchkey.run(&["check"]).out.contains(expected));
    // Switched off.
    latchkey.write("latchkey.toml", PUSHED);
    let check = latchkey.run(&["check"]);
    assert_eq!((check.code, check.out.contains(expected)), (Some(0), true), "{}", check.out);
    assert!(check.out.contains("`latchkey directory end-groups` takes them away"), "{}", check.out);
    let log = post(&latchkey, &[("/scim/v2/Users", json!({ "userName": "otto" }))]);
    assert!(log.contains(expected), "{log}");
    let dry = latchkey.run(&["directory", "end-groups", "--dry-run"]);
    assert_eq!(
        (dry.code, dry.out.as_str()),
        (
            Some(0),
            "nora (help_desk → staff)\nNothing was done. \
                Rights from these groups would be taken from 1 person.\n"
        )
    );
    let one =
        json!({ "netid": "nora", "role": "help_desk", "becomes": "staff", "loses_tokens": false });
    let report: Value =
        serde_json::from_str(&latchkey.run(&["directory", "end-groups", "--json"]).out).unwrap();
    assert_eq!(
        report,
        json!({ "dry_run": false, "ended": [one], "kept": [], "changed_meanwhile": [] })
    );
    assert!(latchkey.run(&["user", "show", "nora", "--json"]).out.contains("\"staff\""));
    assert!(!latchkey.run(&["check"]).out.contains("still give rights"));
    assert_eq!(
        latchkey.run(&["directory", "end-groups"]).out,
        "Nobody has rights from a group that no longer counts.\n"
    );
}
