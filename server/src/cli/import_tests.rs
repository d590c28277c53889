//! What a file may look like, and what is said of one that does not.

use super::*;

fn lines(text: &str) -> Vec<(u64, String)> {
    parse(text.as_bytes()).expect_err(text).into_iter().map(|error| (error.line, error.what)).collect()
}

#[test]
fn a_whole_line_is_a_person() {
    let users =
        parse("netid,name,email,role,privileged,disabled,password\n SAM ,Sam Ång,sam@example.edu,help_desk,yes,no, secret \n".as_bytes())
            .expect("good")
            .users;
    let [user] = users.as_slice() else { panic!("one") };
    assert_eq!(
        (user.netid.as_str(), user.name.as_deref(), user.role, user.privileged, user.disabled),
        ("sam", Some("Sam Ång"), Some(Role::HelpDesk), Some(true), Some(false))
    );
    assert_eq!(user.password.as_ref().map(Secret::expose), Some(" secret "), "a password's spaces are part of it");
}

#[test]
fn columns_come_in_any_order_and_what_is_not_there_or_empty_says_nothing() {
    for text in ["Name,NetID\n\"Doe, Jo\",jo\n", "name,netid,email,role,privileged,disabled,password\n\"Doe, Jo\",jo, ,,  ,,\n"] {
        let users = parse(text.as_bytes()).expect("good").users;
        let [user] = users.as_slice() else { panic!("one") };
        assert_eq!((user.netid.as_str(), user.name.as_deref()), ("jo", Some("Doe, Jo")));
        assert!(user.email.is_none() && user.role.is_none() && user.privileged.is_none() && user.disabled.is_none(), "{text}");
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
        "netid,name,email,role,privileged\nsam,Sam,,staff,yes\nbad id,a\u{7}b,x,boss,perhaps\nsam,Sam again,,,\ntoo,few\nlate,Late,,,no\n",
    );
    let told: Vec<u64> = errors.iter().map(|(line, _)| *line).collect();
    assert_eq!(told, [3, 3, 3, 3, 3, 4, 5]);
    assert!(errors[5].1.contains("“sam” is on line 2 already"), "{errors:?}");
    assert!(errors[6].1.contains("2 fields where the heading has 5"), "{errors:?}");
}

#[test]
fn lines_are_counted_through_quoted_line_breaks() {
    let errors = lines("netid,name\nsam,\"Sam\nSam\"\n!,x\n");
    assert_eq!(errors.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 4]);
}

#[test]
fn a_wrong_heading_is_line_1() {
    assert!(lines("netid,name,pasword\n")[0].1.contains("no column “pasword”"));
    assert!(lines("name,email\n")[0].1.contains("“netid” is missing"));
    assert!(lines("netid,name,netid\n")[0].1.contains("twice"));
    assert!(lines("netid,name\n")[0].1.contains("nobody"));
    assert_eq!(lines("")[0].0, 1);
}

#[test]
fn what_is_no_utf8_is_told_by_its_line() {
    let errors = parse(&b"netid,name\nsam,S\xE4m\njo,Jo\n"[..]).expect_err("latin-1");
    assert_eq!(errors, [LineError { line: 2, what: "There are bytes that are not UTF-8.".to_owned() }]);
}

#[test]
fn a_byte_order_mark_does_no_harm() {
    assert!(parse("\u{FEFF}netid,name\nsam,Sam\n".as_bytes()).is_ok());
}

#[test]
fn a_quotation_mark_that_is_missing_swallows_nobody() {
    let errors = lines("netid,name,password\nann,Ann,\"pw\nbob,Bob,pw2\ncid,Cid,pw3\n");
    assert_eq!(errors, [(2, "password: there is a line end in it. Is a quotation mark missing?".to_owned())]);
}

#[test]
fn a_password_that_nobody_could_log_in_with_is_told_by_its_line() {
    let long = "x".repeat(257);
    let errors = lines(&format!("netid,name,password\nann,Ann,{long}\nbob,Bob,a\u{7}b\n"));
    assert_eq!(errors.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3]);
    assert!(errors[0].1.contains("at most 256 characters") && errors[1].1.contains("control characters"), "{errors:?}");
    let blank = parse("netid,name,password\nann,Ann,   \n".as_bytes()).expect("it says nothing");
    assert!(blank.users[0].password.is_none());
}
