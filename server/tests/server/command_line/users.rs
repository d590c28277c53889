//! `latchkey user`: importing people, setting passwords, roles and accounts, with and without
//! `--as`.

use crate::support::Latchkey;

const PEOPLE: &str = "netid,name,email,role,privileged,disabled,password\n\
    ada,Ada Admin,ada@example.edu,admin,yes,no,ada-netid-password\n\
    helen,Helen Help,helen@example.edu,help_desk,yes,,\n\
    sam,Sam Staff,,,yes,,\n";

fn with_people() -> Latchkey {
    let latchkey = Latchkey::new();
    latchkey.write("people.csv", PEOPLE);
    let ended = latchkey.run(&["user", "import", "people.csv"]);
    assert_eq!(
        (ended.code, ended.out.as_str()),
        (Some(0), "3 created, 0 updated, 0 unchanged.\n"),
        "{}",
        ended.err
    );
    latchkey
}

#[test]
fn an_import_makes_everybody_and_a_second_one_updates_them() {
    let latchkey = with_people();
    let ended = latchkey.run_with(&["user", "import", "-"], PEOPLE);
    assert_eq!((ended.code, ended.out.as_str()), (Some(0), "0 created, 0 updated, 3 unchanged.\n"));
    let ended = latchkey.run_with(
        &["user", "import", "-"],
        &PEOPLE.replace("Help,", "Helpful,").replace("Sam Staff", "Sam Sample"),
    );
    assert_eq!((ended.code, ended.out.as_str()), (Some(0), "0 created, 2 updated, 1 unchanged.\n"));
    let people: serde_json::Value =
        serde_json::from_str(&latchkey.run(&["user", "list", "--json"]).out).unwrap();
    let netids: Vec<&str> =
        people.as_array().unwrap().iter().map(|row| row["netid"].as_str().unwrap()).collect();
    assert_eq!(netids, ["ada", "helen", "sam"]);
    assert!(latchkey.run(&["user", "list"]).out.contains("Helen Helpful"));
}

/// Who left, an administrator and somebody with tokens, under names that are to be corrected.
const MISSPELT: &str = "netid,name,email,role,privileged,disabled,password\n\
    dave,Dave Departde,dave@example.edu,staff,yes,yes,\n\
    ada,Ada Amdin,ada@example.edu,admin,yes,no,ada-netid-password\n\
    tia,Tia Tokne,tia@example.edu,staff,yes,no,\n";

const NAMES: &str = "netid,name\ndave,Dave Departed\nada,Ada Admin\ntia,Tia Token\n";

fn shown(latchkey: &Latchkey, netid: &str) -> serde_json::Value {
    serde_json::from_str::<serde_json::Value>(&latchkey.run(&["user", "show", netid, "--json"]).out)
        .unwrap()["user"]
        .clone()
}

fn history(latchkey: &Latchkey, netid: &str) -> Vec<serde_json::Value> {
    let rows = latchkey.run(&["audit", "tail", "--json", "--subject", netid]).out;
    rows.lines().map(|row| serde_json::from_str(row).unwrap()).collect()
}

#[test]
fn a_file_of_names_corrects_names_and_nothing_else() {
    let latchkey = Latchkey::new();
    assert_eq!(latchkey.run_with(&["user", "import", "-"], MISSPELT).code, Some(0));
    let before = ["dave", "ada", "tia"].map(|netid| history(&latchkey, netid).len());
    let plan = latchkey.run_with(&["user", "import", "-", "--dry-run"], NAMES);
    assert!(
        plan.out.contains("name “Dave Departde” → “Dave Departed”"),
        "{}{}",
        plan.out,
        plan.err
    );
    assert!(
        plan.out.ends_with("0 created, 3 updated, 0 unchanged. Nothing was written.\n"),
        "{}",
        plan.out
    );
    assert_eq!(shown(&latchkey, "dave")["name"], "Dave Departde");
    let ended = latchkey.run_with(&["user", "import", "-"], NAMES);
    assert_eq!(
        (ended.code, ended.out.as_str()),
        (Some(0), "0 created, 3 updated, 0 unchanged.\n"),
        "{}",
        ended.err
    );
    let person = |netid: &str| {
        let user = shown(&latchkey, netid);
        ["name", "email", "role", "privileged", "disabled"]
            .map(|field| user[field].to_string().replace('"', ""))
            .join(" ")
    };
    assert_eq!(person("dave"), "Dave Departed dave@example.edu staff true true");
    assert_eq!(person("ada"), "Ada Admin ada@example.edu admin true false");
    assert_eq!(person("tia"), "Tia Token tia@example.edu staff true false");
    for (netid, many) in ["dave", "ada", "tia"].iter().zip(before) {
        let rows = history(&latchkey, netid);
        assert_eq!(rows.len(), many + 1, "{netid}: {rows:?}");
        let row = rows.iter().find(|row| row["action"] == "user.update").unwrap();
        assert_eq!(
            (row["actor"].as_str(), row["detail"].as_str()),
            (Some("(console)"), Some("name")),
            "{netid}"
        );
    }
    let ended = latchkey.run_with(&["user", "import", "-"], NAMES);
    assert_eq!(ended.out, "0 created, 0 updated, 3 unchanged.\n");
    assert_eq!(latchkey.run(&["audit", "verify"]).code, Some(0));
}

#[test]
fn whoever_is_new_needs_a_name_and_is_found_by_the_line() {
    let latchkey = with_people();
    latchkey.write("people.csv", "netid,email\nada,ada@example.org\nzoe,zoe@example.org\n");
    let ended = latchkey.run(&["user", "import", "people.csv"]);
    assert_eq!(ended.code, Some(1));
    let expected = "people.csv:3: “zoe” is new and needs a name: add a column “name”";
    assert!(ended.err.contains(expected), "{}", ended.err);
    assert_eq!(shown(&latchkey, "ada")["email"], "ada@example.edu");
}

#[test]
fn an_import_takes_the_last_administrator_from_nobody() {
    let latchkey = with_people();
    for file in ["netid,role\nada,staff\n", "netid,disabled\nada,yes\n"] {
        let ended = latchkey.run_with(&["user", "import", "-"], file);
        assert_eq!(ended.code, Some(3), "{}", ended.err);
        assert!(
            ended.err.contains("standard input:2: “ada”: This is the last enabled administrator"),
            "{}",
            ended.err
        );
    }
    assert_eq!(
        (shown(&latchkey, "ada")["role"].as_str(), shown(&latchkey, "ada")["disabled"].as_bool()),
        (Some("admin"), Some(false))
    );
}

#[test]
fn what_the_desk_refuses_of_somebody_is_told_by_the_line() {
    let latchkey = with_people();
    let file = "netid,name,password
jo,Jo,brisk amber violin meadow
root,Root,
zoe,Zoë,x
www-data,Web,passwordpassword
";
    latchkey.write("people.csv", file);
    for args in
        [&["user", "import", "people.csv"][..], &["user", "import", "people.csv", "--dry-run"]]
    {
        let ended = latchkey.run(args);
        assert_eq!((ended.code, ended.out.as_str()), (Some(3), ""), "{}", ended.err);
        for expected in [
            "people.csv:3: netid (column A): “root” is a reserved name",
            "people.csv:4: password (column C): Use at least 12 characters.",
            "people.csv:5: netid (column A): “www-data” is a reserved name",
            "people.csv:5: password (column C): This password is too easy to guess",
        ] {
            assert!(ended.err.contains(expected), "{expected}: {}", ended.err);
        }
        assert!(!ended.err.contains("passwordpassword"), "{}", ended.err);
    }
    assert!(!latchkey.run(&["user", "list"]).out.contains("Jo"), "nobody is imported");
}

#[test]
fn a_plan_says_of_whoever_is_new_what_would_be_written() {
    let plan = with_people().run_with(
        &["user", "import", "-", "--dry-run"],
        "netid,name,email
zoe,Zoë,zoe@example.edu
ada,Ada,
",
    );
    assert!(
        plan.out.contains(
            "name “Zoë”, e-mail “zoe@example.edu”, staff, not privileged, no NetID password"
        ),
        "{}",
        plan.out
    );
    assert!(plan.out.contains("name “Ada Admin” → “Ada”"), "{}", plan.out);
}

#[test]
fn of_many_wrong_lines_the_first_are_told_and_all_on_demand() {
    let latchkey = Latchkey::new();
    let rows: String = (0..200).map(|n| format!("p{n},Person,nonsense\n")).collect();
    latchkey.write("people.csv", &format!("netid,name,email\n{rows}"));
    let ended = latchkey.run(&["user", "import", "people.csv"]);
    assert_eq!((ended.code, ended.err.lines().count()), (Some(1), 20 + 3), "{}", ended.err);
    assert!(
        ended
            .err
            .contains("… and 180 more. Write all to a file with the same command and --all-errors"),
        "{}",
        ended.err
    );
    let all = latchkey.run(&["user", "import", "people.csv", "--all-errors"]);
    assert_eq!((all.code, all.err.lines().count()), (Some(1), 202), "{}", all.err);
}

#[test]
fn a_wrong_line_imports_nobody_and_is_named() {
    let latchkey = Latchkey::new();
    latchkey.write(
        "people.csv",
        &format!("{PEOPLE}bad id,Bad,,,,,\nsam,Sam again,,boss,,,hunter2hunter2\n"),
    );
    let ended = latchkey.run(&["user", "import", "people.csv"]);
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.err.contains("people.csv:5: ")
            && ended.err.contains("people.csv:6: ")
            && !ended.err.contains("hunter2"),
        "{}",
        ended.err
    );
    assert_eq!(latchkey.run(&["user", "list", "--json"]).out.trim(), "[]");
}

#[test]
fn the_console_sets_the_first_local_passwords() {
    let latchkey = with_people();
    let ended = latchkey.run_with(
        &["user", "set-password", "ada", "--own", "--password-stdin"],
        "seven quiet lanterns drift\n",
    );
    assert_eq!(
        (ended.code, ended.out.as_str()),
        (Some(0), "Local password set for ada.\n"),
        "{}",
        ended.err
    );
    let ended = latchkey.run_with(
        &["user", "set-password", "helen", "--password-stdin"],
        "brisk amber violin meadow\n",
    );
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let local = |netid: &str| {
        serde_json::from_str::<serde_json::Value>(
            &latchkey.run(&["user", "show", netid, "--json"]).out,
        )
        .unwrap()["user"]["local"]
            .clone()
    };
    assert_eq!(
        (local("ada").as_str(), local("helen").as_str(), local("sam").as_str()),
        (Some("own"), Some("initial"), Some("none"))
    );
}

#[test]
fn acting_as_somebody_takes_their_right_and_their_password() {
    let latchkey = with_people();
    assert_eq!(
        latchkey
            .run_with(
                &["user", "set-password", "helen", "--own", "--password-stdin"],
                "brisk amber violin meadow\n"
            )
            .code,
        Some(0)
    );
    let ended = latchkey.run_with(
        &["user", "set-password", "sam", "--as", "helen", "--password-stdin"],
        "brisk amber violin meadow\nplain copper teapot garden\n",
    );
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let wrong = latchkey.run_with(
        &["user", "set-password", "sam", "--as", "helen", "--password-stdin"],
        "not helen's password\nplain copper teapot garden\n",
    );
    assert_eq!(
        (wrong.code, wrong.err.as_str()),
        (Some(3), "latchkey: Your local password is incorrect.\n")
    );
    let above = latchkey.run_with(
        &["user", "set-password", "ada", "--as", "helen", "--password-stdin"],
        "brisk amber violin meadow\nplain copper teapot garden\n",
    );
    assert_eq!(
        (above.code, above.err.as_str()),
        (Some(3), "latchkey: You cannot do this for someone whose role is above your own.\n")
    );
    let role = latchkey.run_with(
        &["user", "set-role", "sam", "admin", "--as", "helen", "--password-stdin"],
        "brisk amber violin meadow\n",
    );
    assert_eq!(
        (role.code, role.err.as_str()),
        (Some(3), "latchkey: You do not have the right to do this.\n")
    );
}

#[test]
fn a_password_is_judged_as_on_the_page() {
    let latchkey = with_people();
    for (password, words) in [
        ("short\n", "Use at least 12 characters."),
        ("password1234\n", "too easy to guess"),
        ("brisk amber violin meadow \n", "A space at the beginning or end is easily lost."),
        ("\n", "Use at least 12 characters."),
    ] {
        let ended =
            latchkey.run_with(&["user", "set-password", "sam", "--password-stdin"], password);
        assert_eq!(ended.code, Some(3), "{}", ended.err);
        assert!(ended.err.contains(words), "{}", ended.err);
    }
    let ended = latchkey.run(&["user", "set-password", "sam", "--password-stdin"]);
    assert_eq!(ended.code, Some(1), "an empty standard input is no password");
}

#[test]
fn roles_and_accounts_are_changed_and_refused_in_words() {
    let latchkey = with_people();
    assert_eq!(
        latchkey.run(&["user", "set-role", "sam", "rep"]).out,
        "sam now has the role rep.\n"
    );
    assert_eq!(latchkey.run(&["user", "disable", "sam"]).out, "sam is now disabled.\n");
    let shown: serde_json::Value =
        serde_json::from_str(&latchkey.run(&["user", "show", "sam", "--json"]).out).unwrap();
    assert_eq!(
        (shown["user"]["role"].as_str(), shown["user"]["disabled"].as_bool()),
        (Some("rep"), Some(true))
    );
    let set = ["user", "set-password", "sam", "--password-stdin"];
    let refused = latchkey.run_with(&set, "seven quiet lanterns drift\n");
    assert_eq!((refused.code, refused.out.as_str()), (Some(3), ""));
    assert!(refused.err.contains("account is disabled"), "{}", refused.err);
    assert_eq!(latchkey.run(&["user", "enable", "sam"]).code, Some(0));
    let output = latchkey.run_with(&set, "brisk amber violin meadow\n").out;
    assert!(output.ends_with("for sam. It takes effect immediately.\n"), "{output}");
    for args in [
        &["user", "show", "nobody"][..],
        &["user", "disable", "nobody"],
        &["token", "list", "nobody"],
    ] {
        assert_eq!(latchkey.run(args).code, Some(3), "{args:?}");
    }
    let rows = latchkey.run(&["audit", "tail", "--json", "--subject", "sam"]).out;
    assert!(
        rows.lines()
            .all(|row| serde_json::from_str::<serde_json::Value>(row).unwrap()["actor"]
                == "(console)"),
        "{rows}"
    );
    assert!(rows.contains("role") && rows.contains("disable"), "{rows}");
    assert_eq!(latchkey.run(&["audit", "verify"]).code, Some(0));
}

#[test]
fn what_is_so_already_is_said_and_leaves_no_row() {
    let latchkey = with_people();
    let before = history(&latchkey, "sam").len();
    for (args, out) in [
        (&["user", "set-role", "sam", "staff"][..], "sam has the role staff already.\n"),
        (&["user", "enable", "sam"], "sam is enabled already.\n"),
        (&["user", "open", "sam"], "The local password of sam is not closed.\n"),
        (&["token", "revoke", "sam", "--all"], "0 tokens of sam revoked.\n"),
        (
            &["token", "restore", "sam"],
            "No token of sam was revoked because a directory no longer had them.\n",
        ),
    ] {
        let ended = latchkey.run(args);
        assert_eq!((ended.code, ended.out.as_str()), (Some(0), out), "{args:?}: {}", ended.err);
    }
    assert_eq!(history(&latchkey, "sam").len(), before);
    assert_eq!(latchkey.run(&["user", "disable", "sam"]).code, Some(0));
    assert_eq!(latchkey.run(&["user", "disable", "sam"]).out, "sam is disabled already.\n");
    assert_eq!(history(&latchkey, "sam").len(), before + 1);
}

#[test]
fn what_there_is_not_is_a_wrong_command_line() {
    let latchkey = with_people();
    let role = latchkey.run(&["user", "set-role", "sam", "help-desk"]);
    assert_eq!(role.code, Some(2), "{}", role.err);
    let action = latchkey.run(&["audit", "tail", "--action", "nonsense"]);
    assert_eq!(action.code, Some(2));
    assert!(
        action.err.contains("there is no action “nonsense”. The actions are")
            && action.err.contains("token.revoke"),
        "{}",
        action.err
    );
    let by_words = latchkey.run(&["audit", "tail", "--action", "account created", "--json"]);
    assert_eq!((by_words.code, by_words.out.lines().count()), (Some(0), 3), "{}", by_words.err);
}
