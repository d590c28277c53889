//! The layout: skip link, top bar, messages, the page, the foot.

use desk::{Action, LocalState, Refusal};
use leptos::ev;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;

use super::PageContext;
use super::bar::TopBar;
use crate::components::{Day, NoticeBox, NoticeKind};
use crate::live::{self, LiveEvent};
use crate::login::LogInPage;
use crate::pages::Page as _;

/// What is around every page.
#[component]
pub fn Layout(
    /// The page is one of Admin's.
    in_admin: bool,
    /// The page.
    children: Children,
) -> impl IntoView {
    let context = PageContext::get();
    let narrow = if context.path() == LogInPage::PATH { "narrow" } else { "" };
    come_to_life(context);
    search_by_slash(context);
    view! {
        <a class="skip" href="#main">
            "Skip to content"
        </a>
        <TopBar in_admin />
        <main id="main" class=narrow tabindex="-1">
            <InitialNotice />
            <Live />
            {children()}
        </main>
        <footer class="foot">
            <p>"Latchkey · auth tokens and local passwords"</p>
        </footer>
        <Show when=move || context.lost.get()>
            <p class="banner" role="status">
                "The connection to Latchkey is lost. Trying again …"
            </p>
        </Show>
    }
    .into_any()
}

/// A notice on every page, while one has only an initial local password.
#[component]
fn InitialNotice() -> impl IntoView {
    let context = PageContext::get();
    let lapses = Memo::new(move |_| {
        context
            .me
            .with(|me| me.as_ref().map(|me| me.local.clone()))
            .filter(|local| local.state == LocalState::Initial)
    });
    let lapsed = move |at| context.now.get() >= at;
    move || {
        lapses.get().map(|local| match local.lapses_at {
            Some(at) if lapsed(at) => view! {
                <NoticeBox notice=crate::components::Notice::bad(
                    Refusal::InitialLapsed(context.layout(|layout| layout.ask)).to_string(),
                ) />
            }
            .into_any(),
            // There is no form while it is closed.
            _ if context.closed().is_some() => ().into_any(),
            at => {
                let (before, link, after, by) = if local.is_weak_import() {
                    let why = "Your password from Request Tracker is too weak to go on with: ";
                    (why, "choose another", String::new(), " by ")
                } else {
                    let whose = format!(": the initial one set by {}", local.set_by);
                    ("", "Choose your own local password", whose, " lapses on ")
                };
                view! {
                    <div class="notice" data-kind="warn">
                        <p>
                            {before} <a href="/settings/about-me">{link}</a> {after}
                            {at
                                .map(|at| {
                                    view! {
                                        {by}
                                        <Day at />
                                    }
                                })} "."
                        </p>
                    </div>
                }
                .into_any()
            }
        })
    }
}

/// The one live region: what was done (`status`) and what was refused (`alert`).
#[component]
fn Live() -> impl IntoView {
    let announced = PageContext::get().announced;
    let bad = move |notice: &crate::components::Notice| notice.kind == NoticeKind::Bad;
    let polite = move || {
        announced.get().filter(|notice| !bad(notice)).map(|notice| view! { <NoticeBox notice /> })
    };
    let urgent = move || announced.get().filter(bad).map(|notice| view! { <NoticeBox notice /> });
    view! {
        <div class="live">
            <div role="status">{polite}</div>
            <div role="alert">{urgent}</div>
        </div>
    }
}

/// Once the script runs: the clock ticks and the news come in.
fn come_to_life(context: PageContext) {
    Effect::new(move || {
        // Not before everything that the server sent has come to life: until then the page is as it
        // was sent.
        request_animation_frame(move || {
            context.awake.set(true);
            if let Some(page) = document().document_element() {
                let _ = page.set_attribute("data-hydrated", "");
            }
            context.start_clock();
        });
    });
    let known = Memo::new(move |_| context.me.with(Option::is_some));
    Effect::new(move || {
        if !known.get() {
            return;
        }
        live::follow(
            format!("/live?since={}", context.made().0),
            Callback::new(move |news| match news {
                LiveEvent::Tokens => context.tokens_changed.update(|n| *n += 1),
                LiveEvent::Account => {
                    context.refresh();
                    context.account_changed.update(|n| *n += 1);
                }
                LiveEvent::Again => {
                    context.refresh();
                    context.tokens_changed.update(|n| *n += 1);
                    context.account_changed.update(|n| *n += 1);
                }
                LiveEvent::Ended => context.check_session(),
            }),
        );
    });
}

/// `/` leads to the search for people from anywhere, for whoever may search: the Help Desk has
/// somebody on the phone.
fn search_by_slash(context: PageContext) {
    Effect::new(move || {
        let heard = window_event_listener(ev::keydown, move |event| {
            if event.key() != "/"
                || event.ctrl_key()
                || event.meta_key()
                || event.alt_key()
                || is_typed_into(&event)
            {
                return;
            }
            if let Some(search) = document()
                .get_element_by_id(SEARCH)
                .and_then(|search| search.dyn_into::<web_sys::HtmlInputElement>().ok())
            {
                event.prevent_default();
                search.select();
                let _ = search.focus();
            } else if context.denied(Action::FindUsers).is_none() {
                event.prevent_default();
                context.go("/admin/users");
            }
        });
        on_cleanup(move || heard.remove());
    });
}

/// The id of the search box.
pub(crate) const SEARCH: &str = "user-query";

/// Whether the key is text for a field, or a dialog waits for an answer.
fn is_typed_into(event: &web_sys::KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|target| target.matches("input, select, textarea").unwrap_or_default())
        || document().query_selector("dialog[open]").is_ok_and(|dialog| dialog.is_some())
}

/// A focused button that went with what it was for leaves the focus nowhere: the page gets it.
pub(crate) fn keep_focus() {
    let nowhere = document().active_element().is_none_or(|active| active.tag_name() == "BODY");
    if nowhere {
        focus_page();
    }
}

/// Screen readers begin to read where the focus is.
fn focus_page() {
    let main = document()
        .get_element_by_id("main")
        .and_then(|main| main.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(main) = main {
        let _ = main.focus();
    }
}
