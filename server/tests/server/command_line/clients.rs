//! `latchkey client`: a secret is shown once.

use crate::support::Latchkey;

#[test]
fn a_clients_secret_is_shown_once() {
    let latchkey = Latchkey::new();
    let added = latchkey.run(&["client", "add", "rt", "--json"]);
    assert_eq!(added.code, Some(0), "{}", added.err);
    let shown: serde_json::Value = serde_json::from_str(&added.out).unwrap();
    assert_eq!(shown["client_id"].as_str(), Some("rt"));
    let secret = shown["client_secret"].as_str().unwrap();
    assert!(secret.starts_with("latchkey_client_"));
    let listed = latchkey.run(&["client", "list"]);
    assert!(listed.out.contains("rt") && !listed.out.contains(secret), "{}", listed.out);
    assert_eq!(latchkey.run(&["client", "add", "rt"]).code, Some(3));
    assert_eq!(
        latchkey.run(&["client", "add", "RT 5"]).err,
        "latchkey: A client's name has 1 to 64 lower-case letters, digits and hyphens, and begins \
            with a letter.\n"
    );
    assert_eq!(latchkey.run(&["client", "remove", "rt"]).code, Some(0));
    assert_eq!(latchkey.run(&["client", "remove", "rt"]).code, Some(3));
    assert!(!latchkey.run(&["audit", "tail"]).out.contains(secret));
}
