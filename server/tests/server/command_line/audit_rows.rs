//! What each command that changes something, or looks at what is others', leaves in the audit: who
//! it was, and in words what was done.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use desk::{Clock, Desk, Origin, Refusal, Secret, Settings, right};
use serde_json::Value;

use super::restoring::run;
use crate::support::Latchkey;

const PEOPLE: &str = "netid,name,role,privileged,password\n\
    ada,Ada Admin,admin,yes,ada-netid-password\n\
    helen,Helen Help,help_desk,yes,\n\
    sam,Sam Staff,,yes,\n";

const HELENS: &str = "brisk amber violin meadow";

fn with_people() -> Latchkey {
    let latchkey = Latchkey::new();
    let ended = latchkey.run_with(&["user", "import", "-"], PEOPLE);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    latchkey
}

/// The newest row: actor, action, subject, outcome and detail; and what people read of it.
fn newest(latchkey: &Latchkey) -> (String, String) {
    let row = latchkey.run(&["audit", "tail", "--json", "-n", "1"]).out;
    let row: Value = serde_json::from_str(row.trim()).unwrap();
    let codes = ["actor", "action", "subject", "outcome", "detail"]
        .map(|field| row[field].as_str().unwrap().to_owned())
        .join(" | ");
    assert_eq!(row["agent"], "latchkey command line", "{row}");
    let shown = latchkey.run(&["audit", "tail", "-n", "1"]).out;
    (codes, shown.lines().last().unwrap().trim_end().to_owned())
}

const ANOTHER: &str = "plain copper teapot garden";

/// A command, what it reads, its row, and the row's words.
type CommandRow = (&'static str, &'static [&'static str], &'static str, &'static str);

#[rustfmt::skip]
const COMMAND_ROWS: &[CommandRow] = &[
    ("user set-password helen --own --password-stdin", &[HELENS],
        "(console) | password.first | helen | done | as their own, at the console",
        "First local password set: as their own, at the console"),
    ("user set-password sam --password-stdin", &[ANOTHER],
        "(console) | password.set | sam | done | ", "Initial local password set"),
    ("user set-password sam --own --password-stdin", &[ANOTHER],
        "(console) | password.change | sam | done | as their own, at the console",
        "Local password changed: as their own, at the console"),
    ("user set-role sam rep", &[],
        "(console) | user.role | sam | done | staff → rep",
        "Role changed: Staff → Campus Services rep"),
    ("user disable sam", &[],
        "(console) | user.disabled | sam | done | yes", "Account disabled or enabled: Disabled"),
    ("user enable sam", &[],
        "(console) | user.disabled | sam | done | no", "Account disabled or enabled: Enabled"),
    ("user link ada", &[],
        "(console) | user.link | ada | done | ", "Linked to an identity of the campus log-in"),
    ("user unlink ada", &[],
        "(console) | user.unlink | ada | done | ", "Unlinked from the campus log-in"),
    ("client add rt", &[],
        "(console) | client.add | (client) rt | done | ", "Client registered"),
    ("client remove rt", &[],
        "(console) | client.remove | (client) rt | done | ", "Client removed"),
    ("token list --full", &[],
        "(console) | token.review |  | done | full access",
        "Tokens of everybody viewed: full access"),
    ("token list --never-used --owner sam", &[],
        "(console) | token.see | sam | done | never used",
        "Tokens and sessions viewed: never used"),
    ("user set-password sam --as helen --password-stdin", &[HELENS, ANOTHER],
        "helen | password.set | sam | done | ", "Initial local password set"),
];

#[test]
fn each_command_says_who_and_what_it_was() {
    let latchkey = with_people();
    assert_eq!(
        newest(&latchkey).0,
        "(console) | user.import |  | done | 3 created, 0 updated, 0 unchanged"
    );
    for (command, read, row, words) in COMMAND_ROWS {
        let args: Vec<&str> = command.split(' ').collect();
        let input: String = read.iter().map(|line| format!("{line}\n")).collect();
        let ended = latchkey.run_with(&args, &input);
        assert_eq!(ended.code, Some(0), "{command}: {}", ended.err);
        let (codes, shown) = newest(&latchkey);
        assert!(codes.starts_with(row), "{command}: {codes}");
        assert!(shown.contains(words), "{command}: {shown}");
    }
    // What is refused: by the operator until somebody has proved who they are.
    let as_helen = ["user", "set-role", "sam", "admin", "--as", "helen", "--password-stdin"];
    for (input, row) in [
        ("wrong", "(console) | password.check | helen | refused | password-incorrect"),
        (HELENS, "helen | user.role | sam | refused | role-too-low"),
    ] {
        assert_eq!(latchkey.run_with(&as_helen, &format!("{input}\n")).code, Some(3));
        assert_eq!(newest(&latchkey).0, row);
    }
    assert_eq!(latchkey.run(&["audit", "verify"]).code, Some(0));
}

/// Types wrong local passwords in helen's name until hers is closed.
async fn close(latchkey: &Latchkey) {
    let store = format!("rocksdb://{}", latchkey.path("data").display());
    let clock = Clock::Set(Arc::new(AtomicI64::new(Clock::System.now().plus_days(-1).0)));
    let desk =
        Desk::open(Settings { store, clock: clock.clone(), ..Settings::default() }).await.unwrap();
    let wrong = Secret::new("a guess of a thief".to_owned());
    let origin = Origin::console();
    loop {
        clock.advance(10);
        let console = desk.console();
        let tried = console.permit_as::<right::SetRole>("helen", &wrong, Some("sam"), &origin);
        if matches!(tried.await, Err(Refusal::AccountClosed(_))) {
            break;
        }
    }
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sets_one_that_is_closed_is_told_that_it_stays_so() {
    let latchkey = with_people();
    let set = |password: &str| {
        let args = ["user", "set-password", "helen", "--own", "--password-stdin"];
        let ended = latchkey.run_with(&args, &format!("{password}\n"));
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        ended.out
    };
    assert_eq!(set(HELENS), "Local password set for helen.\n");
    close(&latchkey).await;
    assert!(run(&latchkey, &["user", "show", "helen"]).out.contains("closed"));
    let message = set("plain copper teapot garden");
    assert!(
        message.contains("It stays closed") && message.contains("latchkey user open helen"),
        "{message}"
    );
    assert_eq!(latchkey.run(&["user", "open", "helen"]).code, Some(0));
    assert_eq!(set(HELENS), "Local password set for helen.\n");
}
