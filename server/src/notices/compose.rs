//! A notice in words: what a mail's plain text and its HTML are both made from. Whatever somebody
//! else wrote (a description, a name) is one line without anything that nobody sees. Tests:
//! `compose_tests.rs`. What is said of each kind: [`super::wording`].

use std::fmt::Write as _;

use desk::{Actor, FoundLeak, Notice, NoticeKind};
use url::Url;

use super::inserted::inserted;
use super::wording::{leak, wording};

/// The most characters in a line of plain text.
const WIDTH: usize = 76;

/// Where it is chosen what comes.
pub(super) const NOTICES: &str = "/settings/notices";

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

/// The notice in words.
pub(super) fn compose(notice: &Notice, site: &Site) -> Words {
    let wording = wording(notice);
    let mut what = vec![wording.what];
    what.extend(detail(notice).filter(|_| notice.own_words));
    let links = wording.links.into_iter().map(|(label, path)| (label, site.page(&path))).collect();
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
        NoticeKind::ForAdministrators => "You get this as an administrator.".to_owned(),
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

/// What more there is to say, where it is not said in other words already: of several tokens, to
/// administrators.
fn detail(notice: &Notice) -> Option<String> {
    let tells = notice.token.is_none() || notice.kind == NoticeKind::ForAdministrators;
    Some(inserted(&notice.detail)).filter(|detail| tells && !detail.is_empty())
}

/// What is known of it.
fn facts(notice: &Notice) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let leak = leak(notice);
    if let Some(token) = &notice.token {
        facts.push(("Token", inserted(&token.description)));
        if token.from_rt {
            facts.push(("Made in", "Request Tracker".to_owned()));
        }
        // It has ended already.
        if notice.kind != NoticeKind::TokenLeaked {
            let ends = token.expires.map_or_else(|| "never".to_owned(), desk::Moment::exact);
            facts.push(("Ends", ends));
        }
    }
    // What somebody else wrote is a fact, whatever it looks like, and never Latchkey's own word.
    if let Some(detail) = detail(notice).filter(|_| !notice.own_words) {
        let of = leak.map(|leak| inserted(leak.of)).filter(|of| !of.is_empty());
        facts.push(("What", of.unwrap_or(detail)));
    }
    if !notice.quoted.is_empty() {
        facts.push(("Detail", quoted(&notice.quoted)));
    }
    // An end and a question are told when they are due: that moment is nobody's news.
    let is_due = matches!(
        notice.kind,
        NoticeKind::TokenExpires | NoticeKind::TokenIdle | NoticeKind::OldStringsEnd
    );
    if !is_due {
        facts.push(("When", notice.at.exact()));
    }
    if let Some(FoundLeak { by, place, used, .. }) = leak {
        facts.push(("Reported by", inserted(by)));
        if !place.is_empty() {
            let is_own = notice.kind == NoticeKind::TokenLeaked;
            facts.push(("Found at", if is_own { inserted(place) } else { quoted(place) }));
        }
        facts.push(("Last used", inserted(if used.is_empty() { "never used" } else { used })));
    }
    // Of these two it is said in other words.
    let by = match Actor::from(notice.by_code.clone()) {
        Actor::Token | Actor::LeakReport => "",
        _ => notice.by.as_str(),
    };
    let (from, network) = (notice.address.as_str(), notice.network.as_str());
    for (what, text) in [("By", by), ("From", from), ("Network", network)] {
        let text = inserted(text);
        if !text.is_empty() {
            facts.push((what, text));
        }
    }
    facts
}

/// What somebody else wrote, as administrators read it.
fn quoted(text: &str) -> String {
    format!("“{}”", inserted(text))
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
