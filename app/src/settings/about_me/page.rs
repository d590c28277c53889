//! The page About Me.

use leptos::prelude::*;

use super::access_control::AccessControl;
use crate::layout::PageContext;
use crate::settings::Tabs;
use serde::{Deserialize, Serialize};

use crate::pages::Page;

/// **About Me**: what the directory says of the person, and beside it their access.
#[component]
pub(crate) fn AboutMePage() -> impl IntoView {
    view! {
        <Tabs current=AboutMe::PATH />
        <header class="page">
            <h1>"About Me"</h1>
        </header>
        <div class="columns">
            <Identity />
            <AccessControl />
        </div>
    }
}

/// What the directory says.
#[component]
fn Identity() -> impl IntoView {
    let me = PageContext::get().me;
    let fact = move |read: fn(&desk::Me) -> String| {
        move || me.with(|me| me.as_ref().map(read)).unwrap_or_default()
    };
    view! {
        <section class="box" aria-labelledby="identity">
            <h2 id="identity">"Identity"</h2>
            <dl class="facts">
                <dt>"Name"</dt>
                <dd>{fact(|me| me.name.clone())}</dd>
                <dt>"NetID"</dt>
                <dd>{fact(|me| me.netid.clone())}</dd>
                <dt>"E-mail"</dt>
                <dd>
                    {fact(|me| {
                        if me.email.is_empty() { "–".to_owned() } else { me.email.clone() }
                    })}
                </dd>
                <dt>"Role"</dt>
                <dd>{fact(|me| me.role.title().to_owned())}</dd>
            </dl>
            <p class="muted">
                "As your directory says. If something is wrong, tell the Help Desk."
            </p>
        </section>
    }
}

/// The page: what it shows, every page knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AboutMe;

impl Page for AboutMe {
    const TITLE: &'static str = "About Me";
    const PATH: &'static str = "/settings/about-me";
    const TAB: &'static str = Self::TITLE;

    fn draw(self) -> AnyView {
        view! { <AboutMePage /> }.into_any()
    }
}

#[cfg(feature = "ssr")]
impl crate::server::pages::PageRoute for AboutMe {
    async fn load(
        _: &crate::server::RequestContext,
    ) -> Result<crate::server::pages::Loaded<Self>, desk::Refusal> {
        use crate::server::pages::Loaded;
        Ok(Loaded::Page(Self))
    }
}
