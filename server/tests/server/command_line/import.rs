//! `latchkey user import`: whatever is wrong with a file is said in one round, what the desk would
//! refuse as well as what cannot be read, and nothing is written.

use crate::support::Latchkey;

fn with_ada() -> Latchkey {
    let latchkey = Latchkey::new();
    let ada = "netid,name,role,privileged\nada,Ada Admin,admin,yes\nhelen,Helen Help,rep,yes\n";
    assert_eq!(latchkey.run_with(&["user", "import", "-"], ada).code, Some(0));
    latchkey
}

fn rows(latchkey: &Latchkey) -> usize {
    latchkey.run(&["audit", "tail", "--json", "-n", "1000"]).out.lines().count()
}

#[test]
fn what_cannot_be_read_and_what_the_desk_refuses_are_one_round() {
    let latchkey = with_ada();
    let before = rows(&latchkey);
    latchkey.write(
        "people.csv",
        "netid,name,email,role,privileged,disabled,password\n\
        jo,Jo Good,,,,,\n\
        kim,Kim,nonsense,,,,x\n\
        root,Root,,,,,\n\
        zoe,,,,,,\n\
        ada,,,,,yes,\n\
        lee,Lee,,,perhaps,,\n\
        www-data,=A1,,,,,passwordpassword\n",
    );
    for args in [
        &["user", "import", "people.csv", "--all-errors"][..],
        &["user", "import", "people.csv", "--all-errors", "--dry-run"],
        &["user", "import", "people.csv"],
    ] {
        let ended = latchkey.run(args);
        assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{}", ended.err);
        let expected = [
            "people.csv:3: email (column C): ",
            "people.csv:3: password (column G): Use at least 12 characters.",
            "people.csv:4: netid (column A): “root” is a reserved name",
            "people.csv:5: name (column B): the name is empty, and “zoe” is new",
            "people.csv:6: “ada”: This is the last enabled administrator",
            "people.csv:7: privileged (column E): ",
            "people.csv:8: name (column B): ",
            "people.csv:8: netid (column A): “www-data” is a reserved name",
            "people.csv:8: password (column G): This password is too easy to guess",
        ];
        let lines: Vec<&str> =
            ended.err.lines().filter(|line| line.starts_with("people.csv:")).collect();
        assert_eq!(lines.len(), expected.len(), "{}", ended.err);
        for (line, expected) in lines.iter().zip(expected) {
            assert!(line.starts_with(expected), "{expected}: {}", ended.err);
        }
        assert!(!ended.err.contains("passwordpassword"), "{}", ended.err);
    }
    assert_eq!(rows(&latchkey), before, "nothing is written");
    let list = latchkey.run(&["user", "list"]).out;
    assert!(!list.contains("Jo Good") && list.contains("ada"), "{list}");
}

#[test]
fn a_password_with_a_blank_at_an_end_is_told_by_its_line() {
    let latchkey = with_ada();
    let file = "netid,name,password\n\
        zoe,Zoe,\"brisk amber violin \"\n\
        lee,Lee,plain copper teapot garden\n";
    let ended = latchkey.run_with(&["user", "import", "-"], file);
    assert_eq!(ended.code, Some(3), "{}", ended.err);
    let expected =
        "standard input:2: password (column C): A space at the beginning or end is easily";
    assert!(ended.err.contains(expected) && !ended.err.contains("input:3:"), "{}", ended.err);
    assert!(!ended.err.contains("amber"), "{}", ended.err);
}

#[test]
fn what_depends_on_a_line_that_cannot_be_read_is_not_said() {
    let latchkey = with_ada();
    // Who is to be the administrator in ada's place cannot be read yet.
    for helen in [
        "helen,Helen Help,admim,\n",
        "he len,Helen Help,admin,\n",
        "helen,Helen Help,admin,,more\n",
        "helen,Helen Help,rep,\nhelen,Helen Help,admin,\n",
    ] {
        let file = format!("netid,name,role,disabled\nada,,staff,\n{helen}");
        let ended = latchkey.run_with(&["user", "import", "-"], &file);
        assert_eq!(ended.code, Some(1), "{}", ended.err);
        assert!(!ended.err.contains("last enabled administrator"), "{helen}: {}", ended.err);
    }
    // A name that cannot be read is no name that is missing.
    let ended = latchkey.run_with(&["user", "import", "-"], "netid,name\nzoe,#NAME?\n");
    assert!(!ended.err.contains("is new") && ended.err.contains("#NAME?"), "{}", ended.err);
    let mended = "netid,name,role,disabled\nada,,staff,\nhelen,Helen Help,admin,\n";
    assert_eq!(latchkey.run_with(&["user", "import", "-"], mended).code, Some(0));
}

#[test]
fn what_a_spreadsheet_has_spoilt_overwrites_nobody_and_a_netid_of_that_kind_is_taken_on_demand() {
    let latchkey = with_ada();
    let before = rows(&latchkey);
    latchkey.write(
        "people.csv",
        "netid,name,password\n\
        ada,nan,\n\
        helen,Helen Help,=SUM(A1:A20)+B12\n\
        1-mrt,Maart,\n\
        123.0,Number,\n\
        netid,name,password\n",
    );
    let ended = latchkey.run(&["user", "import", "people.csv", "--any-netid"]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{}", ended.err);
    let expected = |err: &str| {
        let lines = err.lines().filter(|line| line.starts_with("people.csv:"));
        lines.map(|line| line.split(':').nth(1).unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(expected(&ended.err), ["2", "3", "6"], "{}", ended.err);
    let ended = latchkey.run(&["user", "import", "people.csv"]);
    assert_eq!(expected(&ended.err), ["2", "3", "4", "5", "6"], "{}", ended.err);
    assert!(!ended.err.contains("SUM"), "{}", ended.err);
    assert_eq!(rows(&latchkey), before, "nothing is written");
    let odd = "netid,name\n1-mrt,Maart\n123.0,Number\n";
    assert_eq!(latchkey.run_with(&["user", "import", "-"], odd).code, Some(1));
    let ended = latchkey.run_with(&["user", "import", "-", "--any-netid"], odd);
    assert_eq!((ended.code, ended.out.as_str()), (Some(0), "2 created, 0 updated, 0 unchanged.\n"));
}

#[test]
fn what_user_list_writes_for_spreadsheets_is_imported_again_as_it_was() {
    let latchkey = with_ada();
    for (format, head) in [("csv", "\u{FEFF}NetID,name,"), ("semicolon-csv", "\u{FEFF}NetID;name;")]
    {
        let list = latchkey.run(&["user", "list", "--format", format]);
        assert_eq!((list.code, list.out.lines().count()), (Some(0), 3), "{}{}", list.out, list.err);
        assert!(list.out.starts_with(head), "{}", list.out);
        let ended = latchkey.run_with(&["user", "import", "-"], &list.out);
        assert_eq!(
            (ended.code, ended.out.as_str()),
            (Some(0), "0 created, 0 updated, 2 unchanged.\n"),
            "{}",
            ended.err
        );
    }
    let json = latchkey.run(&["user", "list", "--json"]).out;
    assert_eq!(latchkey.run(&["user", "list", "--format", "json"]).out, json);
    let table = latchkey.run(&["user", "list"]).out;
    assert_eq!(latchkey.run(&["user", "list", "--format", "table"]).out, table);
    let ended = latchkey.run_with(&["user", "import", "-"], &table);
    assert!(ended.code == Some(1) && ended.err.contains("user list --format csv"), "{}", ended.err);
}

#[test]
fn a_folder_is_no_file() {
    let ended = with_ada().run(&["user", "import", "."]);
    assert_eq!(
        (ended.code, ended.err.as_str()),
        (Some(1), "latchkey: . is a folder: name a file in it.\n")
    );
}
