//! The top bar.

use desk::Action;
use leptos::ev;
use leptos::html::Details;
use leptos::prelude::*;
use server_fn::ServerFn as _;

use super::PageContext;
use super::theme::ThemeSwitch;
use crate::forms::Form;
use crate::login::LogOut;

/// Where one is, and who.
#[component]
pub(super) fn TopBar(
    /// The page that is open is one of Admin's.
    in_admin: bool,
) -> impl IntoView {
    let context = PageContext::get();
    let admin = Memo::new(move |_| context.denied(Action::FindUsers).is_none());
    let netid = Memo::new(move |_| context.me.with(|me| me.as_ref().map(|me| me.netid.clone())));
    let current = in_admin.then_some("true");
    view! {
        <header class="top">
            <a class="brand" href="/">
                "Latchkey"
            </a>
            <Show when=move || admin.get()>
                <nav aria-label="Main">
                    <a href="/admin/users" aria-current=current>
                        "Admin"
                    </a>
                </nav>
            </Show>
            <ThemeSwitch />
            {move || match netid.get() {
                Some(netid) => view! { <Menu netid /> }.into_any(),
                None => {
                    view! {
                        <a class="button" href="/login">
                            "Log in"
                        </a>
                    }
                        .into_any()
                }
            }}
        </header>
    }
}

/// **Logged in as …**: opens and closes by itself, with and without script.
#[component]
pub(crate) fn Menu(netid: String) -> impl IntoView {
    let menu = NodeRef::<Details>::new();
    let close = move || {
        menu.get_untracked()
            .filter(|menu| menu.has_attribute("open"))
            .inspect(|menu| drop(menu.remove_attribute("open")))
            .is_some()
    };
    Effect::new(move || {
        let outside = window_event_listener(ev::pointerdown, move |event| {
            let at = event.target().map(|target| event_node(&target));
            if menu.get_untracked().is_some_and(|menu| !menu.contains(at.flatten().as_ref())) {
                close();
            }
        });
        let escape = window_event_listener(ev::keydown, move |event| {
            if event.key() == "Escape" && close() {
                let summary = menu
                    .get_untracked()
                    .and_then(|menu| menu.query_selector("summary").ok().flatten());
                let summary = summary.and_then(|summary| {
                    leptos::wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(summary).ok()
                });
                if let Some(summary) = summary {
                    let _ = summary.focus();
                }
            }
        });
        on_cleanup(move || {
            outside.remove();
            escape.remove();
        });
    });
    let link = |path: &'static str, words: &'static str| {
        view! {
            <li>
                <a href=path>{words}</a>
            </li>
        }
    };
    view! {
        <details class="menu" node_ref=menu>
            <summary>"Logged in as " {netid}</summary>
            <ul>
                {link("/settings/about-me", "Settings")} {link("/settings/about-me", "About Me")}
                {link("/settings/auth-tokens", "Auth Tokens")}
                {link("/settings/sessions", "Sessions")} {link("/help", "Help")} <li>
                    <Form to=LogOut::PATH name="log-out" class="">
                        <button type="submit" class="plain">
                            "Log out"
                        </button>
                    </Form>
                </li>
            </ul>
        </details>
    }
}

fn event_node(target: &web_sys::EventTarget) -> Option<web_sys::Node> {
    leptos::wasm_bindgen::JsCast::dyn_ref::<web_sys::Node>(target).cloned()
}
