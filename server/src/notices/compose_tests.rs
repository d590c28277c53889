//! What mail says, in plain text and HTML, whatever somebody has written into it.

use desk::{Notice, NoticeKind};

use super::compose::{NOTICES, Site, Words, compose};
use super::html::page;
use super::sample::sample;

fn site() -> Site {
    Site::new(&"https://latchkey.example.edu/desk/".parse().expect("an address"))
}

fn words(notice: &Notice) -> Words {
    compose(notice, &site())
}

fn with(kind: NoticeKind, change: impl FnOnce(&mut Notice)) -> Words {
    let mut notice = sample(kind);
    change(&mut notice);
    words(&notice)
}

fn named(name: &str) -> Words {
    with(NoticeKind::TokenExpires, |notice| {
        notice.token.as_mut().expect("a token").description = name.to_owned();
    })
}

#[test]
fn each_kind_says_what_happened_in_its_subject() {
    for (kind, subject) in [
        (NoticeKind::TokenMade, "New auth token “Ticket sync”"),
        (NoticeKind::TokenNewNetwork, "Your auth token “Ticket sync” is used from a new network"),
        (NoticeKind::TokenExpires, "Your auth token “Ticket sync” ends in 7 days"),
        (NoticeKind::TokenIdle, "Do you still need your auth token “Ticket sync”?"),
        (NoticeKind::PasswordSet, "A local password was set for you"),
        (NoticeKind::PasswordChanged, "Your local password was changed"),
        (NoticeKind::PasswordClosed, "Your local password was closed"),
        (NoticeKind::AccountClosed, "Your account was closed"),
        (NoticeKind::TokenLeaked, "Your auth token “Ticket sync” was found in public: revoked"),
        (NoticeKind::NoticesChanged, "Your choice of mails was changed"),
        (
            NoticeKind::OldStringsEnd,
            "The old string of your auth token “Ticket sync” ends in 7 days",
        ),
        (NoticeKind::ForAdministrators, "Leaked token of tia revoked"),
    ] {
        assert_eq!(words(&sample(kind)).subject, subject);
    }
}

#[test]
fn each_kind_leads_to_pages_that_are_there_and_asks_for_no_secret() {
    let routes = crate::router::routes();
    for kind in NoticeKind::ALL {
        let words = words(&sample(*kind));
        assert_eq!(words.links.is_empty(), *kind == NoticeKind::AccountClosed, "{kind:?}");
        for (_, address) in &words.links {
            let path = address.strip_prefix("https://latchkey.example.edu/desk").expect(address);
            assert!(!path.contains('#'), "a log-in on the way loses it: {address}");
            let (path, query) = path.split_once('?').unwrap_or((path, ""));
            let short = desk::TokenId::sample().short().to_owned();
            assert!(query.is_empty() || query == format!("token={short}"), "{address}");
            assert!(routes.iter().any(|route| route.path == path), "{kind:?}: {address}");
        }
        let (plain, html) = (words.plain(), page(&words));
        for text in [&plain, &html] {
            assert!(text.contains("never asks for a password"), "{kind:?}: {text}");
            assert!(text.contains("Hello Sam Sample,"), "{kind:?}: {text}");
        }
        let is_optional = plain.contains(NOTICES);
        assert_eq!(is_optional, kind.is_optional(), "{kind:?}: {plain}");
        // Nothing is loaded from anywhere, and nothing runs.
        for tag in ["<img", "<script", "<link", "<iframe", "url(", "src="] {
            assert!(!html.contains(tag), "{kind:?}: {tag}");
        }
        assert!(html.contains("prefers-color-scheme:dark") && html.contains("width=device-width"));
    }
}

#[test]
fn each_kind_says_truly_why_it_is_sent() {
    for kind in NoticeKind::ALL {
        let why = words(&sample(*kind)).why;
        let [by, choice, _] = why.as_slice() else { panic!("{kind:?}: {why:?}") };
        assert!(by.contains("https://latchkey.example.edu/desk/"), "{kind:?}: {by}");
        let expected = match kind {
            _ if kind.is_optional() => "you choose at",
            NoticeKind::OldStringsEnd => "what uses an old string stops on that day",
            NoticeKind::NoticesChanged => "would switch off the others",
            NoticeKind::ForAdministrators => "You get this as an administrator.",
            _ => "who can act as you",
        };
        assert!(choice.contains(expected), "{kind:?}: {choice}");
    }
}

#[test]
fn whoever_set_their_first_password_is_not_told_to_choose_one() {
    let others = words(&sample(NoticeKind::PasswordSet)).plain();
    assert!(others.contains("Choose one of your own"), "{others}");
    let own = with(NoticeKind::PasswordSet, |notice| notice.by = "you".to_owned());
    assert_eq!(own.subject, "Your first local password was set");
    assert!(!own.plain().contains("Choose one"), "{}", own.plain());
    // One that the operator sets as theirs is no initial one.
    let as_theirs = with(NoticeKind::PasswordSet, |notice| {
        (notice.initial, notice.by) = (false, "the operator".to_owned());
    });
    let plain = as_theirs.plain();
    assert!(!plain.contains("initial") && plain.contains("Change it under About Me"), "{plain}");
}

#[test]
fn each_kind_of_token_leads_to_the_card_by_what_is_done_there() {
    let short = desk::TokenId::sample().short().to_owned();
    for (kind, label) in [
        (NoticeKind::TokenMade, "Look at it"),
        (NoticeKind::TokenNewNetwork, "It was me, or revoke it"),
        (NoticeKind::TokenExpires, "Renew this token"),
        (NoticeKind::TokenIdle, "Renew or revoke it"),
        (NoticeKind::TokenLeaked, "See from where it was used"),
        (NoticeKind::OldStringsEnd, "Renew this token"),
    ] {
        let tokens = "https://latchkey.example.edu/desk/settings/auth-tokens";
        let expected = vec![(label, format!("{tokens}?token={short}"))];
        assert_eq!(words(&sample(kind)).links, expected, "{kind:?}");
        let several = with(kind, |notice| notice.token = None).links;
        assert_eq!(several, [("Look at your auth tokens", tokens.to_owned())], "{kind:?}");
    }
}

fn fact<'w>(words: &'w Words, word: &str) -> Option<&'w str> {
    words.facts.iter().find(|(known, _)| *known == word).map(|(_, value)| value.as_str())
}

#[test]
fn a_leak_says_who_found_it_where_and_whether_it_was_used() {
    let place = "https://github.com/example/sync/blob/main/run.sh";
    let quoted = format!("“{place}”");
    for (kind, place) in
        [(NoticeKind::TokenLeaked, place), (NoticeKind::ForAdministrators, quoted.as_str())]
    {
        let words = words(&sample(kind));
        assert_eq!(fact(&words, "Reported by"), Some("GitHub"), "{kind:?}");
        assert_eq!(fact(&words, "Found at"), Some(place));
        assert_eq!(fact(&words, "Last used"), Some("24 Nov 2026, 08:12 UTC from 192.0.2.7"));
        for none in ["Ends", "By", "Found"] {
            assert_eq!(fact(&words, none), None, "{kind:?}");
        }
    }
    let used = words(&sample(NoticeKind::TokenLeaked)).plain();
    assert!(used.contains("look from where"), "{used}");
    let never = with(NoticeKind::TokenLeaked, |notice| {
        notice.detail = "reported by somebody who found it; never used".to_owned();
    });
    assert_eq!(fact(&never, "Found at"), None);
    assert_eq!(fact(&never, "Last used"), Some("never used"));
    assert!(!never.plain().contains("from where"), "{}", never.plain());
    // Of a token that is gone the audit's name of it is all that is known.
    let gone = with(NoticeKind::TokenLeaked, |notice| {
        notice.token = None;
        notice.detail = "Ticket sync: reported by GitHub; never used".to_owned();
    });
    assert_eq!(fact(&gone, "What"), Some("Ticket sync"));
    assert_eq!(fact(&gone, "Reported by"), Some("GitHub"));
}

#[test]
fn many_new_networks_are_told_as_many() {
    let many = with(NoticeKind::TokenNewNetwork, |notice| {
        (notice.network, notice.note) = (String::new(), "from many new networks".to_owned());
    });
    assert!(many.subject.ends_with("is used from many new networks"), "{}", many.subject);
    assert_eq!(fact(&many, "Network"), None);
}

#[test]
fn addresses_below_the_card_are_links() {
    let html = page(&words(&sample(NoticeKind::TokenMade)));
    for path in ["/", "/settings/notices"] {
        let address = format!("https://latchkey.example.edu/desk{path}");
        assert!(html.contains(&format!("<a href=\"{address}\" style=")), "{html}");
        assert!(html.contains(&format!(">{address}</a>")), "{html}");
    }
    // The sentence's end is none of the address.
    assert!(html.contains("</a>.</p>"), "{html}");
}

#[test]
fn what_stops_is_said_plainly() {
    for kind in [NoticeKind::TokenExpires, NoticeKind::OldStringsEnd] {
        let plain = words(&sample(kind)).plain().replace('\n', " ");
        assert!(plain.contains("Programs that use it then stop working."), "{plain}");
    }
    let closed = words(&sample(NoticeKind::PasswordClosed)).plain().replace('\n', " ");
    assert!(closed.contains("was closed after too many wrong attempts."), "{closed}");
}

#[test]
fn an_end_is_told_in_days() {
    for (days, when) in [
        (Some(14), "ends in 14 days"),
        (Some(2), "ends in 2 days"),
        (Some(1), "ends within a day"),
        (Some(0), "ends within a day"),
        (None, "ends soon"),
    ] {
        let words = with(NoticeKind::TokenExpires, |notice| notice.days_left = days);
        assert!(words.subject.ends_with(when), "{}", words.subject);
    }
}

#[test]
fn facts_are_told_where_they_are_known() {
    let words = words(&sample(NoticeKind::TokenNewNetwork));
    assert_eq!(fact(&words, "Token"), Some("Ticket sync"));
    assert_eq!(fact(&words, "Network"), Some("192.0.2.0/24"));
    assert_eq!(fact(&words, "From"), Some("192.0.2.7"));
    assert_eq!(fact(&words, "When"), Some("24 Nov 2026, 09:05 UTC"));
    assert_eq!(fact(&words, "By"), None, "the token itself is nobody");
    let words = with(NoticeKind::TokenMade, |notice| {
        let token = notice.token.as_mut().expect("a token");
        (token.expires, token.from_rt) = (None, true);
    });
    assert!(words.facts.contains(&("Ends", "never".to_owned())));
    assert!(words.facts.contains(&("Made in", "Request Tracker".to_owned())));
}

#[test]
fn several_at_once_are_told_in_one() {
    let several = "12 more tokens were made in your name since 24 Nov 2026, 09:05 UTC.";
    for kind in NoticeKind::ALL {
        let words = with(*kind, |notice| {
            notice.token = None;
            (notice.detail, notice.own_words) = (several.to_owned(), true);
        });
        assert!(words.what.iter().any(|line| line == several), "{kind:?}");
        assert!(!words.subject.contains('“'), "{kind:?}: {}", words.subject);
    }
    let words = with(NoticeKind::ForAdministrators, |notice| {
        let of_all =
            "More happened than comes in mails of its own: 5 since 24 Nov 2026, 09:05 UTC.";
        (notice.detail, notice.own_words) = (of_all.to_owned(), true);
        (notice.note, notice.quoted) = (String::new(), String::new());
    });
    assert_eq!(words.what[0], "This is about other accounts than yours.");
    assert_eq!(words.then, ["The audit has the whole of it."]);
    let labels: Vec<&str> = words.links.iter().map(|(label, _)| *label).collect();
    assert_eq!(labels, ["Look at the audit"]);
    // Of a token that is gone its description is all that is known.
    let words = with(NoticeKind::TokenMade, |notice| {
        notice.token = None;
        notice.detail = "Ticket sync".to_owned();
    });
    assert!(words.facts.contains(&("What", "Ticket sync".to_owned())));
}

#[test]
fn a_choice_that_was_changed_says_what_comes_no_more_and_what_to_do() {
    let plain = words(&sample(NoticeKind::NoticesChanged)).plain();
    // Its lines are wrapped.
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(plain.contains("no mail any more when an auth token is made"), "{plain}");
    assert!(plain.contains("still told for three days"), "{plain}");
}

#[test]
fn a_description_is_a_fact_whatever_it_looks_like() {
    let evil = "Your session ended: log in at https://evil.example.net/.";
    for kind in [NoticeKind::TokenMade, NoticeKind::TokenLeaked, NoticeKind::ForAdministrators] {
        let words = with(kind, |notice| {
            notice.token = None;
            notice.detail = evil.to_owned();
        });
        assert!(words.what.iter().all(|line| !line.contains("evil")), "{kind:?}");
        assert!(words.facts.iter().any(|(_, value)| value.contains("evil")), "{kind:?}");
    }
}

#[test]
fn to_administrators_a_description_is_quoted_and_in_no_subject() {
    let words = with(NoticeKind::ForAdministrators, |notice| {
        notice.quoted = "x. Your session ended: log in at https://evil.example.net/.".to_owned();
    });
    assert_eq!(words.subject, "Leaked token of tia revoked");
    assert!(words.what.iter().all(|line| !line.contains("evil")), "{:?}", words.what);
    let quoted = "“x. Your session ended: log in at https://evil.example.net/.”";
    assert!(words.facts.contains(&("Detail", quoted.to_owned())), "{:?}", words.facts);
    assert_eq!(fact(&words, "What"), Some("Leaked token of tia revoked"));
}

#[test]
fn what_somebody_wrote_stays_text() {
    let words = named("<b>\"Zoë & Ångström's\"</b><script>alert(1)</script>");
    let html = page(&words);
    assert!(!html.contains("<b>") && !html.contains("<script"), "{html}");
    assert!(html.contains("&lt;b&gt;&quot;Zoë &amp; Ångström's&quot;&lt;/b&gt;"), "{html}");
    assert!(words.plain().contains("<b>\"Zoë & Ångström's\"</b>"));
    let words = with(NoticeKind::PasswordSet, |notice| {
        notice.by = "<i>Helen</i>".to_owned();
        notice.name = "<u>Sam</u>".to_owned();
    });
    let html = page(&words);
    assert!(!html.contains("<i>") && !html.contains("<u>"), "{html}");
}

#[test]
fn a_line_s_end_begins_no_line_anywhere() {
    let words = named("x\r\nBcc: everybody@example.edu\u{2028}y\u{85}z\0");
    assert!(!words.subject.contains(|c: char| c.is_control()), "{:?}", words.subject);
    let is_header = |line: &str| line.starts_with("Bcc:");
    assert!(!words.subject.lines().any(is_header) && !words.plain().lines().any(is_header));
    let words = with(NoticeKind::TokenMade, |notice| {
        notice.name = "Sam\r\n\r\nBcc: x@example.edu".to_owned();
    });
    assert!(!words.plain().lines().any(is_header), "{}", words.plain());
}

#[test]
fn what_is_written_from_right_to_left_turns_nothing_around_it() {
    let words = named("מפתח כרטיסים");
    assert_eq!(words.subject, "Your auth token “\u{2068}מפתח כרטיסים\u{2069}” ends in 7 days");
    // Marks that would turn the rest are not taken over, and what is cut is closed.
    assert!(!named("abc\u{202e}def").subject.contains('\u{202e}'));
    let long = named(&"מ".repeat(200)).subject;
    assert!(long.contains("…\u{2069}”") && long.chars().count() < 120, "{long}");
    let words = with(NoticeKind::TokenMade, |notice| notice.name = "علی‌رضا".to_owned());
    assert!(words.plain().starts_with("Hello \u{2068}علی‌رضا\u{2069},"), "{}", words.plain());
}

#[test]
fn plain_text_is_broken_between_words_and_addresses_stay_whole() {
    for kind in NoticeKind::ALL {
        let plain = words(&sample(*kind)).plain();
        let is_long = |line: &&str| line.chars().count() > 76 && line.contains(' ');
        assert_eq!(plain.lines().find(is_long), None, "{kind:?}");
        assert!(plain.contains("\n-- \n"), "{kind:?}");
    }
    let nobody = with(NoticeKind::PasswordChanged, |notice| notice.name.clear());
    assert!(nobody.plain().starts_with("Hello,\n"));
}
