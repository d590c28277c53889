//! What a file may look like, and what is said of one that does not.

use desk::{Role, Secret};

use super::*;

#[test]
fn a_whole_line_is_a_person() {
    let users = parse(
        "netid,name,email,role,privileged,disabled,password\n SAM ,Sam \
            Ång,sam@example.edu,help_desk,yes,no, secret \n"
            .as_bytes(),
    )
    .expect("good")
    .users;
    let [user] = users.as_slice() else { panic!("one") };
    assert_eq!(
        (user.netid.as_str(), user.name.as_deref(), user.role, user.privileged, user.disabled),
        ("sam", Some("Sam Ång"), Some(Role::HelpDesk), Some(true), Some(false))
    );
    assert_eq!(
        user.password.as_ref().map(Secret::expose),
        Some(" secret "),
        "a password's spaces are part of it"
    );
}

#[test]
fn columns_come_in_any_order_and_what_is_not_there_or_empty_says_nothing() {
    for text in [
        "Name,NetID\n\"Doe, Jo\",jo\n",
        "name,netid,email,role,privileged,disabled,password\n\"Doe, Jo\",jo, ,,  ,,\n",
    ] {
        let users = parse(text.as_bytes()).expect("good").users;
        let [user] = users.as_slice() else { panic!("one") };
        assert_eq!((user.netid.as_str(), user.name.as_deref()), ("jo", Some("Doe, Jo")));
        assert!(
            user.email.is_none()
                && user.role.is_none()
                && user.privileged.is_none()
                && user.disabled.is_none(),
            "{text}"
        );
        assert!(user.password.is_none(), "{text}");
    }
    let users = parse("netid,disabled\njo,no\n".as_bytes()).expect("good").users;
    assert_eq!((users[0].name.as_deref(), users[0].disabled), (None, Some(false)));
}

#[test]
fn every_person_s_line_is_known() {
    let people = parse("netid,name\n\nsam,\"Sam\"\njo,Jo\n".as_bytes()).expect("good");
    let lines: Vec<u64> = people.users.iter().map(|user| people.lines[&user.netid]).collect();
    assert_eq!(lines, [3, 4]);
}

#[test]
fn every_line_is_checked_and_every_error_told_by_its_line() {
    let errors = lines(
        "netid,name,email,role,privileged\nsam,Sam,,staff,yes\nbad \
            id,a\u{7}b,x,boss,perhaps\nsam,Sam again,,,\nmuch,Much,,,,more\nlate,Late,,,no\n",
    );
    let reported: Vec<u64> = errors.iter().map(|(line, _)| *line).collect();
    assert_eq!(reported, [3, 3, 3, 3, 3, 4, 5]);
    for (error, column) in errors.iter().zip([
        "netid (column A)",
        "name (column B)",
        "email (column C)",
        "role (column D)",
        "privileged (column E)",
    ]) {
        assert!(error.1.starts_with(&format!("{column}: ")), "{error:?}");
    }
    assert!(errors[5].1.contains("“sam” is on line 2 already"), "{errors:?}");
    assert!(errors[6].1.starts_with("column F: ") && errors[6].1.contains("“,”"), "{errors:?}");
}

#[test]
fn lines_are_counted_through_quoted_line_breaks() {
    let errors = lines("netid,name\nsam,\"Sam\nSam\"\n!,x\n");
    assert_eq!(errors.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [4]);
    let errors = lines("sep=,\r\n\r\nnetid,name\r\n\r\n,,\r\n!,x\r\n");
    assert_eq!(errors.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [6]);
    let errors = lines("netid,name\rsam,Sam\r!,x\r");
    assert_eq!(errors.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3]);
}

#[test]
fn a_wrong_heading_is_line_1() {
    assert!(lines("name,email\n")[0].1.contains("“netid” is missing"));
    assert!(lines("netid,name,netid\n")[0].1.contains("twice"));
    assert!(lines("netid,name\n")[0].1.contains("nobody"));
    assert_eq!(lines("")[0].0, 1);
}

#[test]
fn what_is_no_utf8_is_told_by_line_and_column_with_what_to_do() {
    for (bytes, line, column) in [
        (&b"netid,name\nsam,S\xE4m\njo,Jo\n"[..], 2, "B"),
        (b"\xEF\xBB\xBFsep=;\r\nnetid;name;email\r\njo;Jo;j@x.edu\r\nsam;Sam;\xFF", 4, "C"),
        (b"\xE4", 1, "A"),
    ] {
        let errors = parse(bytes).expect_err("latin-1");
        let [LineError { line: reported, what }] = errors.as_slice() else { panic!("{errors:?}") };
        assert_eq!(*reported, line);
        assert!(
            what.starts_with(&format!("column {column}: ")) && what.contains("CSV UTF-8"),
            "{what}"
        );
    }
}

/// A file of two people as it is written with this between cells and these line ends.
fn written(between: &str, end: &str) -> String {
    let lines = ["netid,name,email", "zoe,\"Zoë Ångström\",zoe@example.edu", "wang,王小明,"];
    lines.map(|line| line.replace(',', between)).join(end) + end
}

fn is_both(bytes: &[u8], what: &str) {
    let people = parse(bytes).unwrap_or_else(|errors| panic!("{what}: {errors:?}"));
    let reported: Vec<_> = people
        .users
        .iter()
        .map(|user| (user.netid.as_str(), user.name.as_deref(), user.email.as_deref()))
        .collect();
    assert_eq!(
        reported,
        [("zoe", Some("Zoë Ångström"), Some("zoe@example.edu")), ("wang", Some("王小明"), None)],
        "{what}"
    );
}

#[test]
fn every_spreadsheet_s_file_is_read() {
    for between in [",", ";", "\t", "|"] {
        for end in ["\n", "\r\n", "\r"] {
            let text = written(between, end);
            let what = format!("{between:?} {end:?}");
            is_both(text.as_bytes(), &what);
            is_both(text.trim_end().as_bytes(), &what);
            let marked = format!("\u{FEFF}{text}");
            is_both(marked.as_bytes(), &what);
            for (word, separated) in
                [("sep=", between), ("SEP=", between), ("\"sep=", &format!("{between}\""))]
            {
                is_both(format!("{word}{separated}{end}{text}").as_bytes(), &what);
                is_both(format!("\u{FEFF}{word}{separated}{end}{text}").as_bytes(), &what);
            }
            // Excel's “Unicode Text” is UTF-16 with a mark; others leave the mark out.
            for text in [&marked, &text] {
                let units: Vec<u16> = text.encode_utf16().collect();
                is_both(
                    &units.iter().flat_map(|unit| unit.to_le_bytes()).collect::<Vec<u8>>(),
                    &what,
                );
                is_both(
                    &units.iter().flat_map(|unit| unit.to_be_bytes()).collect::<Vec<u8>>(),
                    &what,
                );
            }
        }
    }
}

#[test]
fn rows_and_columns_of_nothing_say_nothing() {
    // As Excel ends a table that was longer once, and as others leave cells out at a row's end.
    let text = ",,,,\r\n\r\nnetid,name,email,,\r\n,,,,\r\nzoe,Zoë \
        Ångström,zoe@example.edu,,\r\n \r\n\t, ,,\r\nwang,王小明\r\n,,,,\r\n";
    is_both(text.as_bytes(), text);
    let stray = lines("netid,name,\nzoe,Zoë,stray\n");
    assert!(stray[0].0 == 2 && stray[0].1.starts_with("column C: "), "{stray:?}");
}

#[test]
fn a_line_end_in_a_cell_is_a_space() {
    let users = parse("netid,name\r\nzoe,\"Zoë\r\nÅngström\"\r\n".as_bytes()).expect("good").users;
    assert_eq!(users[0].name.as_deref(), Some("Zoë Ångström"));
}

#[test]
fn what_user_list_prints_are_headings() {
    let text = "NetID;name;e-mail;role;privileged;disabled;local password;tokens\nsam;Sam;;Help \
        Desk;yes;no;initial;3\n";
    let users = parse(text.as_bytes()).expect("good").users;
    assert_eq!((users[0].role, users[0].privileged), (Some(Role::HelpDesk), Some(true)));
    // Nobody thinks that local passwords were set.
    let errors = lines("netid,local password\nsam,hunter2hunter2\n");
    assert!(
        errors[0].1.contains("latchkey user set-password") && !errors[0].1.contains("hunter2"),
        "{errors:?}"
    );
    for heading in ["E-mail address", "EMAIL", "Mail", "e mail"] {
        assert_eq!(columns::known(heading), Some("email"), "{heading}");
    }
}

#[test]
fn roles_and_yes_and_no_are_read_as_people_write_them() {
    for (raw, role) in [
        ("Administrator", Role::Admin),
        ("ADMIN", Role::Admin),
        ("Help Desk", Role::HelpDesk),
        ("help-desk", Role::HelpDesk),
        ("helpdesk", Role::HelpDesk),
        ("Campus Services rep", Role::Rep),
        (" Staff\u{a0}", Role::Staff),
    ] {
        assert_eq!(cells::role(raw), Ok(Some(role)), "{raw}");
    }
    for raw in ["boss", "-", "administrator of nothing", "ａdmin"] {
        let error = cells::role(raw).expect_err(raw);
        assert!(error.contains("help_desk (Help Desk)"), "{error}");
    }
    for raw in ["yes", "Y", "TRUE", "1", "x", "WAHR", "VRAI", "ИСТИНА", "✓", "Ja"] {
        assert_eq!(cells::yes_or_no(raw), Ok(Some(true)), "{raw}");
    }
    for raw in ["no", "N", "False", "0", "FALSCH", "FAUX", "Nein", "ЛОЖЬ"] {
        assert_eq!(cells::yes_or_no(raw), Ok(Some(false)), "{raw}");
    }
    for raw in ["perhaps", "2", "-"] {
        assert!(cells::yes_or_no(raw).is_err(), "{raw}");
    }
    assert_eq!((cells::role(" "), cells::yes_or_no("\t")), (Ok(None), Ok(None)));
}

#[test]
fn a_workbook_is_named_so() {
    for bytes in [&b"PK\x03\x04\x14\0\x06\0"[..], b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"] {
        let errors = parse(bytes).expect_err("a workbook");
        assert!(errors[0].what.contains("Save it as CSV"), "{errors:?}");
    }
}

#[test]
fn columns_are_called_as_spreadsheets_call_them() {
    assert_eq!(
        [0, 25, 26, 51, 52, 701, 702].map(spreadsheet::letter),
        ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]
    );
}

#[test]
fn a_quotation_mark_that_is_missing_swallows_nobody() {
    for text in [
        "netid,name,password\nann,Ann,\"pw\nbob,Bob,pw2\ncid,Cid,pw3\n",
        "netid,name,password\nann,\"Ann\nbob\ncid\n",
        "netid,name,password\nann,\"Ann,pw\nbob,\"Bob\",pw2\n",
        "netid;name\nann;\"Ann\nbob;\"Bob\"\ncid;Cid\n",
    ] {
        let errors = lines(text);
        assert_eq!(errors.first().map(|(line, _)| *line), Some(2), "{text}: {errors:?}");
        assert!(errors[0].1.to_lowercase().contains("quotation mark"), "{errors:?}");
    }
}

proptest::proptest! {
    #[test]
    fn whatever_a_file_holds_it_is_read_or_refused(bytes in proptest::collection::vec(
        proptest::prelude::any::<u8>(), 0..200,
    )) {
        let _ = parse(bytes.as_slice());
    }
}

#[test]
fn a_password_that_nobody_could_log_in_with_is_told_by_its_line() {
    let long = "x".repeat(257);
    let errors = lines(&format!("netid,name,password\nann,Ann,{long}\nbob,Bob,a\u{7}b\n"));
    assert_eq!(errors.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3]);
    assert!(
        errors[0].1.contains("at most 256 characters")
            && errors[1].1.contains("control characters"),
        "{errors:?}"
    );
    let blank = parse("netid,name,password\nann,Ann,   \n".as_bytes()).expect("it says nothing");
    assert!(blank.users[0].password.is_none());
}
