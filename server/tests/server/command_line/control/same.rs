//! Each family of commands says the same and ends alike beside a server and without one.

use super::serve;
use crate::support::{Ended, Latchkey};

const PEOPLE: &str = "netid,name,email,role,privileged,disabled,password\n\
    ada,Ada Admin,ada@example.edu,admin,yes,no,ada-netid-password\n\
    helen,Helen Help,helen@example.edu,help_desk,yes,,\n\
    sam,Sam Staff,,,yes,,\n";

/// A command, and what is typed into it.
type Typed = (&'static [&'static str], &'static str);

/// What changes something, in order.
const CHANGES: [Typed; 22] = [
    (&["user", "import", "people.csv", "--dry-run"], ""),
    (&["user", "import", "people.csv"], ""),
    (&["user", "import", "-"], "netid,name\nsam,Sam Sample\n"),
    (
        &["user", "set-password", "helen", "--own", "--password-stdin"],
        "brisk amber violin meadow\n",
    ),
    (
        &["user", "set-password", "sam", "--as", "helen", "--password-stdin"],
        "brisk amber violin meadow\nplain copper teapot garden\n",
    ),
    (
        &["user", "set-role", "sam", "admin", "--as", "helen", "--password-stdin"],
        "brisk amber violin meadow\n",
    ),
    (&["user", "set-password", "sam", "--password-stdin"], "short\n"),
    (&["user", "set-password", "sam", "--password-stdin"], ""),
    (&["user", "set-role", "sam", "rep"], ""),
    (&["user", "set-role", "sam", "nonsense"], ""),
    (&["user", "disable", "sam"], ""),
    (&["user", "disable", "sam"], ""),
    (&["user", "enable", "sam"], ""),
    (&["user", "open", "sam"], ""),
    (&["user", "link", "sam"], ""),
    (&["user", "unlink", "sam"], ""),
    (&["token", "revoke", "sam", "--all"], ""),
    (&["token", "restore", "sam"], ""),
    (&["client", "add", "rt", "--json"], ""),
    (&["client", "remove", "rt"], ""),
    (&["client", "remove", "rt"], ""),
    (&["audit", "prune", "--keep-days", "30"], ""),
];

/// What only looks.
const LOOKS: [Typed; 27] = [
    (&["user", "list"], ""),
    (&["user", "list", "--json"], ""),
    (&["user", "list", "--format", "csv"], ""),
    (&["user", "show", "sam"], ""),
    (&["user", "show", "nobody"], ""),
    (&["user", "import", "people.csv", "--dry-run"], ""),
    (&["user", "import", "missing.csv"], ""),
    (&["user", "import", "."], ""),
    (&["user", "import", "-"], "netid\n"),
    (&["token", "list"], ""),
    (&["token", "identify", "--token-stdin"], "latchkey_nonsense\n"),
    (&["token", "list", "sam"], ""),
    (&["token", "list", "--full", "--format", "json"], ""),
    (&["token", "list", "nobody"], ""),
    (&["token", "verify", "--token-stdin"], "latchkey_nonsense\n"),
    (&["token", "create", "sam"], ""),
    (&["client", "list"], ""),
    (&["audit", "tail", "--action", "account created", "--json"], ""),
    (&["audit", "tail", "--action", "nonsense"], ""),
    (&["audit", "verify"], ""),
    (&["audit", "verify", "--against", "copy.csv"], ""),
    (&["audit", "verify", "--against", "missing.csv"], ""),
    (&["audit", "verify", "--against", "."], ""),
    (&["directory", "sync", "--dry-run"], ""),
    (&["directory", "end-groups", "--dry-run", "--json"], ""),
    (&["directory", "test", "sam"], ""),
    (&["rt", "status", "--not-moved"], ""),
];

/// Without numbers, and what a client's secret is made of.
fn steady(text: &str) -> String {
    let line = |line: &str| match line.split_once("\"client_secret\": ") {
        Some((before, _)) => format!("{before}a secret"),
        None => line.replace(|letter: char| letter.is_ascii_digit(), ""),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// What each of them says.
fn outcomes(latchkey: &Latchkey, commands: &[Typed]) -> Vec<(Option<i32>, String, String)> {
    let ended = |(args, input): &Typed| {
        let Ended { code, out, err } = latchkey.run_with(args, input);
        (code, steady(&out), steady(&err))
    };
    commands.iter().map(ended).collect()
}

fn are_the_same(commands: &[Typed], without: &Latchkey, beside: &Latchkey) {
    let expected = outcomes(without, commands);
    let serving = serve(beside);
    let found = outcomes(beside, commands);
    for (((args, _), expected), found) in commands.iter().zip(&expected).zip(&found) {
        assert_eq!(found, expected, "{args:?}");
    }
    let (code, log) = serving.terminate();
    assert_eq!(code, Some(0), "{log}");
    assert!(!log.contains("violin") && !log.contains("teapot"), "{log}");
}

#[test]
fn what_changes_something_does_the_same_by_a_server() {
    let [without, beside] = [Latchkey::new(), Latchkey::new()];
    for latchkey in [&without, &beside] {
        latchkey.write("people.csv", PEOPLE);
        // A server finds a store, and makes one where there is none: so there is one for both.
        let made = latchkey.run_with(&["user", "import", "-"], "netid,name\nzoe,Zoe Sample\n");
        assert_eq!(made.code, Some(0), "{}", made.err);
    }
    are_the_same(&CHANGES, &without, &beside);
    // And what it has done is the same, whoever looks at it then.
    let done = |latchkey| outcomes(latchkey, &[(&["user", "list", "--json"], "")]);
    assert_eq!(done(&beside), done(&without));
    let rows = |latchkey: &Latchkey| {
        let rows = latchkey.run(&["audit", "tail", "-n", "100", "--outcome", "done", "--json"]).out;
        let row = |row: &str| {
            let row: serde_json::Value = serde_json::from_str(row).unwrap();
            ["actor", "action", "subject", "outcome", "address"].map(|field| row[field].clone())
        };
        rows.lines().map(row).collect::<Vec<_>>()
    };
    assert_eq!(rows(&beside), rows(&without));
    assert!(rows(&beside).iter().any(|row| row[0] == "(console)"));
}

#[test]
fn what_only_looks_sees_the_same_by_a_server() {
    let latchkey = Latchkey::new();
    latchkey.write("people.csv", PEOPLE);
    assert_eq!(latchkey.run(&["user", "import", "people.csv"]).code, Some(0));
    let copy = latchkey.run(&["audit", "export"]).out;
    latchkey.write("copy.csv", &copy);
    are_the_same(&LOOKS, &latchkey, &latchkey);
}

#[test]
fn a_demo_s_server_is_a_demo_s_alone() {
    let latchkey = Latchkey::new();
    let serving = latchkey.serve();
    let real = latchkey.run(&["user", "list"]);
    assert!(real.code == Some(1) && real.err.contains("is a demo's"), "{}", real.err);
    assert!(latchkey.run(&["user", "list", "--demo"]).out.contains("ada"));
    let import = latchkey.run_with(&["user", "import", "-", "--demo"], PEOPLE);
    assert_eq!(import.code, Some(2), "{}", import.err);
    serving.kill();
    let latchkey = Latchkey::new();
    let _serving = serve(&latchkey);
    let demo = latchkey.run(&["user", "list", "--demo"]);
    assert!(demo.code == Some(1) && demo.err.contains("is not a demo's"), "{}", demo.err);
}
