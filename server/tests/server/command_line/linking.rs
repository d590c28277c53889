//! `latchkey user link` and `unlink`.

use serde_json::{Value, json};

use crate::support::Latchkey;

const PEOPLE: &str = "netid,name,role,privileged,password\n\
    ada,Ada Admin,admin,yes,ada-netid-password\n\
    helen,Helen Help,help_desk,yes,helen-netid-password\n";

fn with_people() -> Latchkey {
    let latchkey = Latchkey::new();
    assert_eq!(latchkey.run_with(&["user", "import", "-"], PEOPLE).code, Some(0));
    latchkey
}

fn last(latchkey: &Latchkey, netid: &str) -> Value {
    let rows = latchkey.run(&["audit", "tail", "--json", "--subject", netid]).out;
    serde_json::from_str(rows.lines().last().unwrap()).unwrap()
}

#[test]
fn an_operator_links_an_account_and_lets_it_go() {
    let latchkey = with_people();
    let ended = latchkey.run(&["user", "link", "ada"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(
        ended.out.starts_with("The campus log-in may take over ada as it is (role admin)"),
        "{}",
        ended.out
    );
    assert!(ended.out.contains("ends with the first log-in by single sign-on"), "{}", ended.out);
    let row = last(&latchkey, "ada");
    assert_eq!(
        (&row["actor"], &row["action"], &row["outcome"]),
        (&json!("(console)"), &json!("user.link"), &json!("done"))
    );
    let identity = ["--issuer", "https://id.example.edu", "--subject", "4711"];
    let ended = latchkey.run(&[&["user", "link", "Ada", "--json"], &identity[..]].concat());
    let report: Value = serde_json::from_str(&ended.out).unwrap();
    let bound = json!({ "issuer": "https://id.example.edu", "subject": "4711" });
    assert_eq!(
        report,
        json!({
            "netid": "ada", "role": "admin", "linked": true, "identity": bound,
            "password_ended": false,
        })
    );
    let shown = latchkey.run(&["user", "show", "ada"]);
    assert!(
        shown.out.contains("Campus log-in: bound to 4711 of https://id.example.edu"),
        "{}",
        shown.out
    );
    let ended = latchkey.run(&["user", "unlink", "ada", "--json"]);
    let let_go = |was_bound: bool| {
        json!({
            "netid": "ada", "linked": false, "identity": null, "was_bound": was_bound,
        })
    };
    assert_eq!(serde_json::from_str::<Value>(&ended.out).unwrap(), let_go(true));
    let row = last(&latchkey, "ada");
    assert_eq!(row["action"], "user.unlink");
    assert!(!latchkey.run(&["user", "show", "ada"]).out.contains("Campus log-in"));
    let ended = latchkey.run(&["user", "unlink", "ada", "--json"]);
    assert_eq!(serde_json::from_str::<Value>(&ended.out).unwrap(), let_go(false));
    assert!(latchkey.run(&["user", "unlink", "ada"]).out.contains("was bound to no identity"));
    assert_eq!(last(&latchkey, "ada"), row, "nothing happened");
}

#[test]
fn where_there_is_a_provider_it_is_said_whom_it_means() {
    let latchkey = with_people();
    latchkey.write(
        "latchkey.toml",
        "[server]\npublic_url = \"https://latchkey.example.edu\"\n[groups]\nprivileged = [\"*\"]\n\
         [oidc]\nissuer = \"https://id.example.edu\"\nclient_id = \"latchkey\"\nclient_secret \
         = \"0123456789abcdef\"\n",
    );
    let ended = latchkey.run(&["user", "link", "ada"]);
    assert_eq!(ended.code, Some(2), "{}", ended.out);
    assert!(
        ended.err.contains("`--subject SUB`") && ended.err.contains("`--first-comer`"),
        "{}",
        ended.err
    );
    let ended = latchkey.run(&["user", "link", "ada", "--first-comer"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let shown = latchkey.run(&["user", "show", "ada"]).out;
    assert!(shown.contains("Campus log-in: linked, to whoever comes first"), "{shown}");
    let ended = latchkey.run(&["user", "link", "ada", "--subject", "4711"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let shown = latchkey.run(&["user", "show", "ada"]).out;
    assert!(shown.contains("Campus log-in: bound to 4711 of https://id.example.edu"), "{shown}");
    assert_eq!(
        latchkey.run(&["user", "link", "ada", "--subject", "4711", "--first-comer"]).code,
        Some(2)
    );
}

#[test]
fn who_was_imported_by_mistake_is_given_back_where_somebody_else_lets_people_in() {
    let latchkey = with_people();
    let before = latchkey.run(&["user", "link", "ada", "--end-password"]);
    assert_eq!(before.code, Some(2), "{}", before.out);
    assert!(before.err.contains("Nobody could log in by this NetID then"), "{}", before.err);
    assert!(
        !latchkey.run(&["user", "show", "ada"]).out.contains("Campus log-in"),
        "nothing is done"
    );
    latchkey.write(
        "latchkey.toml",
        "[ldap]\nurls = [\"ldaps://127.0.0.1:1\"]\nbase = \"dc=example,dc=edu\"\n\
         filter = \"(uid={netid})\"\n[groups]\nprivileged = [\"*\"]\n",
    );
    let kept = latchkey.run(&["user", "link", "ada"]);
    assert_eq!(kept.code, Some(0), "{}", kept.err);
    assert!(kept.out.contains("with --end-password it ends now"), "{}", kept.out);
    let ended = latchkey.run(&["user", "link", "ada", "--end-password"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.out.contains("Its NetID password of the desk’s own has ended"), "{}", ended.out);
    let again = latchkey.run(&["user", "link", "ada", "--end-password"]);
    assert!(again.out.contains("It has no NetID password"), "{}", again.out);
    let elsewhere = ["--subject", "4711", "--issuer", "https://elsewhere.example.edu"];
    let args = [&["user", "link", "helen", "--end-password"], &elsewhere[..]].concat();
    let refused = latchkey.run(&args);
    assert_eq!(refused.code, Some(2), "{}", refused.out);
    assert!(refused.err.contains("leave out --issuer"), "{}", refused.err);
    let let_go = latchkey.run(&["user", "unlink", "ada"]);
    assert!(let_go.out.contains("nobody logs in by it now"), "{}", let_go.out);
    assert!(let_go.out.contains("`latchkey user link ada`"), "{}", let_go.out);
    let of_helen = latchkey.run(&["user", "unlink", "helen"]);
    assert!(of_helen.out.contains("was bound to no identity"), "{}", of_helen.out);
    let args = ["user", "link", "helen", "--end-password", "--json"];
    let report: Value = serde_json::from_str(&latchkey.run(&args).out).unwrap();
    assert_eq!(report["password_ended"], true, "{report}");
    let row = last(&latchkey, "helen");
    assert_eq!(
        row["detail"], "the campus log-in may take it over; its own NetID password ends",
        "{row}"
    );
}

#[test]
fn what_is_wrong_says_so_by_its_exit_code() {
    let latchkey = with_people();
    for args in [&["user", "link", "nobody-here"][..], &["user", "unlink", "nobody-here"]] {
        assert_eq!(latchkey.run(args).code, Some(3), "{args:?}");
    }
    for args in [
        &["user", "link", "ada", "--subject", "x"][..],
        &["user", "link", "ada", "--issuer", "https://id.example.edu"],
        &["user", "link"],
    ] {
        assert_eq!(latchkey.run(args).code, Some(2), "{args:?}");
    }
    // By somebody who may not give roles.
    assert_eq!(
        latchkey
            .run_with(
                &["user", "set-password", "helen", "--own", "--password-stdin"],
                "seven otters cross the weir\n"
            )
            .code,
        Some(0)
    );
    let ended = latchkey.run_with(
        &["user", "link", "ada", "--as", "helen", "--password-stdin"],
        "seven otters cross the weir\n",
    );
    assert_eq!(ended.code, Some(3), "{}", ended.err);
    assert_eq!(last(&latchkey, "ada")["outcome"], "refused");
}

#[test]
fn nobody_is_made_by_a_reserved_name() {
    let latchkey = with_people();
    let ended = latchkey.run_with(&["user", "import", "-"], "netid,name\nroot,Root\n");
    assert_eq!(ended.code, Some(3), "{}", ended.err);
    assert!(ended.err.contains("“root” is a reserved name"), "{}", ended.err);
}
