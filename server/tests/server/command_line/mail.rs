//! `latchkey mail` and what `latchkey check` says of the mail server. That mail arrives a real
//! server says (`tools/test-mail`).

use std::net::TcpListener;

use crate::support::{Ended, Latchkey};

/// A port at which nobody listens.
fn nobody() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn with_mail(latchkey: &Latchkey, arguments: &[&str]) -> Ended {
    latchkey.write(
        "latchkey.toml",
        &format!(
            "[server]\npublic_url = \"http://127.0.0.1:3000\"\n[mail]\nserver = \"127.0.0.1\"\n\
             port = {}\nsecurity = \"none\"\nfrom = \"latchkey@example.edu\"\n",
            nobody(),
        ),
    );
    latchkey.run(arguments)
}

#[test]
fn a_server_that_is_away_is_said_and_keeps_nobody_from_starting() {
    let latchkey = Latchkey::new();
    let checked = with_mail(&latchkey, &["check"]);
    assert_eq!(checked.code, Some(0), "{}", checked.err);
    assert!(checked.out.contains("Careful: the mail server 127.0.0.1:"), "{}", checked.out);
    let tried = with_mail(&latchkey, &["mail", "test", "ada@example.edu"]);
    assert_eq!(tried.code, Some(4), "{}{}", tried.out, tried.err);
    assert!(tried.out.starts_with("127.0.0.1:"), "{}", tried.out);
}

#[test]
fn of_what_cannot_be_tried_it_is_said_why() {
    let latchkey = Latchkey::new();
    let none = latchkey.run(&["mail", "test", "ada@example.edu"]);
    assert_eq!(none.code, Some(2), "{}", none.err);
    assert!(none.err.contains("mail.server"), "{}", none.err);
    let odd = with_mail(&latchkey, &["mail", "test", "ada"]);
    assert_eq!(odd.code, Some(2), "{}", odd.err);
    assert!(odd.err.contains("“ada” is no address"), "{}", odd.err);
}

#[test]
fn each_kind_can_be_looked_at() {
    let latchkey = Latchkey::new();
    let help = latchkey.run(&["mail", "--help"]);
    assert!(help.out.contains("show") && help.out.contains("test"), "{}", help.out);
    for kind in desk::NoticeKind::ALL {
        let plain = latchkey.run(&["mail", "show", kind.code()]);
        assert_eq!(plain.code, Some(0), "{}", plain.err);
        assert!(
            plain.out.starts_with("Subject: ") && plain.out.contains("Hello "),
            "{}",
            plain.out
        );
        let html = latchkey.run(&["mail", "show", kind.code(), "--html"]);
        assert!(html.out.starts_with("<!DOCTYPE html>"), "{}", html.out);
    }
    let unknown = latchkey.run(&["mail", "show", "token-mad"]);
    assert_eq!(unknown.code, Some(2), "{}", unknown.err);
    assert!(unknown.err.contains("Did you mean “token-made”?"), "{}", unknown.err);
}
