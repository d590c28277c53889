//! The endless list: more rows as its end comes into sight, or by the link **Older**, which is all
//! there is without script.

use desk::{AuditQuery, AuditRow};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsCast;
use leptos::wasm_bindgen::closure::Closure;
use web_sys::IntersectionObserver;

use super::api::{ListAudit, Listed};
use super::filters::written;
use super::table::{head, line};
use crate::client::call;
use crate::components::{Notice, NoticeBox};
use crate::layout::PageContext;
use crate::paths::escape;

#[component]
pub(super) fn Rows(first: Listed) -> impl IntoView {
    let Listed { query, page, slips } = first;
    let newest = (!query.before.is_empty()).then(|| {
        view! {
            <a class="button" href=format!("/admin/audit{}", written(&query))>
                "Newest"
            </a>
        }
    });
    let list = Endless {
        query: StoredValue::new(query),
        rows: RwSignal::new(page.rows),
        next: RwSignal::new(page.next),
        busy: RwSignal::new(false),
    };
    let link = NodeRef::<html::A>::new();
    when_seen(link, move || list.more());
    let older = move || {
        list.next.get().map(|before| {
            let clicked = move |event: leptos::ev::MouseEvent| {
                event.prevent_default();
                list.more();
            };
            let busy = move || list.busy.get().then_some("true");
            view! {
                <a
                    class="button"
                    node_ref=link
                    href=list.address(&before)
                    aria-busy=busy
                    on:click=clicked
                >
                    "Older"
                </a>
            }
        })
    };
    view! {
        {slips.map(|notice| view! { <NoticeBox notice /> })}
        <Show
            when=move || !list.rows.with(Vec::is_empty)
            fallback=|| view! { <p class="empty">"No rows match these filters."</p> }
        >
            <div class="scroll">
                <table class="stack audit">
                    {head()} <tbody>
                        <For each=move || list.rows.get() key=|row| row.id.clone() children=line />
                    </tbody>
                </table>
            </div>
        </Show>
        <nav class="pages" aria-label="Pages">
            {newest}
            {older}
        </nav>
    }
}

#[derive(Clone, Copy)]
struct Endless {
    query: StoredValue<AuditQuery>,
    rows: RwSignal<Vec<AuditRow>>,
    next: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
}

impl Endless {
    fn more(self) {
        let Some(before) = self.next.get_untracked().filter(|_| !self.busy.get_untracked()) else {
            return;
        };
        self.busy.set(true);
        let context = PageContext::get();
        let query = self.query_after(&before);
        spawn_local(async move {
            let answer = call::<ListAudit>(&[("query", &query)]).await;
            if self.busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(Listed { page, .. }) => {
                    self.rows.update(|rows| rows.extend(page.rows));
                    self.next.set(page.next);
                }
                Err(error) if error.0 == desk::Refusal::SessionEnded => context.session_ended(),
                Err(error) => context.say(Notice::bad(error.to_string())),
            }
        });
    }

    fn address(self, before: &str) -> String {
        format!("/admin/audit?{}", self.query_after(before))
    }

    /// The query of the address whose rows begin after this one.
    fn query_after(self, before: &str) -> String {
        let filters = self.query.with_value(written);
        let filters =
            filters.strip_prefix('?').map(|filters| format!("{filters}&")).unwrap_or_default();
        format!("{filters}before={}", escape(before))
    }
}

/// Calls `act` whenever the element comes into sight. Each page of rows brings a new one.
fn when_seen(node: NodeRef<html::A>, act: impl Fn() + Clone + 'static) {
    let owner = Owner::current();
    Effect::new(move |_| {
        let Some(element) = node.get() else { return };
        let (act, owner) = (act.clone(), owner.clone());
        let seen = Closure::<dyn Fn(js_sys::Array)>::new(move |entries: js_sys::Array| {
            let visible = |entry: leptos::wasm_bindgen::JsValue| {
                entry.unchecked_into::<web_sys::IntersectionObserverEntry>().is_intersecting()
            };
            if let Some(owner) = owner.as_ref().filter(|_| entries.iter().any(visible)) {
                owner.with(&act);
            }
        });
        if let Ok(observer) = IntersectionObserver::new(seen.as_ref().unchecked_ref()) {
            observer.observe(&element);
            let watch = StoredValue::new_local((observer, seen));
            on_cleanup(move || {
                let _ = watch.try_with_value(|(observer, _)| observer.disconnect());
            });
        }
    });
}
