//! A message to the person.

use desk::Refusal;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::paths;

/// How a message looks and is announced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// Good to know.
    Info,
    /// Done.
    #[default]
    Good,
    /// Something is to be done.
    Warn,
    /// Refused or broken.
    Bad,
}

impl NoticeKind {
    /// The value of `data-kind`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// A message, perhaps with links to what comes next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// How it looks.
    pub kind: NoticeKind,
    /// What it says; a line each where it is more than one.
    pub text: String,
    /// Paths of this site, and the words that lead there.
    #[serde(default)]
    pub links: Vec<(String, String)>,
}

impl Notice {
    /// Something was done.
    #[must_use]
    pub fn good(text: impl Into<String>) -> Self {
        Self { kind: NoticeKind::Good, text: text.into(), links: Vec::new() }
    }

    /// Something was refused or is broken.
    #[must_use]
    pub fn bad(text: impl Into<String>) -> Self {
        Self { kind: NoticeKind::Bad, text: text.into(), links: Vec::new() }
    }

    /// Why a form was refused; that it was done already is good news, or is to be looked at.
    #[must_use]
    pub(crate) fn refused(refusal: &Refusal) -> Self {
        let kind = match refusal {
            Refusal::SentAlready { good: true, .. } => NoticeKind::Good,
            Refusal::SentAlready { .. } => NoticeKind::Warn,
            _ => NoticeKind::Bad,
        };
        Self { kind, ..Self::good(refusal.to_string()) }
    }

    /// The same with one more link.
    #[must_use]
    pub fn with_link(mut self, path: impl Into<String>, words: impl Into<String>) -> Self {
        self.links.push((path.into(), words.into()));
        self
    }
}

/// Draws a notice. It announces nothing by itself: it is part of a page or of the live region.
#[component]
pub fn NoticeBox(
    /// What to draw.
    notice: Notice,
) -> impl IntoView {
    let Notice { kind, text, links } = notice;
    // A notice may come from a cookie: its links lead to this site or are not drawn.
    let links = links.into_iter().filter(|(path, _)| paths::same_site(path).is_some());
    let links = links.enumerate().map(|(nth, (path, words))| {
        view! {
            {if nth == 0 { " " } else { " · " }}
            <a href=path>{words}</a>
        }
    });
    let links: Vec<_> = links.collect();
    view! {
        <div class="notice" data-kind=kind.word()>
            <p>{text}{links}</p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn that_it_was_done_already_is_good_news_unless_something_of_it_was_missed() {
        let sent = |good| Refusal::SentAlready { did: "It was done.".to_owned(), good };
        for (refusal, kind) in [
            (sent(true), NoticeKind::Good),
            (sent(false), NoticeKind::Warn),
            (Refusal::TokenChanged, NoticeKind::Bad),
        ] {
            let notice = Notice::refused(&refusal);
            assert_eq!((notice.kind, notice.text), (kind, refusal.to_string()));
        }
    }
}
