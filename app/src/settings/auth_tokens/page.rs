use desk::Action;
use leptos::html::Button;
use leptos::prelude::*;

use super::api::{CREATE, REVOKE_ALL, Tokens, edit_form, revoke_form};
use super::card::Card;
use super::create::CreateForm;
use super::fresh::FreshToken;
use super::list::{Ask, List};
use super::revoke::Question;
use crate::forms::Opener;
use crate::frame::Visit;
use crate::settings::{Tabs, WhyNot};

/// **Auth Tokens**.
#[component]
pub(crate) fn AuthTokensPage(
    /// The tokens, newest first.
    told: Tokens,
) -> impl IntoView {
    let visit = Visit::get();
    let list = List::new(told);
    provide_context(list);
    open_what_was_asked(visit, list);
    Effect::watch(move || visit.tokens_changed.get(), move |_, _, _| list.reload(), false);

    let denied = Memo::new(move |_| visit.denied(Action::ManageOwnTokens));
    let create_button = NodeRef::<Button>::new();
    let back = Callback::new(move |()| {
        list.creating.set(false);
        list.fresh.set(None);
        visit.forget_query();
        request_animation_frame(move || drop(create_button.get_untracked().map(|button| button.focus())));
    });
    let live = list.ids(true);
    let over = list.ids(false);
    let allowed = move || denied.get().is_none();
    view! {
        <Tabs here="/settings/auth-tokens"/>
        <header class="page">
            <h1>"Auth Tokens"</h1>
            <p class="lede">"One for each application that logs in as you. Any of them can be revoked without disturbing the rest."</p>
            <Show when=allowed>
                <div class="actions">
                    <Show when=move || !list.creating.get()>
                        <Opener
                            name="create" label="Create token" class="primary" node=create_button
                            opened=Callback::new(move |()| list.creating.set(true))
                        />
                    </Show>
                    <Show when=move || !live.with(Vec::is_empty)>
                        <Opener name=REVOKE_ALL label="Revoke all" opened=Callback::new(move |()| list.asking.set(Some(Ask::RevokeAll)))/>
                    </Show>
                </div>
            </Show>
        </header>
        {move || denied.get().map(|denied| view! { <WhyNot denied/> })}
        <Show when=move || list.creating.get() && allowed()><CreateForm closed=back/></Show>
        {move || list.fresh.get().map(|fresh| view! { <FreshToken fresh done=back/> })}
        <Show when=move || live.with(Vec::is_empty) && list.fresh.with(Option::is_none)>
            <p class="empty">"No auth tokens yet."</p>
        </Show>
        <Show when=move || list.all.with(|all| !all.is_empty())><h2 class="visually-hidden">"Your tokens"</h2></Show>
        <ul class="cards">
            <For each=move || live.get() key=String::clone let:id><Card id may_change=Signal::derive(allowed)/></For>
        </ul>
        <Show when=move || !over.with(Vec::is_empty)>
            <details class="fold">
                <summary>{move || format!("Expired and revoked ({})", over.with(Vec::len))}</summary>
                <ul class="cards">
                    <For each=move || over.get() key=String::clone let:id><Card id may_change=Signal::stored(false)/></For>
                </ul>
            </details>
        </Show>
        {move || list.asking.get().filter(|_| allowed()).map(|ask| view! { <Question ask/> })}
    }
    .into_any()
}

/// Opens what the address names (without script that is how a form opens), and what was refused a moment ago.
fn open_what_was_asked(visit: Visit, list: List) {
    list.creating.set(visit.query("create").is_some() || visit.has_outcome(CREATE));
    let ids: Vec<String> = list.all.with_untracked(|all| all.iter().map(|token| token.id.clone()).collect());
    let named = |key: &str, form: fn(&str) -> String| {
        let asked = visit.query(key);
        ids.iter().find(|id| asked.as_ref() == Some(*id) || visit.has_outcome(&form(id))).cloned()
    };
    list.editing.set(named("edit", edit_form));
    let revoke = named("revoke", revoke_form).map(Ask::Revoke);
    let revoke_all = (visit.query(REVOKE_ALL).is_some() || visit.has_outcome(REVOKE_ALL)).then_some(Ask::RevokeAll);
    list.asking.set(revoke.or(revoke_all));
}
