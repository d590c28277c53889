//! Not found, not allowed, broken: pages in the frame that say what to do next, each with its HTTP
//! status.

use desk::{Denied, Refusal};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::pages::Page;

/// The page of an address that leads nowhere.
#[component]
fn NotFoundPage() -> impl IntoView {
    view! {
        <ErrorPage title=NotFound::TITLE>
            <p>
                "There is no page at this address. It may have been typed wrongly, or the page has \
                    moved."
            </p>
        </ErrorPage>
    }
}

/// The title of the page that shows a refusal.
pub(crate) fn refused_title(refusal: &Refusal) -> &'static str {
    match refusal.status() {
        401 => "Log in",
        403 => "Not allowed",
        404 => "Not found",
        429 => "Please wait",
        _ => Refused::TITLE,
    }
}

/// A refusal as a whole page: for pages that cannot show anything else.
#[component]
pub(crate) fn RefusedPage(
    /// Why there is no page.
    refusal: Refusal,
    /// What to name to whoever is asked for help; empty: nothing.
    help: String,
) -> impl IntoView {
    let next = match refusal.status() {
        401 | 404 | 429 => "",
        403 if refusal != Refusal::NotAllowed(Denied::RoleTooLow) => "",
        403 => {
            "If you need this for your work, ask an administrator of Latchkey to give you the role \
                for it."
        }
        _ => "If it happens again, tell your Help Desk what you did and when.",
    };
    let line = |text: String| (!text.is_empty()).then(|| view! { <p>{text}</p> });
    view! {
        <ErrorPage title=refused_title(&refusal)>
            <p>{refusal.to_string()}</p>
            {line(next.to_owned())}
            {line(help)}
        </ErrorPage>
    }
}

#[component]
fn ErrorPage(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <section class="box">
            <h1>{title}</h1>
            {children()}
            <div class="actions">
                <a class="button primary" href="/">
                    "Go to the start"
                </a>
                <a class="button" href="/help">
                    "Help"
                </a>
            </div>
        </section>
    }
}

/// There is nothing at that address.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NotFound;

impl Page for NotFound {
    const TITLE: &'static str = "Page not found";

    fn status(&self) -> u16 {
        404
    }

    fn draw(self) -> AnyView {
        view! { <NotFoundPage /> }.into_any()
    }
}

/// Why there is no page, and what to name to whoever is asked for help; empty: nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refused(pub Refusal, pub String);

impl Page for Refused {
    const TITLE: &'static str = "Something went wrong";

    fn title(&self) -> String {
        refused_title(&self.0).to_owned()
    }

    fn status(&self) -> u16 {
        self.0.status()
    }

    fn draw(self) -> AnyView {
        view! { <RefusedPage refusal=self.0 help=self.1 /> }.into_any()
    }
}
