//! Whom people are told by, and of what: what is taken, and what is message of what is not.

use desk::NoticeKind;

use super::super::sections::{HiddenText, MailSecurity};
use super::*;

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn hidden(text: &str) -> Option<HiddenText> {
    Some(HiddenText::new(text.to_owned()))
}

fn mail(keys: &mut Sections) {
    keys.server.public_url = some("https://latchkey.example.edu");
    keys.mail.server = some("smtp.example.edu");
    keys.mail.from = some("Latchkey <latchkey@example.edu>");
}

fn with_mail(adjust: impl FnOnce(&mut Sections)) -> Result<Configuration, ConfigError> {
    with(|keys| {
        mail(keys);
        adjust(keys);
    })
}

fn webhook(keys: &mut Sections) {
    keys.webhook.url = some("https://hooks.example.edu/latchkey");
    keys.webhook.secret = hidden(KEY);
}

#[test]
fn mail_is_sent_where_there_is_a_server_for_it() {
    let none = with(|_| {}).expect("good");
    assert!(none.mail.is_none() && none.webhook.is_none());
    assert!(!none.desk.notices.mail && !none.desk.notices.webhook);
    let sent = with_mail(|_| {}).expect("good");
    assert!(sent.desk.notices.mail && !sent.desk.notices.webhook);
    let sent = sent.mail.expect("mail");
    assert_eq!((sent.host.as_str(), sent.port), ("smtp.example.edu", 587));
    assert_eq!(sent.from.name.as_deref(), Some("Latchkey"));
    assert_eq!(sent.from.email.to_string(), "latchkey@example.edu");
    assert!(sent.login.is_none() && sent.reply_to.is_none());
    for (security, given, port) in [
        (MailSecurity::Tls, 0, 465),
        (MailSecurity::Starttls, 0, 587),
        (MailSecurity::Starttls, 2525, 2525),
    ] {
        let sent = with_mail(|keys| {
            keys.mail.security = security;
            keys.mail.port = given;
            keys.mail.user = some("latchkey");
            keys.mail.password = hidden("hunter2");
            keys.mail.reply_to = some("help@example.edu");
        });
        let sent = sent.expect("good").mail.expect("mail");
        assert_eq!(sent.port, port, "{security:?}");
        assert_eq!(sent.login.expect("a log-in").0, "latchkey");
        assert!(sent.reply_to.is_some_and(|to| to.email.to_string() == "help@example.edu"));
    }
}

#[test]
fn readable_mail_goes_to_this_machine_alone() {
    let to = |host: &str| {
        with_mail(|keys| {
            keys.mail.server = some(host);
            keys.mail.security = MailSecurity::None;
        })
    };
    for host in ["localhost", "127.0.0.1", "::1"] {
        assert_eq!(to(host).expect(host).mail.expect(host).port, 25);
    }
    for host in ["smtp.example.edu", "192.0.2.7", "localhost.example.edu"] {
        let error = to(host).expect_err(host).to_string();
        assert!(error.starts_with("mail.security: ") && error.contains("starttls"), "{error}");
    }
}

#[test]
fn of_mail_that_cannot_be_sent_it_is_said_what_to_write() {
    type Adjust = fn(&mut Sections);
    let cases: [(&str, &str, Adjust); _] = [
        ("mail.server", "the name alone", |keys| keys.mail.server = some("smtps://smtp.x.edu")),
        ("mail.server", "the name alone", |keys| keys.mail.server = some("smtp.x.edu:587")),
        ("mail.server", "the name alone", |keys| keys.mail.server = some("me:hunter2@smtp.x.edu")),
        ("mail.from", "whom mail is from", |keys| keys.mail.from = None),
        ("mail.from", "one address", |keys| keys.mail.from = some("latchkey")),
        ("mail.from", "one address", |keys| keys.mail.from = some("a@x.edu\r\nBcc: b@x.edu")),
        ("mail.reply_to", "one address", |keys| keys.mail.reply_to = some("a@x.edu, b@x.edu")),
        ("mail.user", "LATCHKEY_MAIL_PASSWORD", |keys| keys.mail.user = some("latchkey")),
        ("mail.user", "whose password", |keys| keys.mail.password = hidden("hunter2")),
        ("server.public_url", "write it down", |keys| keys.server.public_url = None),
        ("mail.ca_file", "for TLS", |keys| {
            keys.mail.server = some("localhost");
            keys.mail.security = MailSecurity::None;
            keys.mail.ca_file = Some("/etc/ssl/certs/campus-ca.pem".into());
        }),
        ("mail.user", "in mail.server too", |keys| {
            keys.mail.server = None;
            keys.mail.from = None;
            keys.mail.user = some("latchkey");
        }),
    ];
    for (key, word, adjust) in cases {
        let error = with_mail(adjust).expect_err(key).to_string();
        assert!(error.starts_with(&format!("{key}: ")) && error.contains(word), "{key}: {error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn a_webhook_has_an_address_that_nobody_reads_on_the_way_and_a_secret() {
    let posted = with(webhook).expect("good");
    assert!(posted.desk.notices.webhook && !posted.desk.notices.mail);
    let posted = posted.webhook.expect("a webhook");
    assert_eq!(posted.key.expose(), "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let here = with(|keys| {
        webhook(keys);
        keys.webhook.url = some("http://127.0.0.1:8080/hook");
        keys.webhook.secret = hidden("a text of 24 characters!");
    });
    let key = here.expect("good").webhook.expect("a webhook").key;
    assert_eq!(key.expose(), "YSB0ZXh0IG9mIDI0IGNoYXJhY3RlcnMh");
    for (url, secret, error) in [
        ("hooks.example.edu", KEY, "webhook.url: write it like"),
        ("http://hooks.example.edu", KEY, "webhook.url: whoever is on the way"),
        ("https://me:hunter2@hooks.example.edu", KEY, "webhook.url: leave out"),
        ("https://hooks.example.edu", "", "webhook.secret: give it"),
        ("https://hooks.example.edu", "hunter2", "webhook.secret: write whsec_"),
        ("https://hooks.example.edu", "whsec_hunter2", "webhook.secret: write whsec_"),
        ("", KEY, "webhook.secret: it is for webhook.url"),
    ] {
        let message = senseless(|keys| {
            keys.webhook.url = some(url);
            keys.webhook.secret = hidden(secret);
        });
        assert!(message.starts_with(error) && !message.contains("hunter2"), "{url}: {message}");
    }
}

#[test]
fn what_is_told_and_when_is_the_operator_s_choice() {
    let all = with(|_| {}).expect("good").desk.notices;
    assert_eq!(all.kinds.len(), NoticeKind::ALL.len());
    assert!(all.administrators.is_empty());
    let (made, leaked) = (NoticeKind::TokenMade.code(), NoticeKind::TokenLeaked.code());
    let chosen = with(|keys| {
        keys.notices.off = list(&[made]);
        keys.notices.to_administrators = list(&[leaked]);
        keys.notices.expiry_days = list(&["1", "30", "7", "7"]);
    });
    let chosen = chosen.expect("good").desk.notices;
    assert!(!chosen.kinds.contains(&NoticeKind::TokenMade));
    assert_eq!(chosen.kinds.len(), NoticeKind::ALL.len() - 1);
    assert_eq!(chosen.administrators, [NoticeKind::TokenLeaked]);
    assert_eq!(chosen.expiry_days, [30, 7, 1]);
    let error = senseless(|keys| keys.notices.off = list(&[&format!("{made}x")]));
    assert!(error.starts_with("notices.off: ") && error.contains(leaked), "{error}");
    assert!(error.contains("Did you mean"), "{error}");
    // Of what no administrator would know what to do about it.
    let expires = NoticeKind::TokenExpires.code();
    let error = senseless(|keys| keys.notices.to_administrators = list(&[expires]));
    assert!(error.starts_with("notices.to_administrators: ") && error.contains(made), "{error}");
    let error = senseless(|keys| {
        keys.notices.off = list(&[made]);
        keys.notices.to_administrators = list(&[made]);
    });
    assert!(error.starts_with("notices.to_administrators: "), "{error}");
    let none: &[&str] = &[];
    for days in [none, &["0"], &["366"], &["-1"], &["soon"], &["1.5"]] {
        let error = senseless(|keys| keys.notices.expiry_days = list(days));
        assert!(error.starts_with("notices.expiry_days: "), "{days:?}: {error}");
    }
    let many: Vec<String> = (1..=9).map(|day| day.to_string()).collect();
    let error = senseless(|keys| keys.notices.expiry_days = many);
    assert!(error.starts_with("notices.expiry_days: "), "{error}");
}
