//! The facts of a token as its card shows them: access, making, use, end, networks. Tests:
//! `end2end/tests/{auth-tokens,structure}.spec.ts`.

use desk::{Access, IDLE_DAYS, Moment, Revoked, TokenView, Used};
use leptos::prelude::*;

use super::{Ago, Ahead, Day, Spark};
use crate::layout::PageContext;

/// Access, making, the start of the id, by which logs name it, use with its bars, end and networks:
/// each drawn anew only when it changes. The id is not the last, which often stands on a line of
/// its own. Below them from which networks it was used, as the server has drawn it.
#[component]
pub fn TokenFacts(
    /// The token as it is now.
    token: Memo<TokenView>,
) -> impl IntoView {
    let now = PageContext::get().now;
    let used = Memo::new(move |_| token.with(|token| token.used.clone()));
    let revoked = Memo::new(move |_| token.with(|token| token.revoked.clone()));
    let expires = Memo::new(move |_| token.with(|token| token.expires));
    let expired = Memo::new(move |_| expires.get().is_some_and(|at| at <= now.get()));
    let idle = Memo::new(move |_| token.with(|token| token.is_idle(now.get())));
    let soon = Memo::new(move |_| token.with(|token| token.ends_soon(now.get())));
    let days = Memo::new(move |_| token.with(|token| token.days.clone()));
    let ahead = Memo::new(move |_| {
        token.with(|token| token.is_live(now.get()) && token.is_ahead(now.get()))
    });
    let waits = Memo::new(move |_| token.with(|token| token.waits));
    let networks = Memo::new(move |_| token.with(|token| token.networks.clone()));
    let used_from = Memo::new(move |_| token.with(|token| token.used_from.clone()));
    let access = move || match token.with(|token| token.access) {
        Access::Full => view! { <span>"Full access"</span> }.into_any(),
        Access::Read => view! { <span class="badge">"Read only"</span> }.into_any(),
    };
    let used = move || used_words(used.get());
    let end = move || end_words(revoked.get(), expires.get(), expired.get());
    let id = token.with_untracked(|token| token.id.short().get(..8).unwrap_or_default().to_owned());
    let from_rt = token
        .with_untracked(|token| token.from_rt)
        .then(|| view! { <span class="badge">"From Request Tracker"</span> });
    view! {
        <p class="facts">
            {access} <span>"Created "<Day at=token.with_untracked(|token| token.created) /></span>
            <span>"Id "{id}</span> <span>{used}</span> <Spark days /> {from_rt}
            <span class=move || if soon.get() { "badge" } else { "" } data-kind="warn">
                {end}
            </span>
            {move || waits.get().then(|| warning("Refused until its owner logs in"))}
            {move || ahead.get().then(|| warning("Refused: made by a clock that was ahead"))}
            {move || idle.get().then(|| warning(format!("Unused for {IDLE_DAYS} days")))}
            {move || {
                Some(networks.get())
                    .filter(|networks| !networks.is_empty())
                    .map(|networks| view! { <span>"From "{networks}</span> })
            }}
        </p>
        {move || {
            Some(used_from.get())
                .filter(|html| !html.is_empty())
                .map(|html| view! { <div inner_html=html /> })
        }}
    }
    .into_any()
}

fn warning(words: impl Into<String>) -> AnyView {
    view! {
        <span class="badge" data-kind="warn">
            {words.into()}
        </span>
    }
    .into_any()
}

fn used_words(used: Option<Used>) -> AnyView {
    let Some(used) = used else { return "Never used".into_any() };
    // A client that introspects need not say from where.
    let from = (!used.address.is_empty()).then(|| format!(" from {}", used.address));
    view! {
        "Used "
        <Ago at=used.at />
        {from}
    }
    .into_any()
}

fn end_words(revoked: Option<Revoked>, expires: Option<Moment>, expired: bool) -> AnyView {
    match (revoked, expires) {
        (Some(revoked), _) => view! {
            "Revoked "
            <Ago at=revoked.at />
            " by "
            {revoked.by.words()}
        }
        .into_any(),
        (None, Some(at)) if expired => view! {
            "Expired "
            <Ago at />
        }
        .into_any(),
        (None, Some(at)) => view! {
            "Expires "
            <Ahead at />
        }
        .into_any(),
        (None, None) => "Never expires".into_any(),
    }
}
