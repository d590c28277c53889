//! The pages for everybody: log-in, Settings, Help, and what is said instead of a page. One of the two sets that have a WASM of
//! their own.

use desk::{AuditPage, Refusal, SessionView};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::draw::{Page, Set};
use crate::errors::{NotFound, RefusedPage, refused_title};
use crate::help::HelpPage;
use crate::login::LoginPage;
use crate::settings::about_me::AboutMePage;
use crate::settings::activity::ActivityPage;
use crate::settings::auth_tokens::{AuthTokensPage, Tokens};
use crate::settings::sessions::SessionsPage;

/// The pages for everybody.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each is the page of that name")]
pub enum SettingsPage {
    LogIn,
    AboutMe,
    AuthTokens(Tokens),
    Sessions(Vec<SessionView>),
    Activity(AuditPage),
    /// The guides as HTML.
    Help(String),
    Refused(Refusal),
    NotFound,
}

impl Page for SettingsPage {
    const SET: Option<Set> = Some(Set::Settings);

    fn title(&self) -> String {
        match self {
            Self::LogIn => "Log in",
            Self::AboutMe => "About Me",
            Self::AuthTokens(_) => "Auth Tokens",
            Self::Sessions(_) => "Sessions",
            Self::Activity(_) => "Activity",
            Self::Help(_) => "Help",
            Self::Refused(refusal) => refused_title(refusal),
            Self::NotFound => "Page not found",
        }
        .to_owned()
    }

    fn status(&self) -> u16 {
        match self {
            Self::Refused(refusal) => refusal.status(),
            Self::NotFound => 404,
            _ => 200,
        }
    }

    fn shows_once(&self) -> bool {
        matches!(self, Self::AuthTokens(Tokens { fresh: Some(_), .. }))
    }

    /// The browser is not told the guides: it has them on the page.
    fn for_browser(&self) -> Self {
        if matches!(self, Self::Help(_)) { Self::Help(String::new()) } else { self.clone() }
    }

    fn draw(self) -> AnyView {
        match self {
            Self::LogIn => view! { <LoginPage/> }.into_any(),
            Self::AboutMe => view! { <AboutMePage/> }.into_any(),
            Self::AuthTokens(told) => view! { <AuthTokensPage told/> }.into_any(),
            Self::Sessions(told) => view! { <SessionsPage told/> }.into_any(),
            Self::Activity(told) => view! { <ActivityPage told/> }.into_any(),
            Self::Help(html) => view! { <HelpPage html/> }.into_any(),
            Self::Refused(refusal) => view! { <RefusedPage refusal/> }.into_any(),
            Self::NotFound => view! { <NotFound/> }.into_any(),
        }
    }
}
