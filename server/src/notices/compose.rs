//! A notice in words: what a mail's plain text and its HTML are both made from. Whatever somebody
//! else wrote (a description, a name) is one line without anything that nobody sees. Tests:
//! `compose_tests.rs`.

use std::fmt::Write as _;

use desk::{Notice, NoticeKind, plain_line};
use url::Url;

use super::not_of_tokens::{for_administrators, notices_changed};

/// The most characters in a line of plain text.
const WIDTH: usize = 76;

/// The most characters of a description in a subject.
const IN_SUBJECT: usize = 60;

/// Whoever did it is whom it is told.
const YOU: &str = "you";

/// Pages that mail leads to.
pub(super) const TOKENS: &str = "/settings/auth-tokens";
pub(super) const ABOUT_ME: &str = "/settings/about-me";
pub(super) const ACTIVITY: &str = "/settings/activity";
pub(super) const NOTICES: &str = "/settings/notices";
pub(super) const AUDIT: &str = "/admin/audit";

/// A notice in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) subject: String,
    /// Whom it greets; empty: nobody by name.
    pub(super) name: String,
    /// What has happened, and what it means.
    pub(super) what: Vec<String>,
    /// What is known of it: a word and a value each.
    pub(super) facts: Vec<(&'static str, String)>,
    /// What can be done about it.
    pub(super) then: Vec<String>,
    /// Where: a label and an address.
    pub(super) links: Vec<(&'static str, String)>,
    /// Why it was sent.
    pub(super) why: Vec<String>,
}

/// Where pages are.
#[derive(Clone, Debug)]
pub(crate) struct Site(String);

impl Site {
    pub(crate) fn new(public_url: &Url) -> Self {
        Self(public_url.as_str().trim_end_matches('/').to_owned())
    }

    pub(super) fn page(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

/// What is said of one kind.
pub(super) struct Wording {
    pub(super) subject: String,
    pub(super) what: String,
    pub(super) then: &'static str,
    pub(super) links: Vec<(&'static str, &'static str)>,
}

/// The notice in words.
pub(super) fn compose(notice: &Notice, site: &Site) -> Words {
    let wording = wording(notice);
    let mut what = vec![wording.what];
    what.extend(detail(notice).filter(|_| notice.own_words));
    let mut links: Vec<(&'static str, String)> =
        wording.links.into_iter().map(|(label, path)| (label, site.page(path))).collect();
    // There, beside the token, are the buttons that answer.
    if let (NoticeKind::TokenNewNetwork, Some(token)) = (notice.kind, &notice.token) {
        for (_, address) in links.iter_mut().filter(|(_, address)| address.ends_with(TOKENS)) {
            let _ = write!(address, "#token-{}", token.id.short());
        }
    }
    Words {
        subject: wording.subject,
        name: inserted(&notice.name),
        what,
        facts: facts(notice),
        then: vec![wording.then.to_owned()],
        links,
        why: why(notice.kind, site),
    }
}

/// Why it is sent.
fn why(kind: NoticeKind, site: &Site) -> Vec<String> {
    let choice = match kind {
        _ if kind.is_optional() => {
            format!("Which of these you get, you choose at {}.", site.page(NOTICES))
        }
        NoticeKind::ForAdministrators => {
            "Whoever runs Latchkey chose that administrators are told of this.".to_owned()
        }
        NoticeKind::OldStringsEnd => {
            "Such mail is always sent, since what uses an old string stops on that day.".to_owned()
        }
        NoticeKind::NoticesChanged => {
            "Such mail is always sent, since whoever acts as you would switch off the others."
                .to_owned()
        }
        _ => "Such mail is always sent, since it is about who can act as you.".to_owned(),
    };
    vec![
        format!("Latchkey at {} wrote this by itself.", site.page("/")),
        choice,
        "Latchkey never asks for a password or a token by mail.".to_owned(),
    ]
}

/// What more there is to say, where it is not said in other words already: of several tokens, of a
/// leaked one, to administrators.
fn detail(notice: &Notice) -> Option<String> {
    let tells = notice.token.is_none()
        || matches!(notice.kind, NoticeKind::TokenLeaked | NoticeKind::ForAdministrators);
    Some(inserted(&notice.detail)).filter(|detail| tells && !detail.is_empty())
}

fn wording(notice: &Notice) -> Wording {
    match notice.kind {
        NoticeKind::TokenMade
        | NoticeKind::TokenNewNetwork
        | NoticeKind::TokenExpires
        | NoticeKind::TokenIdle
        | NoticeKind::TokenLeaked
        | NoticeKind::OldStringsEnd => of_token(notice),
        NoticeKind::PasswordSet if notice.by == YOU => Wording {
            subject: "Your first local password was set".to_owned(),
            what: "Your account has its first local password. It was set in your name.".to_owned(),
            then: "If it was you, there is nothing to do. If it was not, tell your Help Desk at \
                once.",
            links: vec![("Look at what was done", ACTIVITY)],
        },
        NoticeKind::PasswordSet => Wording {
            subject: "A local password was set for you".to_owned(),
            what: "Somebody who may do so has set a local password for your account.".to_owned(),
            then: "Choose one of your own under About Me: an initial one is good for nothing else, \
                and after seven days for nothing at all. If you have not asked for it, tell your \
                Help Desk.",
            links: vec![("Choose your own", ABOUT_ME)],
        },
        NoticeKind::PasswordChanged => Wording {
            subject: "Your local password was changed".to_owned(),
            what: "The local password of your account was changed. Your auth tokens work as \
                before."
                .to_owned(),
            then: "If it was you, there is nothing to do. If it was not, tell your Help Desk at \
                once, and revoke the tokens that you do not know.",
            links: vec![("Look at what was done", ACTIVITY), ("Look at your auth tokens", TOKENS)],
        },
        NoticeKind::PasswordClosed => Wording {
            subject: "Your local password was closed".to_owned(),
            what:
                "After too many wrong ones your local password was closed: it is not taken until \
                it is opened again. Log-in and your auth tokens work as before."
                    .to_owned(),
            then: "Ask your Help Desk to open it. If it was not you who typed them, somebody is \
                logged in as you: tell them so.",
            links: vec![("Look at what was done", ACTIVITY)],
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

/// Of tokens: one, or several that are told of together.
fn of_token(notice: &Notice) -> Wording {
    let one = notice.token.as_ref().map(|token| shortened(&inserted(&token.description)));
    let its = format!("Your auth token “{}”", one.as_deref().unwrap_or_default());
    let mut links = vec![("Look at your auth tokens", TOKENS)];
    let (subject, what, then) = match notice.kind {
        NoticeKind::TokenMade => (
            named("New auth token", one.as_deref(), "New auth tokens"),
            "An auth token was made for your account: whoever has it can act as you.".to_owned(),
            "If it was you, there is nothing to do. If it was not, revoke it and change your local \
             password.",
        ),
        NoticeKind::TokenNewNetwork => (
            match &one {
                Some(name) => format!("Your auth token “{name}” is used from a new network"),
                None => "Your auth tokens are used from new networks".to_owned(),
            },
            format!(
                "{its} is used from a network that it was never used from before. Nothing was \
                 stopped."
            ),
            "If you know why, say that it was you. If you do not, revoke it: what uses it is \
             refused from then on.",
        ),
        NoticeKind::TokenExpires => {
            let when = ahead(notice.days_left);
            (
                match &one {
                    Some(name) => format!("Your auth token “{name}” ends {when}"),
                    None => "Some of your auth tokens end soon".to_owned(),
                },
                format!("{its} ends {when}. From then on, what uses it is refused."),
                "If something still uses it, renew it: the new token goes where the old one is \
                 now. If nothing does, let it end.",
            )
        }
        NoticeKind::TokenIdle => (
            match &one {
                Some(name) => format!("Do you still need your auth token “{name}”?"),
                None => "Do you still need these auth tokens?".to_owned(),
            },
            format!("{its} ends soon, and nothing has used it lately."),
            "If you need it, renew it before then. If you do not, let it end, or revoke it now, so \
             that nobody else can use it. You are not asked again.",
        ),
        NoticeKind::OldStringsEnd => {
            let when = ahead(notice.days_left);
            (
                match &one {
                    Some(name) => format!("The old string of your auth token “{name}” ends {when}"),
                    None => format!("Old strings of your auth tokens end {when}"),
                },
                format!(
                    "{its} was made in Request Tracker, whose strings end here {when}. From then \
                     on, what uses it is refused."
                ),
                "Renew it on the page Auth Tokens, and put the new token where the old one is now.",
            )
        }
        // A token that was found, and whatever else may come to be told of tokens.
        _ => {
            links.push(("See who used it", ACTIVITY));
            (
                match &one {
                    Some(name) => format!("Your auth token “{name}” was found in public: revoked"),
                    None => "Auth tokens of yours were found in public: revoked".to_owned(),
                },
                format!(
                    "{its} was found where strangers can read it. Latchkey has revoked it: what \
                     uses it is refused."
                ),
                "Make a new one for what used it, take the old one out of the place where it was \
                 found, and look who used it.",
            )
        }
    };
    // What is known of several stands beside it, in a sentence of its own.
    let what = if one.is_none() { "This is about auth tokens of yours.".to_owned() } else { what };
    Wording { subject, what, then, links }
}

fn named(what: &str, one: Option<&str>, several: &str) -> String {
    one.map_or_else(|| several.to_owned(), |name| format!("{what} “{name}”"))
}

/// How far ahead, in words.
fn ahead(days: Option<i64>) -> String {
    match days {
        None => "soon".to_owned(),
        Some(..=1) => "within a day".to_owned(),
        Some(days) => format!("in {days} days"),
    }
}

/// What is known of it.
fn facts(notice: &Notice) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(token) = &notice.token {
        facts.push(("Token", inserted(&token.description)));
        if token.from_rt {
            facts.push(("Made in", "Request Tracker".to_owned()));
        }
        let ends = token.expires.map_or_else(|| "never".to_owned(), desk::Moment::exact);
        facts.push(("Ends", ends));
    }
    // What somebody else wrote is a fact, whatever it looks like, and never Latchkey's own word.
    if let Some(detail) = detail(notice).filter(|_| !notice.own_words) {
        facts.push((if notice.token.is_none() { "What" } else { "Found" }, detail));
    }
    if !notice.quoted.is_empty() {
        facts.push(("Detail", format!("“{}”", inserted(&notice.quoted))));
    }
    // An end and a question are told when they are due: that moment is nobody's news.
    let is_due = matches!(
        notice.kind,
        NoticeKind::TokenExpires | NoticeKind::TokenIdle | NoticeKind::OldStringsEnd
    );
    if !is_due {
        facts.push(("When", notice.at.exact()));
    }
    for (what, text) in
        [("By", &notice.by), ("From", &notice.address), ("Network", &notice.network)]
    {
        let text = inserted(text);
        if !text.is_empty() {
            facts.push((what, text));
        }
    }
    facts
}

/// What somebody else wrote, as one line that leaves the text around it as it is: what is written
/// from right to left is kept to itself.
pub(super) fn inserted(text: &str) -> String {
    let line = plain_line(text);
    if line.contains(is_from_the_right) { format!("\u{2068}{line}\u{2069}") } else { line }
}

/// Hebrew, Arabic and their neighbours.
const fn is_from_the_right(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFE}'
        | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

/// Its beginning, where it is long; closed again where it is kept to itself.
pub(super) fn shortened(text: &str) -> String {
    if text.chars().count() <= IN_SUBJECT {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(IN_SUBJECT - 1).collect();
    short.push('…');
    if short.starts_with('\u{2068}') {
        short.push('\u{2069}');
    }
    short
}

impl Words {
    /// As plain text.
    pub(super) fn plain(&self) -> String {
        let mut text = self.greeting();
        text.push_str("\n\n");
        let paragraph = |text: &mut String, line: &str| {
            text.push_str(&wrapped(line));
            text.push('\n');
        };
        self.what.iter().for_each(|line| paragraph(&mut text, line));
        let widest = self.facts.iter().map(|(word, _)| word.len()).max().unwrap_or_default();
        for (word, value) in &self.facts {
            let _ = writeln!(text, "  {word:widest$}  {value}");
        }
        text.push('\n');
        self.then.iter().for_each(|line| paragraph(&mut text, line));
        for (label, address) in &self.links {
            let _ = writeln!(text, "{label}:\n{address}\n");
        }
        text.push_str("-- \n");
        self.why.iter().for_each(|line| text.push_str(&wrapped(line)));
        text
    }

    pub(super) fn greeting(&self) -> String {
        if self.name.is_empty() { "Hello,".to_owned() } else { format!("Hello {},", self.name) }
    }
}

/// Broken between words, so that no line is longer than it has to be.
fn wrapped(text: &str) -> String {
    let (mut lines, mut used) = (String::new(), 0);
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > WIDTH {
            lines.push('\n');
            used = 0;
        } else if used > 0 {
            lines.push(' ');
            used += 1;
        }
        lines.push_str(word);
        used += length;
    }
    lines.push('\n');
    lines
}
