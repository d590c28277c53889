use super::*;

fn lines(text: &str) -> Vec<(u64, String)> {
    parse(text.as_bytes()).expect_err(text).into_iter().map(|error| (error.line, error.what)).collect()
}

#[test]
fn a_whole_line_is_a_person() {
    let users =
        parse("netid,name,email,role,privileged,disabled,password\n SAM ,Sam Ång,sam@example.edu,help_desk,yes,no, secret \n".as_bytes())
            .expect("good");
    let [user] = users.as_slice() else { panic!("one") };
    assert_eq!(
        (user.netid.as_str(), user.name.as_str(), user.role, user.privileged, user.disabled),
        ("sam", "Sam Ång", Role::HelpDesk, true, false)
    );
    assert_eq!(user.password.as_ref().map(Secret::expose), Some(" secret "), "a password's spaces are part of it");
}

#[test]
fn columns_come_in_any_order_and_most_may_be_missing() {
    let users = parse("Name,NetID\n\"Doe, Jo\",jo\n".as_bytes()).expect("good");
    assert_eq!((users[0].name.as_str(), users[0].role, users[0].privileged), ("Doe, Jo", Role::Staff, false));
    assert!(users[0].password.is_none());
}

#[test]
fn every_line_is_checked_and_every_error_told_by_its_line() {
    let errors =
        lines("netid,name,email,role,privileged\nsam,Sam,,staff,yes\nbad id,,x,boss,perhaps\nsam,Sam again,,,\ntoo,few\nlate,Late,,,no\n");
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
    assert!(lines("netid,email\n")[0].1.contains("“name” is missing"));
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
