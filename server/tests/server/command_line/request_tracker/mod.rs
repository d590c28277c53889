//! `latchkey rt`: people and tokens from a Request Tracker's database, or from files.

mod beside_server;
mod by_hand;
mod files;
mod fixture;
mod moving;
mod refused;

use serde_json::Value;

use crate::support::{Ended, Latchkey};

/// Every row of the audit.
fn audit(latchkey: &Latchkey) -> Vec<Value> {
    let ended = latchkey.run(&["audit", "tail", "--json", "-n", "1000"]);
    ended.out.lines().map(|row| serde_json::from_str(row).unwrap()).collect()
}

/// What a command prints as JSON.
fn json(ended: &Ended) -> Value {
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    serde_json::from_str(&ended.out).unwrap()
}

/// How many tokens there are of Request Tracker's.
fn imported(latchkey: &Latchkey) -> Value {
    json(&latchkey.run(&["rt", "status", "--json"]))["imported"].clone()
}

/// That no secret of Request Tracker's stands in what is said.
fn is_silent(ended: &Ended) {
    for text in [&ended.out, &ended.err] {
        assert!(!text.contains("!bcrypt!") && !text.contains(fixture::PASSWORD), "{text}");
    }
}

/// A desk with an administrator, and Request Tracker 5's database beside it.
async fn both() -> Latchkey {
    let latchkey = Latchkey::new();
    let ada = "netid,name,role,privileged\nada,Ada Admin,admin,yes\n";
    assert_eq!(latchkey.run_with(&["user", "import", "-"], ada).code, Some(0));
    fixture::of_version_5(&latchkey).await;
    latchkey
}
