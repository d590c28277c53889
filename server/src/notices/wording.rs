//! What is said of each kind of notice, and where it leads. Tests: `compose_tests.rs`.

use desk::{FoundLeak, Notice, NoticeKind};

use super::inserted::{inserted, shortened};

/// Whoever did it is whom it is told.
const YOU: &str = "you";

/// Pages that mail leads to.
const TOKENS: &str = "/settings/auth-tokens";
const ABOUT_ME: &str = "/settings/about-me";
const ACTIVITY: &str = "/settings/activity";
const AUDIT: &str = "/admin/audit";

/// What is said of one kind.
pub(super) struct Wording {
    pub(super) subject: String,
    pub(super) what: String,
    pub(super) then: &'static str,
    /// Labels, and paths of pages.
    pub(super) links: Vec<(&'static str, String)>,
}

pub(super) fn wording(notice: &Notice) -> Wording {
    match notice.kind {
        NoticeKind::TokenMade
        | NoticeKind::TokenNewNetwork
        | NoticeKind::TokenExpires
        | NoticeKind::TokenIdle
        | NoticeKind::TokenLeaked
        | NoticeKind::OldStringsEnd => of_token(notice),
        NoticeKind::PasswordSet => first_password(notice),
        NoticeKind::PasswordChanged => Wording {
            subject: "Your local password was changed".to_owned(),
            what: "The local password of your account was changed. Your auth tokens work as \
                before."
                .to_owned(),
            then: "If it was you, there is nothing to do. If it was not, tell your Help Desk at \
                once, and revoke the tokens that you do not know.",
            links: vec![
                ("Look at what was done", ACTIVITY.to_owned()),
                ("Look at your auth tokens", TOKENS.to_owned()),
            ],
        },
        NoticeKind::PasswordClosed => Wording {
            subject: "Your local password was closed".to_owned(),
            what: "Your local password was closed after too many wrong attempts. Log-in and your \
                auth tokens work as before."
                .to_owned(),
            then: "Ask your Help Desk to open it. If it was not you who typed them, somebody is \
                logged in as you: tell them so.",
            links: vec![("Look at what was done", ACTIVITY.to_owned())],
        },
        NoticeKind::AccountClosed => Wording {
            subject: "Your account was closed".to_owned(),
            what: "Your account here was closed: nobody can log in to it, and what uses your auth \
                tokens is refused."
                .to_owned(),
            then: "If that should not be so, ask your Help Desk.",
            // Whoever is let in nowhere is led nowhere.
            links: Vec::new(),
        },
        NoticeKind::NoticesChanged => notices_changed(),
        NoticeKind::ForAdministrators => for_administrators(notice),
    }
}

/// Mails were switched off: which ones, the notice says itself.
fn notices_changed() -> Wording {
    Wording {
        subject: "Your choice of mails was changed".to_owned(),
        what: "Some of the mails that Latchkey sends you were switched off.".to_owned(),
        then: "If it was you, there is nothing to do. If it was not, somebody is logged in as you: \
            log out everywhere else under Sessions, and tell your Help Desk at once. Of tokens \
            that are made and of new networks you are still told for three days after that is \
            switched off.",
        links: vec![
            ("Look at what was done", ACTIVITY.to_owned()),
            ("Look at your auth tokens", TOKENS.to_owned()),
        ],
    }
}

/// Something that happened to another account.
fn for_administrators(notice: &Notice) -> Wording {
    let detail = inserted(&notice.detail);
    let about = if detail.is_empty() { inserted(&notice.netid) } else { detail };
    Wording {
        subject: shortened(&about),
        what: if notice.own_words {
            "This is about other accounts than yours.".to_owned()
        } else {
            "This happened to another account.".to_owned()
        },
        then: "The audit has the whole of it.",
        links: vec![("Look at the audit", AUDIT.to_owned())],
    }
}

/// Of a local password that was set where there was none, or in another's place by the Help Desk.
fn first_password(notice: &Notice) -> Wording {
    if notice.by == YOU {
        return Wording {
            subject: "Your first local password was set".to_owned(),
            what: "Your account has its first local password. It was set in your name.".to_owned(),
            then: "If it was you, there is nothing to do. If it was not, tell your Help Desk at \
                once.",
            links: vec![("Look at what was done", ACTIVITY.to_owned())],
        };
    }
    let subject = "A local password was set for you".to_owned();
    if notice.initial {
        return Wording {
            subject,
            what: "Somebody who may do so has set a local password for your account.".to_owned(),
            then: "Choose one of your own under About Me: an initial one is good for nothing else, \
                and after seven days for nothing at all. If you have not asked for it, tell your \
                Help Desk.",
            links: vec![("Choose your own", ABOUT_ME.to_owned())],
        };
    }
    Wording {
        subject,
        what: "Your account has a local password that you can use as it is.".to_owned(),
        then: "Change it under About Me, so that nobody else knows it. If you have not asked for \
            it, tell your Help Desk.",
        links: vec![("Change it", ABOUT_ME.to_owned())],
    }
}

/// What is said of tokens: of one, or of several that are told of together.
struct OfToken {
    /// What leads to it, where it is one.
    label: &'static str,
    subject: String,
    what: String,
    then: &'static str,
}

fn of_token(notice: &Notice) -> Wording {
    let one = notice.token.as_ref().map(|token| shortened(&inserted(&token.description)));
    let words = match notice.kind {
        NoticeKind::TokenMade => OfToken {
            label: "Look at it",
            subject: match &one {
                Some(name) => format!("New auth token “{name}”"),
                None => "New auth tokens".to_owned(),
            },
            what: "An auth token was made for your account: whoever has it can act as you."
                .to_owned(),
            then: "If it was you, there is nothing to do. If it was not, revoke it and change your \
                local password.",
        },
        NoticeKind::TokenNewNetwork => new_network(notice, one.as_deref()),
        NoticeKind::TokenLeaked => leaked(notice, one.as_deref()),
        kind => ending(kind, one.as_deref(), &ahead(notice.days_left)),
    };
    let (link, what) = match &notice.token {
        // A log-in on the way keeps a query, and what stands behind `#` not.
        Some(token) => ((words.label, format!("{TOKENS}?token={}", token.id.short())), words.what),
        // What is known of several stands beside it, in a sentence of its own.
        None => (
            ("Look at your auth tokens", TOKENS.to_owned()),
            "This is about auth tokens of yours.".to_owned(),
        ),
    };
    Wording { subject: words.subject, what, then: words.then, links: vec![link] }
}

/// The token in a sentence's beginning.
fn its(one: Option<&str>) -> String {
    format!("Your auth token “{}”", one.unwrap_or_default())
}

fn new_network(notice: &Notice, one: Option<&str>) -> OfToken {
    let is_of_many = notice.network.is_empty() && !notice.note.is_empty();
    let from = if is_of_many { "many new networks" } else { "a new network" };
    OfToken {
        label: "It was me, or revoke it",
        subject: match one {
            Some(_) => format!("{} is used from {from}", its(one)),
            None => "Your auth tokens are used from new networks".to_owned(),
        },
        what: format!("{} is used from {from}. Nothing was stopped.", its(one)),
        then: "If you know why, say that it was you. If you do not, revoke it: what uses it is \
            refused from then on.",
    }
}

fn leaked(notice: &Notice, one: Option<&str>) -> OfToken {
    let is_unused = leak(notice).is_some_and(|leak| leak.used.is_empty());
    OfToken {
        label: if is_unused { "Look at it" } else { "See from where it was used" },
        subject: match one {
            Some(_) => format!("{} was found in public: revoked", its(one)),
            None => "Auth tokens of yours were found in public: revoked".to_owned(),
        },
        what: format!(
            "{} was found where strangers can read it. Latchkey has revoked it: what uses it is \
             refused.",
            its(one)
        ),
        then: if is_unused {
            "Take it out of the place where it was found, and make a new one if you need one."
        } else {
            "Make a new one for what used it, take the old one out of the place where it was \
             found, and look from where it was used."
        },
    }
}

/// Of tokens that end, by themselves or with their strings.
fn ending(kind: NoticeKind, one: Option<&str>, when: &str) -> OfToken {
    let its = its(one);
    match kind {
        NoticeKind::OldStringsEnd => OfToken {
            label: "Renew this token",
            subject: match one {
                Some(name) => format!("The old string of your auth token “{name}” ends {when}"),
                None => format!("Old strings of your auth tokens end {when}"),
            },
            what: format!(
                "{its} was made in Request Tracker, whose strings end here {when}. Programs that \
                 use it then stop working."
            ),
            then: "Renew it on the page Auth Tokens, and put the new token where the old one is \
                now.",
        },
        NoticeKind::TokenIdle => OfToken {
            label: "Renew or revoke it",
            subject: match one {
                Some(name) => format!("Do you still need your auth token “{name}”?"),
                None => "Do you still need these auth tokens?".to_owned(),
            },
            what: format!("{its} ends soon, and nothing has used it lately."),
            then: "If you need it, renew it before then. If you do not, let it end, or revoke it \
                now, so that nobody else can use it. You are not asked again.",
        },
        _ => OfToken {
            label: "Renew this token",
            subject: match one {
                Some(_) => format!("{its} ends {when}"),
                None => "Some of your auth tokens end soon".to_owned(),
            },
            what: format!("{its} ends {when}. Programs that use it then stop working."),
            then: "If something still uses it, renew it: the new token goes where the old one is \
                now. If nothing does, let it end.",
        },
    }
}

/// What is known of a leak; none: it is not about one, or about several.
pub(super) fn leak(notice: &Notice) -> Option<FoundLeak<'_>> {
    match notice.kind {
        NoticeKind::TokenLeaked => FoundLeak::read(&notice.detail),
        NoticeKind::ForAdministrators => FoundLeak::read(&notice.note),
        _ => None,
    }
}

/// How far ahead, in words.
fn ahead(days: Option<i64>) -> String {
    match days {
        None => "soon".to_owned(),
        Some(..=1) => "within a day".to_owned(),
        Some(days) => format!("in {days} days"),
    }
}
