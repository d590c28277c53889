//! **Auth Tokens** on a person's page: what they have, without the secrets, for those who may see
//! it; revoking, and letting work again what a directory's word had ended. Tests:
//! `end2end/tests/user-page.spec.ts`, `live.spec.ts`.

use desk::{TokenView, UserPage};
use leptos::prelude::*;
use server_fn::ServerFn;

use super::api::{RestoreTokensOf, RevokeAllTokensOf, RevokeTokenOf};
use super::confirm::Confirm;
use crate::admin::words::FormNames;
use crate::components::TokenFacts;
use crate::forms::Done;
use crate::layout::PageContext;

/// Their auth tokens, for those who may see them; the secrets are nobody's to see.
#[component]
pub(super) fn Tokens(
    netid: StoredValue<String>,
    page: RwSignal<UserPage>,
    done: Callback<Done>,
) -> impl IntoView {
    let seen = Memo::new(move |_| page.with(|page| page.tokens.is_some()));
    move || seen.get().then(|| view! { <TokenList netid page done /> })
}

#[component]
fn TokenList(
    netid: StoredValue<String>,
    page: RwSignal<UserPage>,
    done: Callback<Done>,
) -> impl IntoView {
    let now = PageContext::get().now;
    let all = Memo::new(move |_| page.with(|page| page.tokens.clone().unwrap_or_default()));
    let live = Memo::new(move |_| {
        all.get().into_iter().filter(|token| token.is_live(now.get())).collect::<Vec<_>>()
    });
    let over = Memo::new(move |_| {
        all.get().into_iter().filter(|token| !token.is_live(now.get())).collect::<Vec<_>>()
    });
    let may_revoke = Memo::new(move |_| page.with(|page| page.revoke_denied.is_none()));
    let denied = move || page.with(|page| page.revoke_denied.filter(|_| !all.with(Vec::is_empty)));
    let revoke_all =
        move || (may_revoke.get() && !live.with(Vec::is_empty)).then(|| revoke_all(netid, done));
    let may_restore = Memo::new(move |_| {
        page.with(|page| {
            page.administer_denied.is_none() && page.user.privileged && !page.user.disabled
        })
    });
    let restore = move || {
        let taken =
            over.with(|over| over.iter().filter(|token| token.is_restorable(now.get())).count());
        (may_restore.get() && taken > 0).then(|| restore(netid, page, taken, done))
    };
    view! {
        <section class="box" aria-labelledby="tokens">
            <header class="page">
                <h2 id="tokens">"Auth Tokens"</h2>
                {restore}
                {revoke_all}
            </header>
            {move || denied().map(|denied| view! { <p class="muted">{denied.to_string()}</p> })}
            <Show when=move || live.with(Vec::is_empty)>
                <p class="empty">
                    {move || {
                        if over.with(Vec::is_empty) {
                            "No auth tokens yet."
                        } else {
                            "No working auth tokens."
                        }
                    }}
                </p>
            </Show>
            <ul class="cards">
                <For each=move || live.get() key=|token| token.id.clone() let:token>
                    <TokenCard netid token all may_revoke done />
                </For>
            </ul>
            <Show when=move || !over.with(Vec::is_empty)>
                <details class="fold">
                    <summary>
                        {move || format!("Expired and revoked ({})", over.with(Vec::len))}
                    </summary>
                    <ul class="cards">
                        <For each=move || over.get() key=|token| token.id.clone() let:token>
                            <li class="card" data-state="over">
                                <h3>{token.description.clone()}</h3>
                                <TokenFacts token=Memo::new(move |_| token.clone()) />
                            </li>
                        </For>
                    </ul>
                </details>
            </Show>
        </section>
    }
}

fn revoke_all(netid: StoredValue<String>, done: Callback<Done>) -> impl IntoView {
    let question = format!(
        "Revoke all auth tokens of {}? The applications using them stop working at once.",
        netid.get_value()
    );
    view! {
        <Confirm
            name=FormNames::REVOKE_ALL
            to=RevokeAllTokensOf::PATH
            opener="Revoke all"
            question=question
            submit="Revoke all tokens"
            hidden=vec![("netid", netid.get_value())]
            done=done
        />
    }
}

/// Of as many as a directory's word has `taken`.
fn restore(
    netid: StoredValue<String>,
    page: RwSignal<UserPage>,
    taken: usize,
    done: Callback<Done>,
) -> impl IntoView {
    let whose = page.with(|page| match (&page.former, &page.holder) {
        (Some(former), Some(now)) => {
            format!(" They belonged to {former}; the NetID now belongs to {now}.")
        }
        _ => String::new(),
    });
    let question = format!(
        "Restore the {taken} auth token{} of {} that the campus directory revoked?{whose}",
        if taken == 1 { "" } else { "s" },
        netid.get_value(),
    );
    view! {
        <Confirm
            name=FormNames::RESTORE
            to=RestoreTokensOf::PATH
            opener="Restore"
            question=question
            submit="Restore tokens"
            hidden=vec![("netid", netid.get_value())]
            done=done
        />
    }
}

#[component]
fn TokenCard(
    netid: StoredValue<String>,
    token: TokenView,
    all: Memo<Vec<TokenView>>,
    may_revoke: Memo<bool>,
    done: Callback<Done>,
) -> impl IntoView {
    let id = token.id.clone();
    let title_id = format!("token-{id}");
    let description = token.description.clone();
    // The card stays while the token is used; only its facts change.
    let newest = Memo::new(move |_| {
        all.with(|all| {
            all.iter().find(|other| other.id == token.id).cloned().unwrap_or_else(|| token.clone())
        })
    });
    let revoke = {
        let (description, title_id) = (description.clone(), title_id.clone());
        move || {
            may_revoke.get().then(|| {
                let question = format!(
                    "Revoke {description}? The application using it stops working at once."
                );
                let hidden = vec![("netid", netid.get_value()), ("id", id.to_string())];
                view! {
                    <Confirm
                        name=FormNames::revoke(id.as_str())
                        to=RevokeTokenOf::PATH
                        opener="Revoke"
                        about=title_id.clone()
                        question=question
                        submit="Revoke token"
                        hidden=hidden
                        done=done
                    />
                }
            })
        }
    };
    view! {
        <li class="card">
            <h3 id=title_id>{description}</h3>
            <TokenFacts token=newest />
            {revoke}
        </li>
    }
}
